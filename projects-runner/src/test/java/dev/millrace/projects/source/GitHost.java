package dev.millrace.projects.source;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPInputStream;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.eclipse.jgit.transport.PacketLineOut;
import org.eclipse.jgit.transport.RefAdvertiser;
import org.eclipse.jgit.transport.UploadPack;
import org.jspecify.annotations.Nullable;

/** A Git host: repositories in a folder, served by the smart HTTP protocol. */
final class GitHost implements AutoCloseable {

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Path folder;
  private final Map<String, String> redirects = new ConcurrentHashMap<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private volatile @Nullable String login;
  private volatile boolean stalls;
  private final AtomicInteger outages = new AtomicInteger();

  GitHost(Path folder) throws IOException {
    this.folder = folder;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.setExecutor(threads);
    server.start();
  }

  String url(String repository) {
    return "http://127.0.0.1:%d/%s".formatted(server.getAddress().getPort(), repository);
  }

  /** Lets what begins with a path go somewhere else. */
  void redirect(String path, String target) {
    redirects.put(path, target);
  }

  /** Asks for a login: {@code user:password}. */
  void require(String wanted) {
    login = wanted;
  }

  /** Sends packs very slowly from now on. */
  void stall() {
    stalls = true;
  }

  /** Answers so many requests with 503. */
  void fail(int times) {
    outages.set(times);
  }

  List<String> requests() {
    return requests;
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      requests.add(
          exchange.getRequestMethod()
              + " "
              + path
              + (exchange.getRequestHeaders().containsKey("Authorization") ? " with login" : ""));
      if (outages.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
        exchange.sendResponseHeaders(503, -1);
        return;
      }
      for (Map.Entry<String, String> redirect : redirects.entrySet()) {
        if (path.startsWith(redirect.getKey())) {
          String rest = path.substring(redirect.getKey().length());
          String query = exchange.getRequestURI().getRawQuery();
          exchange
              .getResponseHeaders()
              .set("Location", redirect.getValue() + rest + (query == null ? "" : "?" + query));
          exchange.sendResponseHeaders(301, -1);
          return;
        }
      }
      if (login != null
          && !("Basic "
                  + Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8)))
              .equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
        exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"git\"");
        exchange.sendResponseHeaders(401, -1);
        return;
      }
      boolean isAdvertisement = path.endsWith("/info/refs");
      String name = path.replaceAll("^/|/info/refs$|/git-upload-pack$", "");
      Path git = folder.resolve(name).resolve(".git");
      if (!git.toFile().isDirectory()) {
        exchange.sendResponseHeaders(404, -1);
        return;
      }
      try (Repository repository = new FileRepositoryBuilder().setGitDir(git.toFile()).build()) {
        serve(exchange, repository, isAdvertisement);
      }
    }
  }

  private void serve(HttpExchange exchange, Repository repository, boolean isAdvertisement)
      throws IOException {
    UploadPack pack = new UploadPack(repository);
    pack.setBiDirectionalPipe(false);
    String protocol = exchange.getRequestHeaders().getFirst("Git-Protocol");
    if (protocol != null) {
      pack.setExtraParameters(List.of(protocol.split(":", -1)));
    }
    exchange
        .getResponseHeaders()
        .set(
            "Content-Type",
            "application/x-git-upload-pack-" + (isAdvertisement ? "advertisement" : "result"));
    exchange.sendResponseHeaders(200, 0);
    try (OutputStream out = exchange.getResponseBody()) {
      if (isAdvertisement) {
        PacketLineOut lines = new PacketLineOut(out);
        lines.writeString("# service=git-upload-pack\n");
        lines.end();
        pack.sendAdvertisedRefs(new RefAdvertiser.PacketLineOutRefAdvertiser(lines));
        return;
      }
      InputStream in = exchange.getRequestBody();
      if ("gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"))) {
        in = new GZIPInputStream(in);
      }
      pack.upload(in, stalls ? new Slow(out) : out, null);
    }
  }

  /** A byte at a time. */
  private static final class Slow extends OutputStream {

    private final OutputStream out;

    Slow(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      out.write(b);
      out.flush();
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
