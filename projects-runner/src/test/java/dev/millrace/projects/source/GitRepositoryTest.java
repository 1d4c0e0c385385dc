package dev.millrace.projects.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.eclipse.jgit.api.Git;
import org.eclipse.jgit.dircache.DirCache;
import org.eclipse.jgit.dircache.DirCacheBuilder;
import org.eclipse.jgit.dircache.DirCacheEntry;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.RefUpdate;
import org.eclipse.jgit.revwalk.RevCommit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fetching from a Git host of the test's own, by HTTP. */
final class GitRepositoryTest {

  private static final SourceLimits LIMITS = new SourceLimits(1 << 20, 100, Duration.ofSeconds(20));

  private final Path temporary;
  private final GitHost host;
  private final Git git;
  private String first = "";
  private String second = "";

  GitRepositoryTest(@TempDir Path temporary) throws Exception {
    this.temporary = temporary;
    GitSystem.install();
    host = new GitHost(temporary.resolve("host"));
    git = repository(temporary, "project");
  }

  @BeforeEach
  void fill() throws Exception {
    first = commit(git, "train.py", "print(1)");
    git.tag().setName("v1").setAnnotated(true).setMessage("one").call();
    second = commit(git, "train.py", "print(2)");
    commit(git, "sub/folder/MLproject", "name: sub");
    git.branchCreate().setName("feature/x").setStartPoint(first).call();
    second = head();
  }

  @AfterEach
  void stop() {
    git.close();
    host.close();
  }

  @Test
  void theDefaultBranchIsFetchedWithoutItsHistory() throws IOException {
    Fetched fetched = fetch(host.url("project"), null, null);
    assertThat(fetched.commit()).isEqualTo(second);
    assertThat(fetched.branch()).isNull();
    assertThat(fetched.repositoryUrl()).isEqualTo(host.url("project"));
    assertThat(fetched.project()).isEqualTo(fetched.root());
    assertThat(Files.readString(fetched.root().resolve("train.py"))).isEqualTo("print(2)");
    try (Git copy = Git.open(fetched.root().toFile())) {
      assertThat(copy.getRepository().getObjectDatabase().getShallowCommits()).hasSize(1);
      assertThat(copy.getRepository().getObjectDatabase().has(ObjectId.fromString(first)))
          .isFalse();
    }
  }

  @Test
  void branchesTagsAndCommitsAreFound() throws IOException {
    Fetched branch = fetch(host.url("project"), "feature/x", null);
    assertThat(branch.commit()).isEqualTo(first);
    assertThat(branch.branch()).isEqualTo("feature/x");
    Fetched tag = fetch(host.url("project"), "v1", null);
    assertThat(tag.commit()).isEqualTo(first);
    assertThat(tag.branch()).isNull();
    assertThat(Files.readString(tag.root().resolve("train.py"))).isEqualTo("print(1)");
    Fetched commit = fetch(host.url("project"), first, null);
    assertThat(commit.commit()).isEqualTo(first);
    assertThat(Files.readString(commit.root().resolve("train.py"))).isEqualTo("print(1)");
    assertThat(fetch(host.url("project"), first.substring(0, 8), null).commit()).isEqualTo(first);
    for (String unknown :
        List.of(
            "nothing",
            "0123456789abcdef0123456789abcdef01234567",
            "HEAD~1",
            "--upload-pack=id",
            "deadbeef")) {
      refused(
          () -> fetch(host.url("project"), unknown, null),
          "Unable to checkout version '" + unknown + "'");
    }
  }

  /** A host whose HEAD names a commit, not a branch. */
  @Test
  void aDetachedHeadIsFetched() throws Exception {
    RefUpdate head = git.getRepository().updateRef("HEAD", true);
    head.setNewObjectId(ObjectId.fromString(first));
    head.forceUpdate();
    assertThat(fetch(host.url("project"), null, null).commit()).isEqualTo(first);
  }

  @Test
  void theProjectMayBeASubdirectory() throws IOException {
    Fetched fetched = fetch(host.url("project") + "#sub/folder", null, null);
    assertThat(fetched.project()).isEqualTo(fetched.root().resolve("sub/folder"));
    assertThat(fetch(host.url("project"), null, "sub").project())
        .hasToString(temporary.resolve("c2/sub").toString());
    refused(() -> fetch(host.url("project"), null, "other"), "Could not find subdirectory other");
    refused(
        () -> fetch(host.url("project") + "#../x", null, null), "'.' is not allowed in project");
    refused(() -> fetch(host.url("project") + "#a", null, "b"), "name different folders");
  }

