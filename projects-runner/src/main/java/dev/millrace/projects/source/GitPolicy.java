package dev.millrace.projects.source;

import dev.millrace.platform.error.MillraceException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.eclipse.jgit.transport.URIish;
import org.jspecify.annotations.Nullable;

/**
 * Which repositories this server may fetch. Users choose the URLs, and this server connects to
 * them: without this, it would connect into the network it stands in. It holds for what a project
 * asks for, for redirects and for submodules alike.
 *
 * @param schemes among {@code https}, {@code ssh}, {@code http} and {@code file}
 * @param hosts in lower case; {@code *} for any, {@code *.example.com} for those below
 * @param allowPrivate whether hosts need not be on the public internet
 * @param logins what is sent to hosts that ask for a user and a password; nothing else is
 * @param ssh how this server shows itself by ssh; null if it does not
 */
public record GitPolicy(
    Set<String> schemes,
    List<String> hosts,
    boolean allowPrivate,
    List<GitLogin> logins,
    @Nullable GitSsh ssh) {

  /** Any host of the public internet by https, without logins. */
  public static final GitPolicy DEFAULT =
      new GitPolicy(Set.of("https"), List.of("*"), false, List.of(), null);

  /**
   * Reads settings.
   *
   * @param schemes comma-separated, like hosts
   * @param logins a file with a URL a line, as Git's own credential store has it: {@code
   *     https://user:password@host}; null for none
   * @param ssh null for none
   * @throws IllegalArgumentException if the file cannot be read, or a scheme does not work
   */
  public static GitPolicy of(
      String schemes,
      String hosts,
      boolean allowPrivate,
      @Nullable Path logins,
      @Nullable GitSsh ssh) {
    Set<String> some = Set.copyOf(HostRules.list(schemes));
    if (!Set.of("https", "ssh", "http", "file").containsAll(some)) {
      throw new IllegalArgumentException(
          "Git works by https, ssh, http and file, not all of " + some);
    }
    if (some.contains("ssh") && ssh == null) {
      throw new IllegalArgumentException("Git by ssh needs git-ssh-key and git-ssh-known-hosts");
    }
    List<GitLogin> found = new ArrayList<>();
    try {
      for (String line : logins == null ? List.<String>of() : Files.readAllLines(logins)) {
        if (!line.isBlank()) {
          URIish uri = new URIish(line.strip());
          if (uri.getHost() == null || uri.getUser() == null || uri.getPass() == null) {
            throw new IllegalArgumentException("A line of %s is no login".formatted(logins));
          }
          found.add(
              new GitLogin(uri.getHost().toLowerCase(Locale.ROOT), uri.getUser(), uri.getPass()));
        }
      }
    } catch (IOException | URISyntaxException e) {
      // Its message may hold a password.
      throw new IllegalArgumentException("Logins cannot be read from " + logins);
    }
    return new GitPolicy(some, HostRules.list(hosts), allowPrivate, List.copyOf(found), ssh);
  }

  /** The same without logins. */
  HostRules rules() {
    return new HostRules(schemes, hosts, allowPrivate);
  }

  /**
   * Reads the URL of a repository.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if it is none, or may not be fetched from
   */
  URIish parse(String url) {
    URIish uri;
    try {
      uri = new URIish(url);
    } catch (URISyntaxException e) {
      throw MillraceException.invalidParameter("The project's URI is no URL of a Git repository.");
    }
    // git@host:path
    String scheme = uri.getScheme() == null && uri.getHost() != null ? "ssh" : uri.getScheme();
    if (scheme == null) {
      throw MillraceException.invalidParameter(
          "The project's URI must be an archive that was uploaded, or the URL of a Git repository:"
              + " https://host/path.");
    }
    String problem = problem(scheme, uri.getHost());
    if (problem != null) {
      throw MillraceException.invalidParameter(problem);
    }
    return uri;
  }

  /** What is wrong with a scheme and host; null if nothing is. */
  @Nullable String problem(String scheme, @Nullable String host) {
    if (!rules().allowsScheme(scheme)) {
      return "Git repositories may be fetched by %s only.".formatted(rules().schemeNames());
    }
    if (scheme.equalsIgnoreCase("file")) {
      return null;
    }
    if (host == null || host.isEmpty()) {
      return "The URL of the Git repository has no host.";
    }
    return rules().allowsHost(host)
        ? null
        : "No Git repository may be fetched from %s.".formatted(host.toLowerCase(Locale.ROOT));
  }
}
