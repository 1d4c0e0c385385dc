package dev.millrace.projects.source;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.error.PythonText;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.eclipse.jgit.dircache.DirCache;
import org.eclipse.jgit.dircache.DirCacheCheckout;
import org.eclipse.jgit.dircache.InvalidPathException;
import org.eclipse.jgit.errors.ConfigInvalidException;
import org.eclipse.jgit.errors.NotSupportedException;
import org.eclipse.jgit.errors.TransportException;
import org.eclipse.jgit.lib.BlobBasedConfig;
import org.eclipse.jgit.lib.Config;
import org.eclipse.jgit.lib.ConfigConstants;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.RefUpdate;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.lib.StoredConfig;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.eclipse.jgit.transport.FetchConnection;
import org.eclipse.jgit.transport.RefSpec;
import org.eclipse.jgit.transport.SshTransport;
import org.eclipse.jgit.transport.TagOpt;
import org.eclipse.jgit.transport.Transport;
import org.eclipse.jgit.transport.TransportHttp;
import org.eclipse.jgit.transport.URIish;
import org.eclipse.jgit.transport.sshd.SshdSessionFactory;
import org.eclipse.jgit.treewalk.TreeWalk;
import org.jspecify.annotations.Nullable;

/**
 * A Git repository that holds a project. Of its history only the newest commit is fetched where the
 * host allows that. Submodules come with it; hooks, filters and large file storage do not.
 */
public final class GitRepository {

  private static final int MAX_SUBMODULE_DEPTH = 5;
  private static final int MAX_SUBMODULES = 50;
  private static final int PATIENCE_SECONDS = 30;
  private static final Pattern COMMIT = Pattern.compile("[0-9a-fA-F]{7,40}");
  private static final String FETCHED = "refs/millrace/fetched";

  private final GitPolicy policy;
  private final SourceLimits limits;
  private final Subdirectory source;
  private final URIish uri;
  private final @Nullable String version;

  /**
   * @param uri of the repository; what is behind {@code #} is a subdirectory
   * @param version a branch, tag or commit; null or empty for the host's default branch
   * @param subdirectory the project's folder; null if it is the root, or named by the URI
   * @throws MillraceException INVALID_PARAMETER_VALUE if that is not allowed, or no such thing
   */
  public GitRepository(
      String uri,
      @Nullable String version,
      @Nullable String subdirectory,
      GitPolicy policy,
      SourceLimits limits) {
    GitSystem.install();
    this.policy = policy;
    this.limits = limits;
    this.source = Subdirectory.parse(uri, subdirectory);
    this.uri = policy.parse(source.uri());
    this.version = version == null || version.isEmpty() ? null : version;
  }

  /** What to fetch of a host's repository. */
  private record Wanted(RefSpec ref, boolean isWhole, @Nullable String branch) {}

  /**
   * Fetches it.
   *
   * @param into an empty folder; what is in it after a failure is of no use
   * @throws MillraceException INVALID_PARAMETER_VALUE if it cannot be fetched or is too large;
   *     TEMPORARILY_UNAVAILABLE if its host does not answer, or says that it cannot; INTERNAL_ERROR
   *     if there is no room for it
   */
  public Fetched fetch(Path into) {
    Allowance allowance = new Allowance("The project", limits);
    Path gitFolder = into.resolve(Constants.DOT_GIT);
    try (Checkout checkout = new Checkout(allowance, gitFolder, into)) {
      try {
        checkout.repository(uri, version, into, gitFolder, 0);
      } catch (TransportException | NotSupportedException e) {
        allowance.checkTime();
        throw failed(e, checkout.connections.isAway() || Outage.isAway(e));
      }
      return new Fetched(
          into,
          source.in(into),
          Objects.requireNonNull(checkout.commit).name(),
          plain(uri),
          checkout.branch);
    } catch (InvalidPathException e) {
      throw new MillraceException(
          ErrorCode.INVALID_PARAMETER_VALUE,
          "The Git repository has a file that must not be: " + e.getMessage(),
          e);
    } catch (IOException | ConfigInvalidException e) {
      allowance.checkTime();
      StorageException full = StorageException.find(e);
      if (full != null) {
        throw full.toMillrace();
      }
      throw new MillraceException(
          ErrorCode.INVALID_PARAMETER_VALUE, "The Git repository cannot be read.", e);
    }
  }