  @Test
  void submodulesComeToo() throws Exception {
    String library;
    try (Git other = repository(temporary, "library")) {
      library = commit(other, "lib.py", "x = 1");
      commit(other, "lib.py", "x = 2");
    }
    submodule("../library", "lib", library);
    Fetched fetched = fetch(host.url("project"), null, null);
    assertThat(Files.readString(fetched.root().resolve("lib/lib.py"))).isEqualTo("x = 1");
  }

  @Test
  void submodulesAreJudgedLikeTheProject() throws Exception {
    submodule("file://" + temporary.resolve("host/project"), "lib", first);
    refused(() -> fetch(host.url("project"), null, null), "may be fetched by http only");
    submodule(temporary.resolve("host/project").toString(), "lib", first);
    refused(() -> fetch(host.url("project"), null, null), "must be an archive that was uploaded");
    submodule("ext::sh -c id", "lib", first);
    refused(() -> fetch(host.url("project"), null, null), "");
    submodule("../../../library", "lib", first);
    refused(() -> fetch(host.url("project"), null, null), "leads out of the host");
    submodule("http://elsewhere.example/x", "lib", first);
    GitPolicy one = new GitPolicy(Set.of("http"), List.of("127.0.0.1"), true, List.of(), null);
    refused(
        () -> fetch(host.url("project"), null, null, one, LIMITS),
        "No Git repository may be fetched from elsewhere.example.");
  }

  @Test
  void aRepositoryThatContainsItselfIsRefused() throws Exception {
    submodule("../project", "lib", second);
    String head = head();
    submodule("../project", "lib", head);
    submodule("../project", "lib", head());
    for (int i = 0; i < 5; i++) {
      submodule("../project", "lib", head());
    }
    refused(() -> fetch(host.url("project"), null, null), "submodules");
  }

  @Test
  void privateAddressesAreNotConnectedTo() {
    GitPolicy open = new GitPolicy(Set.of("http", "https"), List.of("*"), false, List.of(), null);
    for (String url :
        List.of(
            host.url("project"),
            host.url("project").replace("127.0.0.1", "localhost"),
            host.url("project").replace("127.0.0.1", "[::ffff:127.0.0.1]"),
            host.url("project").replace("127.0.0.1", "0x7f.1"),
            "http://169.254.169.254/latest/meta-data")) {
      refused(() -> fetch(url, null, null, open, LIMITS), "");
    }
    assertThat(host.requests()).isEmpty();
  }

  @Test
  void redirectsAreJudgedToo() throws Exception {
    try (GitHost other = new GitHost(temporary.resolve("host"))) {
      host.redirect("/moved", other.url("project").replace("127.0.0.1", "localhost"));
      host.redirect("/file", "file://" + temporary.resolve("host/project"));
      host.redirect("/around", host.url("around"));
      assertThat(fetch(host.url("moved"), null, null).commit()).isEqualTo(second);
      int before = other.requests().size();
      GitPolicy one = new GitPolicy(Set.of("http"), List.of("127.0.0.1"), true, List.of(), null);
      refused(() -> fetch(host.url("moved"), null, null, one, LIMITS), "cannot be fetched");
      assertThat(other.requests()).hasSize(before);
      refused(() -> fetch(host.url("file"), null, null), "cannot be fetched");
      refused(() -> fetch(host.url("around"), null, null), "cannot be fetched");
    }
  }

