package dev.millrace.projects.source;

import java.net.InetSocketAddress;
import java.net.Proxy;
import java.time.Duration;
import java.util.Objects;
import okhttp3.OkHttpClient;

/**
 * Connections by HTTP to hosts that users name. Each is judged by the address that its socket is
 * about to be connected to, and again by the one it is connected to. Proxies of the machine are not
 * asked, and redirects not followed: both would lead anywhere.
 */
final class GuardedHttp {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Shared by all: its threads and connections are, too. */
  private static final OkHttpClient PLAIN =
      new OkHttpClient.Builder()
          .proxy(Proxy.NO_PROXY)
          .followRedirects(false)
          .followSslRedirects(false)
          .retryOnConnectionFailure(true)
          .connectTimeout(PATIENCE)
          .readTimeout(PATIENCE)
          .writeTimeout(PATIENCE)
          .build();

  private GuardedHttp() {}

  /** A client that connects to what {@code rules} allow. */
  static OkHttpClient client(HostRules rules) {
    return PLAIN
        .newBuilder()
        .dns(rules::lookup)
        .addNetworkInterceptor(
            chain -> {
              InetSocketAddress address =
                  (InetSocketAddress)
                      Objects.requireNonNull(chain.connection()).socket().getRemoteSocketAddress();
              rules.check(address.getAddress());
              return chain.proceed(chain.request());
            })
        .build();
  }
}
