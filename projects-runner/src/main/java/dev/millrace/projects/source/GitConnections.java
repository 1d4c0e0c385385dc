package dev.millrace.projects.source;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.URL;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import okhttp3.OkHttpClient;
import org.eclipse.jgit.transport.http.HttpConnection;
import org.eclipse.jgit.transport.http.HttpConnectionFactory;
import org.jspecify.annotations.Nullable;

/**
 * Connections to Git hosts by HTTP. Each is judged by the policy, also those that redirects lead
 * to, and again by the address that its socket is about to be connected to.
 */
final class GitConnections implements HttpConnectionFactory, AutoCloseable {

  private final GitPolicy policy;
  private final Allowance allowance;
  private final OkHttpClient client;
  private final List<GitConnection> made = new ArrayList<>();

  GitConnections(GitPolicy policy, Allowance allowance) {
    this.policy = policy;
    this.allowance = allowance;
    this.client = GuardedHttp.client(policy.rules());
  }

  @Override
  public HttpConnection create(URL url) throws IOException {
    String problem = policy.problem(url.getProtocol(), url.getHost());
    if (problem != null) {
      throw new UnknownHostException(problem);
    }
    // Hosts that are addresses are not looked up later, and one must not even be connected to.
    List<InetAddress> _ = policy.rules().lookup(url.getHost());
    GitConnection connection = new GitConnection(url, client, allowance);
    made.add(connection);
    return connection;
  }

  /** Whether a host has answered that it cannot serve anybody now. */
  boolean isAway() {
    return made.stream().anyMatch(GitConnection::isAway);
  }

  /** JGit leaves answers open that it has no use for. */
  @Override
  public void close() {
    made.forEach(GitConnection::close);
    made.clear();
  }

  /** Proxies of the machine are not asked: they would connect to anything. */
  @Override
  public HttpConnection create(URL url, @Nullable Proxy proxy) throws IOException {
    return create(url);
  }
}
