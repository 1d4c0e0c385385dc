package dev.millrace.projects.source;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.projects.retry.Retries;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Set;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/** A file that is fetched by HTTP, from where the rules allow. */
final class WebFile {

  private static final int MAX_REDIRECTS = 5;
  private static final int SERVER_ERROR = 500;
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

  private final HostRules rules;

  WebFile(HostRules rules) {
    this.rules = rules;
  }

  /**
   * Fetches a file.
   *
   * @param destination its name below {@code tree}
   * @param retries where its host is away
   * @throws MillraceException INVALID_PARAMETER_VALUE if it is not allowed, not there or too large;
   *     TEMPORARILY_UNAVAILABLE if its host cannot be reached, or answers that it cannot serve it
   */
  void fetch(HttpUrl url, String destination, Tree tree, Retries retries)
      throws IOException, InterruptedException {
    retries.call(() -> fetch(url, destination, tree));
  }

  private boolean fetch(HttpUrl url, String destination, Tree tree) throws IOException {
    tree.allowance().checkTime();
    OkHttpClient client =
        GuardedHttp.client(rules).newBuilder().callTimeout(tree.allowance().left()).build();
    HttpUrl next = url;
    for (int i = 0; i <= MAX_REDIRECTS; i++) {
      check(next);
      // What the project's file names may be compressed; it is not unpacked on the way.
      Request request =
          new Request.Builder().url(next).header("Accept-Encoding", "identity").build();
      try (Response response = client.newCall(request).execute()) {
        String location = response.header("Location");
        if (!REDIRECTS.contains(response.code()) || location == null) {
          if (response.code() != 200) {
            throw new MillraceException(
                response.code() >= SERVER_ERROR
                    ? ErrorCode.TEMPORARILY_UNAVAILABLE
                    : ErrorCode.INVALID_PARAMETER_VALUE,
                "%s answered %d".formatted(next.host(), response.code()));
          }
          tree.addFile(destination, response.body().byteStream(), false);
          return true;
        }
        HttpUrl target = next.resolve(location);
        if (target == null) {
          throw MillraceException.invalidParameter(
              "%s redirects to what is no URL".formatted(next.host()));
        }
        next = target;
      } catch (StorageException e) {
        throw e;
      } catch (IOException e) {
        tree.allowance().checkTime();
        throw new MillraceException(
            Outage.isStranger(e)
                ? ErrorCode.INVALID_PARAMETER_VALUE
                : ErrorCode.TEMPORARILY_UNAVAILABLE,
            "%s cannot be read from: %s".formatted(next.host(), e.getMessage()),
            e);
      }
    }
    throw MillraceException.invalidParameter("There are too many redirects");
  }

  private void check(HttpUrl url) {
    if (!rules.allowsScheme(url.scheme()) || !rules.allowsHost(url.host())) {
      throw MillraceException.invalidParameter(
          "Files may not be fetched from %s://%s".formatted(url.scheme(), url.host()));
    }
    try {
      // Hosts that are addresses are not looked up later, and one must not even be connected to.
      List<InetAddress> _ = rules.lookup(url.host());
    } catch (UnknownHostException e) {
      throw MillraceException.invalidParameter(
          "%s cannot be connected to: %s".formatted(url.host(), e.getMessage()));
    }
  }
}
