package dev.millrace.projects.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.platform.error.MillraceException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyPairResourceWriter;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.server.Environment;
import org.apache.sshd.server.ExitCallback;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.command.Command;
import org.eclipse.jgit.api.Git;
import org.eclipse.jgit.transport.UploadPack;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fetching from a Git host of the test's own, by ssh. */
final class GitSshTest {

  private static final SourceLimits LIMITS = new SourceLimits(1 << 20, 100, Duration.ofSeconds(20));

  private final Path temporary;
  private final Git git;
  private final SshServer server = SshServer.setUpDefaultServer();
  private final KeyPair host = newKey();
  private final KeyPair mine = newKey();
  private String commit = "";

  GitSshTest(@TempDir Path temporary) throws Exception {
    this.temporary = temporary;
    git = Git.init().setDirectory(temporary.resolve("host").toFile()).call();
  }

  @BeforeEach
  void start() throws Exception {
    Files.writeString(temporary.resolve("host/train.py"), "print(1)");
    git.add().addFilepattern(".").call();
    commit =
        git.commit()
            .setMessage("one")
            .setSign(false)
            .setAuthor("a", "a@example.com")
            .setCommitter("a", "a@example.com")
            .call()
            .name();
    server.setHost("127.0.0.1");
    server.setKeyPairProvider(KeyPairProvider.wrap(host));
    server.setPublickeyAuthenticator(
        (user, key, session) -> user.equals("git") && KeyUtils.compareKeys(key, mine.getPublic()));
    server.setCommandFactory((channel, command) -> new Upload(command));
    server.start();
    Files.writeString(temporary.resolve("key"), pem(mine));
    known(host);
  }

  @AfterEach
  void stop() throws IOException {
    server.stop(true);
    git.close();
  }

  @Test
  void aRepositoryIsFetched() throws IOException {
    Fetched fetched = fetch(url(), policy(true));
    assertThat(fetched.commit()).isEqualTo(commit);
    assertThat(Files.readString(fetched.root().resolve("train.py"))).isEqualTo("print(1)");
  }

  @Test
  void hostsThatAreNotKnownAreNotTalkedTo() throws Exception {
    known(newKey());
    refused(url(), policy(true));
    Files.writeString(temporary.resolve("known"), "");
    refused(url(), policy(true));
    assertThat(temporary.resolve("known")).isEmptyFile();
  }

  @Test
  void keysThatAreNotKnownThereAreRefused() throws Exception {
    Files.writeString(temporary.resolve("key"), pem(newKey()));
    refused(url(), policy(true));
  }

  @Test
  void privateAddressesAreNotConnectedTo() {
    refused(url(), policy(false));
  }

  @Test
  void sshIsNotTakenUnlessItIsConfigured() {
    for (String url : List.of(url(), "git@127.0.0.1:x")) {
      assertThatThrownBy(() -> new GitRepository(url, null, null, GitPolicy.DEFAULT, LIMITS))
          .isInstanceOf(MillraceException.class)
          .hasMessageContaining("may be fetched by https only");
    }
  }

  private int copies;

  private Fetched fetch(String url, GitPolicy policy) throws IOException {
    Path into = Files.createDirectories(temporary.resolve("c" + ++copies));
    return new GitRepository(url, null, null, policy, LIMITS).fetch(into);
  }

  private void refused(String url, GitPolicy policy) {
    assertThatThrownBy(() -> fetch(url, policy))
        .isInstanceOf(MillraceException.class)
        .hasMessageContaining("cannot be fetched");
  }

  private GitPolicy policy(boolean allowPrivate) {
    GitSsh ssh = new GitSsh(temporary.resolve("key"), temporary.resolve("known"));
    return new GitPolicy(Set.of("ssh"), List.of("*"), allowPrivate, List.of(), ssh);
  }

  private String url() {
    return "ssh://git@127.0.0.1:%d/project".formatted(server.getPort());
  }

  private void known(KeyPair key) throws IOException {
    Files.writeString(
        temporary.resolve("known"),
        "[127.0.0.1]:%d %s%n"
            .formatted(server.getPort(), PublicKeyEntry.toString(key.getPublic())));
  }

  private static KeyPair newKey() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (java.security.GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static String pem(KeyPair key) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    OpenSSHKeyPairResourceWriter.INSTANCE.writePrivateKey(key, "test", null, out);
    return out.toString(StandardCharsets.US_ASCII);
  }

  /** Serves the repository to whoever asks for one. */
  private final class Upload implements Command {

    private final String command;
    private @Nullable InputStream in;
    private @Nullable OutputStream out;
    private @Nullable ExitCallback exit;

    Upload(String command) {
      this.command = command;
    }

    @Override
    public void setInputStream(InputStream stream) {
      in = stream;
    }

    @Override
    public void setOutputStream(OutputStream stream) {
      out = stream;
    }

    @Override
    public void setErrorStream(OutputStream stream) {}

    @Override
    public void setExitCallback(ExitCallback callback) {
      exit = callback;
    }

    @Override
    public void start(ChannelSession channel, Environment environment) {
      Thread.ofVirtual()
          .start(
              () -> {
                int code = 1;
                try {
                  assertThat(command).isEqualTo("git-upload-pack '/project'");
                  UploadPack pack = new UploadPack(git.getRepository());
                  String protocol = environment.getEnv().get("GIT_PROTOCOL");
                  if (protocol != null) {
                    pack.setExtraParameters(List.of(protocol.split(":", -1)));
                  }
                  pack.upload(
                      Objects.requireNonNull(in),
                      Objects.requireNonNull(out),
                      OutputStream.nullOutputStream());
                  code = 0;
                } catch (IOException | AssertionError e) {
                  // The client hears of it.
                } finally {
                  Objects.requireNonNull(exit).onExit(code);
                }
              });
    }

    @Override
    public void destroy(ChannelSession channel) {}
  }
}
