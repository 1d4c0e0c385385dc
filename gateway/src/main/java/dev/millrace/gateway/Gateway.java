package dev.millrace.gateway;

import dev.millrace.gateway.graphql.GraphqlRoute;
import dev.millrace.gateway.http.Handler;
import dev.millrace.gateway.http.HttpServer;
import dev.millrace.gateway.http.Limits;
import dev.millrace.gateway.http.Origins;
import dev.millrace.gateway.http.Router;
import dev.millrace.gateway.raw.About;
import dev.millrace.gateway.raw.ArtifactRoutes;
import dev.millrace.gateway.raw.Home;
import dev.millrace.gateway.raw.SnapshotRoutes;
import dev.millrace.gateway.raw.UiCalls;
import dev.millrace.gateway.raw.UiFiles;
import dev.millrace.gateway.raw.Unbuilt;
import dev.millrace.gateway.transcode.BodyMemory;
import dev.millrace.gateway.transcode.ErrorJson;
import dev.millrace.gateway.transcode.Transcoder;
import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.grpc.Target;
import dev.millrace.proto.Contracts;
import io.grpc.ManagedChannel;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The gateway: serves HTTP while it lives, and knows the services by their targets alone. */
@Singleton
public final class Gateway {

  private static final Map<String, String> SECURITY_HEADERS =
      Map.of("X-Content-Type-Options", "nosniff", "X-Frame-Options", "SAMEORIGIN");

  private final GatewayConfiguration configuration;
  private final BodyMemory bodies;
  private @Nullable ManagedChannel trackingStore;
  private @Nullable ManagedChannel artifactStore;
  private @Nullable ManagedChannel registryService;
  private @Nullable ManagedChannel projectsRunner;
  private @Nullable HttpServer server;

  /**
   * @throws IllegalArgumentException if a limit is malformed
   */
  public Gateway(GatewayConfiguration configuration) {
    this.configuration = configuration;
    this.bodies = new BodyMemory(configuration.maxBodiesBytes());
  }

  /**
   * Starts serving. Services need not be there yet.
   *
   * @throws IllegalArgumentException if a setting is malformed
   * @throws java.io.UncheckedIOException if the address cannot be taken
   */
  @PostConstruct
  void start() {
    ManagedChannel tracking = Target.parse(configuration.trackingStore()).connect();
    trackingStore = tracking;
    ManagedChannel artifacts = Target.parse(configuration.artifactStore()).connect();
    artifactStore = artifacts;
    ManagedChannel registry = Target.parse(configuration.registryService()).connect();
    registryService = registry;
    ManagedChannel projects = Target.parse(configuration.projectsRunner()).connect();
    projectsRunner = projects;
    Router.Builder router = new Router.Builder();
    Transcoder transcoder = new Transcoder(configuration.maxBodyBytes(), bodies);
    transcoder.route(router, Contracts.TRACKING_STORE, tracking);
    transcoder.route(router, Contracts.ARTIFACT_STORE, artifacts);
    transcoder.route(router, Contracts.REGISTRY_SERVICE, registry);
    transcoder.route(router, Contracts.PROJECTS_RUNNER, projects);
    new About(tracking, artifacts, registry, projects).route(router);
    new ArtifactRoutes(artifacts, registry).route(router);
    new SnapshotRoutes(projects).route(router);
    if (configuration.ui().isEmpty()) {
      new Home().route(router);
    } else {
      UiFiles.open(Path.of(configuration.ui())).route(router);
    }
    UiCalls.route(router);
    new GraphqlRoute(tracking, artifacts, registry, bodies).route(router);
    Origins origins =
        new Origins(split(configuration.allowedHosts()), split(configuration.corsAllowedOrigins()));
    Callers callers = new Callers(new JobTokens(projects));
    Handler handler =
        secured(
            withoutWorkspaces(
                origins.guard(ErrorJson.around(callers.identified(router.build(new Unbuilt()))))));
    server =
        HttpServer.start(
            new InetSocketAddress(configuration.host(), configuration.port()),
            Limits.of(configuration.maxRequests()),
            handler,
            busy(handler));
  }

  /** The TCP port it listens on. */
  public int port() {
    if (server == null) {
      throw new IllegalStateException("Not started");
    }
    return server.port();
  }

  /** Bytes of the JSON bodies that are read or worked on now. */
  long bodyBytes() {
    return bodies.taken();
  }

  /** Lets requests under way end. */
  @PreDestroy
  void stop() {
    if (server != null) {
      server.close();
    }
    for (ManagedChannel channel :
        new ManagedChannel[] {trackingStore, artifactStore, registryService, projectsRunner}) {
      if (channel != null) {
        channel.shutdownNow();
      }
    }
  }

  /**
   * As mlflow 3.17.2 {@code workspace_helpers.py} with workspaces off: a request that names one is
   * refused, whichever it is, since it would be answered with everything.
   */
  private static Handler withoutWorkspaces(Handler next) {
    return request -> {
      String workspace = request.header("X-MLflow-Workspace");
      if (workspace != null
          && !workspace.isBlank()
          && !request.path().endsWith("/mlflow/server-info")) {
        return ErrorJson.of(
            new MillraceException(
                ErrorCode.FEATURE_DISABLED,
                "Workspace APIs are not available: workspaces are not enabled on this server"));
      }
      return next.handle(request);
    };
  }

  /** Tells clients to come back, which MLflow's do by themselves; probes are answered as ever. */
  private static Handler busy(Handler handler) {
    return request ->
        request.path().equals("/health")
            ? handler.handle(request)
            : ErrorJson.of(
                new MillraceException(
                    ErrorCode.RESOURCE_EXHAUSTED, "Too many requests at a time; try again later"));
  }

  private static Handler secured(Handler next) {
    return request -> next.handle(request).with(SECURITY_HEADERS);
  }

  private static List<String> split(String list) {
    return Stream.of(list.split(",")).map(String::strip).filter(s -> !s.isEmpty()).toList();
  }
}