  /** Without user and password, but for git@host:path, whose user is no secret. */
  private static String plain(URIish uri) {
    return uri.getScheme() == null ? uri.toString() : uri.setUser(null).setPass(null).toString();
  }

  /**
   * Messages of JGit may repeat the URL, and so a password in it.
   *
   * @param isAway whether that may be all
   */
  private MillraceException failed(Exception e, boolean isAway) {
    StorageException full = StorageException.find(e);
    if (full != null) {
      return full.toMillrace();
    }
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof MillraceException known) {
        return known;
      }
    }
    String problem = String.valueOf(e.getMessage());
    String plain = plain(uri);
    for (String secret : new String[] {uri.toString(), uri.toPrivateString()}) {
      problem = problem.replace(secret, plain);
    }
    if (uri.getPass() != null) {
      problem = problem.replace(uri.getPass(), "***");
    }
    return new MillraceException(
        isAway ? ErrorCode.TEMPORARILY_UNAVAILABLE : ErrorCode.INVALID_PARAMETER_VALUE,
        "The Git repository %s cannot be fetched: %s".formatted(plain, problem),
        e);
  }

  /** One fetch, of a repository and its submodules. */
  private final class Checkout implements AutoCloseable {

    private final Allowance allowance;
    private final GitConnections connections;
    private final GitWatch watch;
    private final Path modules;
    private final Path root;
    private int submodules;
    private @Nullable SshdSessionFactory sessions;
    private @Nullable ObjectId commit;
    private @Nullable String branch;

    Checkout(Allowance allowance, Path gitFolder, Path root) {
      this.allowance = allowance;
      this.connections = new GitConnections(policy, allowance);
      this.watch = new GitWatch(allowance);
      this.modules = gitFolder.resolve("modules");
      this.root = root;
    }

    void repository(
        URIish remote, @Nullable String wantedVersion, Path folder, Path gitFolder, int depth)
        throws IOException, ConfigInvalidException {
      try (Repository repository =
          new FileRepositoryBuilder()
              .setGitDir(gitFolder.toFile())
              .setWorkTree(folder.toFile())
              .build()) {
        repository.create();
        configure(repository, remote);
        Wanted wanted = fetch(repository, remote, wantedVersion);
        try (RevWalk walk = new RevWalk(repository)) {
          ObjectId id = find(repository, wanted, wantedVersion);
          RevCommit found = walk.parseCommit(id);
          setHead(repository, found, wanted.branch());
          checkSize(repository, found);
          checkOut(repository, found);
          if (depth == 0) {
            commit = found.copy();
            branch = wanted.branch();
          }
          submodules(repository, remote, found, folder, depth);
        }
      }
    }

    private ObjectId find(Repository repository, Wanted wanted, @Nullable String wantedVersion) {
      String name = wanted.isWhole() ? String.valueOf(wantedVersion) : FETCHED;
      try {
        ObjectId id = repository.resolve(name + "^{commit}");
        if (id != null) {
          return id;
        }
      } catch (IOException e) {
        // There is no such object, it is no commit, or there are several.
      }
      throw unknownVersion(String.valueOf(wantedVersion));
    }

    private void configure(Repository repository, URIish remote) throws IOException {
      StoredConfig config = repository.getConfig();
      config.setString(
          ConfigConstants.CONFIG_REMOTE_SECTION,
          "origin",
          ConfigConstants.CONFIG_KEY_URL,
          plain(remote));
      config.save();
    }

    private Wanted fetch(Repository repository, URIish remote, @Nullable String wantedVersion)
        throws IOException {
      Wanted wanted;
      Map<String, Ref> refs;
      try (Transport transport = open(repository, remote);
          FetchConnection connection = transport.openFetch()) {
        refs = connection.getRefsMap();
      }
      wanted = wanted(refs, wantedVersion);
      if (!wanted.isWhole()) {
        fetch(repository, remote, List.of(wanted.ref()), 1);
        return wanted;
      }
      if (Objects.requireNonNull(wantedVersion).length() == 40) {
        try {
          fetch(repository, remote, List.of(wanted.ref()), 1);
          return wanted;
        } catch (TransportException e) {
          // The host does not hand out single commits.
          allowance.checkTime();
        }
      }
      fetch(
          repository,
          remote,
          List.of(
              new RefSpec("+refs/heads/*:refs/remotes/origin/*"),
              new RefSpec("+refs/tags/*:refs/tags/*")),
          0);
      return wanted;
    }

    private Wanted wanted(Map<String, Ref> refs, @Nullable String wantedVersion) {
      if (wantedVersion == null) {
        if (!refs.containsKey(Constants.HEAD)) {
          throw MillraceException.invalidParameter(
              "The Git repository names no branch by itself: a version must be given.");
        }
        return new Wanted(new RefSpec("+HEAD:" + FETCHED), false, null);
      }
      for (String prefix : new String[] {"", Constants.R_TAGS, Constants.R_HEADS}) {
        String name = prefix + wantedVersion;
        if (name.startsWith(Constants.R_REFS) && refs.containsKey(name)) {
          return new Wanted(
              new RefSpec("+" + name + ":" + FETCHED),
              false,
              prefix.equals(Constants.R_HEADS) ? wantedVersion : null);
        }
      }
      if (!COMMIT.matcher(wantedVersion).matches()) {
        throw unknownVersion(wantedVersion);
      }
      String full = wantedVersion.length() == 40 ? wantedVersion : "HEAD";
      return new Wanted(new RefSpec("+" + full + ":" + FETCHED), true, null);
    }

    private void fetch(Repository repository, URIish remote, List<RefSpec> refs, int depth)
        throws IOException {
      try (Transport transport = open(repository, remote)) {
        transport.setTagOpt(TagOpt.NO_TAGS);
        if (depth > 0) {
          // JGit's check misses the parents that were not asked for.
          transport.setDepth(depth);
        } else {
          transport.setCheckFetchedObjects(true);
        }
        transport.fetch(watch, refs);
      }
    }

    private Transport open(Repository repository, URIish remote) throws IOException {
      Transport transport = Transport.open(repository, remote);
      transport.setTimeout(PATIENCE_SECONDS);
      transport.setCredentialsProvider(new GitLogins(policy.logins(), remote));
      if (transport instanceof SshTransport ssh) {
        // Before anything is sent; the address itself is looked at again with the host's key.
        try {
          List<InetAddress> _ = policy.rules().lookup(remote.getHost());
        } catch (UnknownHostException e) {
          throw new TransportException(remote, remote.getHost() + " " + e.getMessage(), e);
        }
        ssh.setSshSessionFactory(sessions());
      }
      if (transport instanceof TransportHttp http) {
        http.setHttpConnectionFactory(connections);
      }
      return transport;
    }

    private SshdSessionFactory sessions() throws IOException {
      if (sessions == null) {
        Path home = Files.createDirectories(modules.resolveSibling("ssh"));
        sessions = Objects.requireNonNull(policy.ssh()).sessions(policy, home);
      }
      return sessions;
    }

    @Override
    public void close() {
      connections.close();
      if (sessions != null) {
        sessions.close();
      }
    }

    private void setHead(Repository repository, RevCommit found, @Nullable String onBranch)
        throws IOException {
      if (onBranch == null) {
        RefUpdate head = repository.updateRef(Constants.HEAD, true);
        head.setNewObjectId(found);
        head.forceUpdate();
        return;
      }
      RefUpdate update = repository.updateRef(Constants.R_HEADS + onBranch);
      update.setNewObjectId(found);
      update.forceUpdate();
      repository.updateRef(Constants.HEAD).link(Constants.R_HEADS + onBranch);
    }

    /** Before anything is written: a small pack may hold large files. */
    private void checkSize(Repository repository, RevCommit found) throws IOException {
      try (TreeWalk files = new TreeWalk(repository)) {
        files.addTree(found.getTree());
        files.setRecursive(true);
        while (files.next()) {
          allowance.addFile();
          if (files.getFileMode(0) != FileMode.GITLINK) {
            allowance.addBytes(
                files.getObjectReader().getObjectSize(files.getObjectId(0), Constants.OBJ_BLOB));
          }
        }
      }
    }

    private void checkOut(Repository repository, RevCommit found) throws IOException {
      DirCache cache = repository.lockDirCache();
      try {
        DirCacheCheckout checkout = new DirCacheCheckout(repository, cache, found.getTree());
        checkout.setFailOnConflict(true);
        checkout.setProgressMonitor(watch);
        checkout.checkout();
      } finally {
        cache.unlock();
      }
    }

    private void submodules(
        Repository repository, URIish remote, RevCommit found, Path folder, int depth)
        throws IOException, ConfigInvalidException {
      List<String> paths = new ArrayList<>();
      List<ObjectId> commits = new ArrayList<>();
      try (TreeWalk files = new TreeWalk(repository)) {
        files.addTree(found.getTree());
        files.setRecursive(true);
        while (files.next()) {
          if (files.getFileMode(0) == FileMode.GITLINK) {
            paths.add(files.getPathString());
            commits.add(files.getObjectId(0));
          }
        }
      }
      if (paths.isEmpty()) {
        return;
      }
      try (TreeWalk description = TreeWalk.forPath(repository, ".gitmodules", found.getTree())) {
        if (description == null
            || (description.getRawMode(0) & FileMode.TYPE_MASK) != FileMode.TYPE_FILE) {
          return;
        }
        Config config = new BlobBasedConfig(null, repository, description.getObjectId(0));
        for (int i = 0; i < paths.size(); i++) {
          String url = url(config, paths.get(i));
          // Git leaves the folder of a submodule that is not described empty, too.
          if (url != null) {
            submodule(remote, url, commits.get(i), folder.resolve(paths.get(i)), depth);
          }
        }
      }
    }

    private static @Nullable String url(Config config, String path) {
      for (String name : config.getSubsections(ConfigConstants.CONFIG_SUBMODULE_SECTION)) {
        if (path.equals(config.getString(ConfigConstants.CONFIG_SUBMODULE_SECTION, name, "path"))) {
          return config.getString(ConfigConstants.CONFIG_SUBMODULE_SECTION, name, "url");
        }
      }
      return null;
    }

    private void submodule(URIish parent, String url, ObjectId id, Path folder, int depth)
        throws IOException, ConfigInvalidException {
      if (depth == MAX_SUBMODULE_DEPTH || ++submodules > MAX_SUBMODULES) {
        throw MillraceException.invalidParameter(
            "The Git repository has more than %d submodules, or more than %d within one another."
                .formatted(MAX_SUBMODULES, MAX_SUBMODULE_DEPTH));
      }
      // No link of the repository may lead the submodule elsewhere.
      for (Path part = folder;
          !part.equals(root);
          part = Objects.requireNonNull(part.getParent())) {
        if (!Files.isDirectory(part, LinkOption.NOFOLLOW_LINKS)) {
          throw MillraceException.invalidParameter(
              "The Git repository has a submodule where it has no folder.");
        }
      }
      URIish remote = policy.parse(absolute(parent, url));
      repository(remote, id.name(), folder, modules.resolve("m" + submodules), depth + 1);
    }

    /** A URL that begins with {@code ./} or {@code ../} is relative to the parent's. */
    private static String absolute(URIish parent, String url) {
      if (!url.startsWith("./") && !url.startsWith("../")) {
        return url;
      }
      String base = parent.toPrivateString().replaceAll("/+$", "");
      String rest = url;
      int path = base.indexOf('/', base.indexOf("://") + 3);
      while (rest.startsWith("./") || rest.startsWith("../")) {
        if (rest.startsWith("../")) {
          int slash = base.lastIndexOf('/');
          if (slash < path || path < 0) {
            throw MillraceException.invalidParameter(
                "A submodule's URL leads out of the host of its repository.");
          }
          base = base.substring(0, slash);
        }
        rest = rest.substring(rest.indexOf('/') + 1);
      }
      return base + "/" + rest;
    }
  }

  private MillraceException unknownVersion(String name) {
    return MillraceException.invalidParameter(
        "Unable to checkout version %s of git repo %s - please ensure that the version exists in the repo."
            .formatted(PythonText.of(name), plain(uri)));
  }
}
