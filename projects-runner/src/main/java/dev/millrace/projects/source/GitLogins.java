package dev.millrace.projects.source;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.eclipse.jgit.transport.CredentialItem;
import org.eclipse.jgit.transport.CredentialsProvider;
import org.eclipse.jgit.transport.URIish;

/**
 * Answers hosts that ask who this is: with what the URL says, else with what is configured for
 * exactly this host. Nobody is asked, nothing of the machine is read.
 */
final class GitLogins extends CredentialsProvider {

  private final List<GitLogin> logins;
  private final URIish remote;

  GitLogins(List<GitLogin> logins, URIish remote) {
    this.logins = logins;
    this.remote = remote;
  }

  @Override
  public boolean isInteractive() {
    return false;
  }

  @Override
  public boolean supports(CredentialItem... items) {
    for (CredentialItem item : items) {
      if (!(item instanceof CredentialItem.Username)
          && !(item instanceof CredentialItem.Password)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public boolean get(URIish asking, CredentialItem... items) {
    String host = Objects.requireNonNullElse(asking.getHost(), "").toLowerCase(Locale.ROOT);
    GitLogin login = null;
    if (remote.getPass() != null && host.equalsIgnoreCase(remote.getHost())) {
      login =
          new GitLogin(host, Objects.requireNonNullElse(remote.getUser(), ""), remote.getPass());
    }
    for (GitLogin each : logins) {
      // Never in the clear: whoever listens would have it for good.
      if (login == null && each.host().equals(host) && "https".equals(asking.getScheme())) {
        login = each;
      }
    }
    if (login == null || !supports(items)) {
      return false;
    }
    for (CredentialItem item : items) {
      switch (item) {
        case CredentialItem.Username user -> user.setValue(login.user());
        case CredentialItem.Password password -> password.setValue(login.password().toCharArray());
        default -> {}
      }
    }
    return true;
  }
}