  @Test
  void onlySomeSchemesAreTaken() {
    GitPolicy usual = GitPolicy.DEFAULT;
    for (String url :
        List.of(
            "file:///etc",
            "/etc",
            "ext::sh -c id",
            "git://h/x",
            "ssh://h/x",
            "user@h:x",
            "http://h/x",
            "ftp://h/x",
            "../x",
            "",
            "bundle:x",
            "https:///x",
            "https://",
            "file:/etc")) {
      assertThatThrownBy(() -> new GitRepository(url, null, null, usual, LIMITS))
          .as(url)
          .isInstanceOfSatisfying(
              MillraceException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_PARAMETER_VALUE));
    }
  }

  @Test
  void aHostThatIsAwayIsToldFromOneThatRefuses() throws Exception {
    host.fail(1);
    String nobody;
    try (ServerSocket socket = new ServerSocket(0)) {
      nobody = "http://127.0.0.1:%d/project".formatted(socket.getLocalPort());
    }
    for (String url : List.of(host.url("project"), nobody)) {
      assertThatThrownBy(() -> fetch(url, null, null))
          .as(url)
          .isInstanceOfSatisfying(
              MillraceException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.TEMPORARILY_UNAVAILABLE))
          .hasMessageContaining("cannot be fetched");
    }
    assertThat(fetch(host.url("project"), null, null).commit()).isEqualTo(second);
    refused(() -> fetch(host.url("nothing"), null, null), "cannot be fetched");
  }

  @Test
  void loginsGoToTheirHostOnlyAndNotInTheClear() throws IOException {
    host.require("me:secret");
    refused(() -> fetch(host.url("project"), null, null), "cannot be fetched");
    String withLogin = host.url("project").replace("http://", "http://me:secret@");
    Fetched fetched = fetch(withLogin, null, null);
    assertThat(fetched.repositoryUrl()).isEqualTo(host.url("project"));
    assertThat(Files.readString(fetched.root().resolve(".git/config"))).doesNotContain("secret");
    GitPolicy known =
        new GitPolicy(
            Set.of("http"),
            List.of("*"),
            true,
            List.of(new GitLogin("127.0.0.1", "me", "secret")),
            null);
    refused(() -> fetch(host.url("project"), null, null, known, LIMITS), "cannot be fetched");
    assertThatThrownBy(() -> fetch(withLogin.replace("/project", "/nothing"), null, null))
        .satisfies(
            e -> assertThat(e.getMessage()).contains("cannot be fetched").doesNotContain("secret"));
  }

  @Test
  void aLoginDoesNotFollowARedirect() throws Exception {
    try (GitHost other = new GitHost(temporary.resolve("host"))) {
      String target = other.url("project").replace("127.0.0.1", "localhost");
      host.require("me:secret");
      other.require("me:secret");
      host.redirect("/moved", target);
      refused(
          () -> fetch(host.url("moved").replace("http://", "http://me:secret@"), null, null),
          "cannot be fetched");
      assertThat(host.requests()).isNotEmpty();
      assertThat(other.requests()).isNotEmpty().noneMatch(line -> line.endsWith("with login"));
    }
  }

  @Test
  void settingsAreRead() throws IOException {
    Path logins =
        Files.write(temporary.resolve("logins"), List.of("https://me:a%40b@H.example", ""));
    assertThat(GitPolicy.of("https, http", "*.Example.com,h", true, logins, null))
        .isEqualTo(
            new GitPolicy(
                Set.of("https", "http"),
                List.of("*.example.com", "h"),
                true,
                List.of(new GitLogin("h.example", "me", "a@b")),
                null));
    GitPolicy below = GitPolicy.of("https", "*.example.com", false, null, null);
    assertThat(below.problem("https", "a.example.com")).isNull();
    assertThat(below.problem("https", "example.com")).isNotNull();
    assertThat(below.problem("https", "aexample.com")).isNotNull();
    assertThatThrownBy(() -> GitPolicy.of("ssh", "*", false, null, null))
        .isInstanceOf(IllegalArgumentException.class);
    Files.writeString(logins, "https://me:secret\n");
    assertThatThrownBy(() -> GitPolicy.of("https", "*", false, logins, null))
        .isInstanceOf(IllegalArgumentException.class)
        .satisfies(e -> assertThat(e.toString()).doesNotContain("secret"));
    assertThat(new GitLogin("h", "me", "secret").toString()).doesNotContain("secret");
  }

  @Test
  void whatIsTooLargeIsRefusedBeforeItIsWritten() throws Exception {
    commit(git, "zeros.bin", "0".repeat(2 << 20));
    refused(
        () -> fetch(host.url("project"), null, null), "The project is larger than 1048576 bytes");
    assertThat(temporary.resolve("c1/zeros.bin")).doesNotExist();
    commit(git, "zeros.bin", "");
    for (int i = 0; i < 120; i++) {
      Files.writeString(work(git).resolve("f" + i), "");
    }
    git.add().addFilepattern(".").call();
    git.commit().setMessage("many").setSign(false).call();
    refused(() -> fetch(host.url("project"), null, null), "more than 100 files");
  }

  @Test
  void aSlowHostIsGivenUp() {
    host.stall();
    SourceLimits short_ = new SourceLimits(1 << 20, 100, Duration.ofSeconds(1));
    long start = System.nanoTime();
    refused(
        () -> fetch(host.url("project"), null, null, open(), short_),
        "could not be fetched within 1 seconds");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
  }

  /** Neither the repository nor the server's own configuration starts programs. */
  @Test
  void noFilterRuns() throws Exception {
    Path witness = temporary.resolve("witness");
    commit(git, ".gitattributes", "*.py filter=evil");
    Path home = Files.createDirectories(temporary.resolve("home"));
    Files.writeString(
        home.resolve(".gitconfig"), "[filter \"evil\"]\n\tsmudge = touch " + witness + "\n");
    String before = System.getProperty("user.home");
    System.setProperty("user.home", home.toString());
    try {
      Fetched fetched = fetch(host.url("project"), null, null);
      assertThat(Files.readString(fetched.root().resolve("train.py"))).isEqualTo("print(2)");
    } finally {
      System.setProperty("user.home", before);
    }
    assertThat(witness).doesNotExist();
  }

  /** What Git clients would take for their own configuration. */
  @Test
  void filesOfGitItselfAreRefused() throws Exception {
    DirCache cache = git.getRepository().lockDirCache();
    try {
      ObjectId blob;
      try (var inserter = git.getRepository().newObjectInserter()) {
        blob = inserter.insert(org.eclipse.jgit.lib.Constants.OBJ_BLOB, new byte[] {'x'});
        var inner = new org.eclipse.jgit.lib.TreeFormatter();
        inner.append("config", FileMode.REGULAR_FILE, blob);
        ObjectId folder = inserter.insert(inner);
        var outer = new org.eclipse.jgit.lib.TreeFormatter();
        outer.append(".GIT", FileMode.TREE, folder);
        ObjectId tree = inserter.insert(outer);
        var commit = new org.eclipse.jgit.lib.CommitBuilder();
        commit.setTreeId(tree);
        commit.setAuthor(new org.eclipse.jgit.lib.PersonIdent("a", "a@b"));
        commit.setCommitter(commit.getAuthor());
        commit.setMessage("evil");
        ObjectId evil = inserter.insert(commit);
        inserter.flush();
        RefUpdate update = git.getRepository().updateRef("refs/heads/evil");
        update.setNewObjectId(evil);
        update.forceUpdate();
      }
    } finally {
      cache.unlock();
    }
    refused(() -> fetch(host.url("project"), "evil", null), "must not be: Invalid path: .GIT");
    assertThat(temporary.resolve("c1/.GIT/config")).doesNotExist();
  }

  private int copies;

  private Fetched fetch(String url, @Nullable String version, @Nullable String subdirectory)
      throws IOException {
    return fetch(url, version, subdirectory, open(), LIMITS);
  }

  private Fetched fetch(
      String url,
      @Nullable String version,
      @Nullable String subdirectory,
      GitPolicy policy,
      SourceLimits limits)
      throws IOException {
    Path into = Files.createDirectories(temporary.resolve("c" + ++copies));
    return new GitRepository(url, version, subdirectory, policy, limits).fetch(into);
  }

  private static GitPolicy open() {
    return new GitPolicy(Set.of("http"), List.of("*"), true, List.of(), null);
  }

  private String head() throws IOException {
    return Objects.requireNonNull(git.getRepository().resolve("HEAD")).name();
  }

  private static Git repository(Path temporary, String name) throws Exception {
    File folder = Files.createDirectories(temporary.resolve("host").resolve(name)).toFile();
    return Git.init().setDirectory(folder).setInitialBranch("main").call();
  }

  private static Path work(Git repository) {
    return repository.getRepository().getWorkTree().toPath();
  }

  private static String commit(Git repository, String name, String text) throws Exception {
    Path file = work(repository).resolve(name);
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    Files.writeString(file, text);
    repository.add().addFilepattern(name).call();
    RevCommit commit =
        repository
            .commit()
            .setMessage("change")
            .setSign(false)
            .setAuthor("a", "a@example.com")
            .setCommitter("a", "a@example.com")
            .call();
    return commit.name();
  }

  /** Commits a submodule without having it. */
  private void submodule(String url, String path, String commit) throws Exception {
    Files.writeString(
        work(git).resolve(".gitmodules"),
        "[submodule \"%s\"]\n\tpath = %s\n\turl = \"%s\"\n".formatted(path, path, url));
    git.add().addFilepattern(".gitmodules").call();
    DirCache cache = git.getRepository().lockDirCache();
    DirCacheBuilder builder = cache.builder();
    for (int i = 0; i < cache.getEntryCount(); i++) {
      if (!cache.getEntry(i).getPathString().equals(path)) {
        builder.add(cache.getEntry(i));
      }
    }
    DirCacheEntry link = new DirCacheEntry(path);
    link.setFileMode(FileMode.GITLINK);
    link.setObjectId(ObjectId.fromString(commit));
    builder.add(link);
    builder.commit();
    git.commit()
        .setMessage("submodule")
        .setSign(false)
        .setAuthor("a", "a@example.com")
        .setCommitter("a", "a@example.com")
        .call();
  }

  private static void refused(ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            MillraceException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_PARAMETER_VALUE))
        .satisfies(e -> assertThat(Objects.requireNonNull(e.getMessage())).contains(message));
  }
}
