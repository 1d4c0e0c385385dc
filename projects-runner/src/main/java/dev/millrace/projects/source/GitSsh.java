package dev.millrace.projects.source;

import java.io.File;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.List;
import org.eclipse.jgit.internal.transport.sshd.OpenSshServerKeyDatabase;
import org.eclipse.jgit.transport.CredentialsProvider;
import org.eclipse.jgit.transport.sshd.ServerKeyDatabase;
import org.eclipse.jgit.transport.sshd.SshdSessionFactory;
import org.eclipse.jgit.transport.sshd.SshdSessionFactoryBuilder;
import org.jspecify.annotations.Nullable;

/**
 * How this server shows itself to Git hosts by ssh. Nothing of its user's counts: neither the
 * configuration, keys and agent, nor the hosts he knows.
 *
 * @param key the file of a private key without a passphrase
 * @param knownHosts a file as OpenSSH's {@code known_hosts}: no other host is talked to
 */
public record GitSsh(Path key, Path knownHosts) {

  /**
   * @param home an empty folder, which stands for the user's
   */
  SshdSessionFactory sessions(GitPolicy policy, Path home) {
    File folder = home.toFile();
    ServerKeyDatabase known = new KnownHosts(policy);
    return new SshdSessionFactoryBuilder()
        .setHomeDirectory(folder)
        .setSshDirectory(folder)
        .setConfigStoreFactory((_, _, _) -> null)
        .setConnectorFactory(null)
        .setPreferredAuthentications("publickey")
        .setDefaultIdentities(_ -> List.of(key))
        .setServerKeyDatabase((_, _) -> known)
        .build(null);
  }

  /** Takes the hosts of the file, at addresses that may be connected to; never learns a new one. */
  private final class KnownHosts implements ServerKeyDatabase {

    private final OpenSshServerKeyDatabase file =
        new OpenSshServerKeyDatabase(false, List.of(knownHosts));
    private final GitPolicy policy;

    KnownHosts(GitPolicy policy) {
      this.policy = policy;
    }

    @Override
    public List<PublicKey> lookup(
        String address, InetSocketAddress remote, Configuration configuration) {
      return file.lookup(address, remote, configuration);
    }

    @Override
    public boolean accept(
        String address,
        InetSocketAddress remote,
        PublicKey key,
        Configuration configuration,
        @Nullable CredentialsProvider provider) {
      try {
        policy.rules().check(remote.getAddress());
      } catch (UnknownHostException e) {
        return false;
      }
      return lookup(address, remote, configuration).contains(key);
    }
  }
}
