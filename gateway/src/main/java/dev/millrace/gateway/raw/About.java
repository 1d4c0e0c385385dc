package dev.millrace.gateway.raw;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.millrace.gateway.http.Pages;
import dev.millrace.gateway.http.Response;
import dev.millrace.gateway.http.Router;
import dev.millrace.proto.ArtifactServiceGrpc;
import dev.millrace.proto.GetArtifactCapabilitiesRequest;
import dev.millrace.proto.GetArtifactCapabilitiesResponse;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the server tells about itself. */
public final class About {

  private static final Logger log = LoggerFactory.getLogger(About.class);

  /** The MLflow version whose API this is; clients choose their features by it. */
  private static final String MLFLOW_VERSION = "3.17.2";

  private static final long DEADLINE_SECONDS = 2;
  private static final JsonFactory JSON = new JsonFactory();

  private final Channel trackingStore;
  private final Channel artifactStore;
  private final Channel registryService;
  private final Channel projectsRunner;

  public About(
      Channel trackingStore,
      Channel artifactStore,
      Channel registryService,
      Channel projectsRunner) {
    this.trackingStore = trackingStore;
    this.artifactStore = artifactStore;
    this.registryService = registryService;
    this.projectsRunner = projectsRunner;
  }

  public void route(Router.Builder router) {
    router.route("GET", "/health", (_, _) -> health());
    router.route("GET", "/version", (_, _) -> Response.text(200, Pages.TYPE, MLFLOW_VERSION));
    router.route("GET", "/api/3.0/mlflow/server-info", (_, _) -> serverInfo());
    router.route("GET", "/ajax-api/3.0/mlflow/server-info", (_, _) -> serverInfo());
  }

  /** Looks at the services, each of which looks at what it stands on. */
  private Response health() {
    List<String> down = new ArrayList<>();
    if (!isServing(trackingStore)) {
      down.add("tracking-store");
    }
    if (!isServing(artifactStore)) {
      down.add("artifact-store");
    }
    if (!isServing(registryService)) {
      down.add("registry-service");
    }
    if (!isServing(projectsRunner)) {
      down.add("projects-runner");
    }
    return down.isEmpty()
        ? plain(200, "OK")
        : plain(503, "Not serving: " + String.join(", ", down));
  }

  private static boolean isServing(Channel channel) {
    try {
      return HealthGrpc.newBlockingStub(channel)
              .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
              .check(HealthCheckRequest.getDefaultInstance())
              .getStatus()
          == ServingStatus.SERVING;
    } catch (StatusRuntimeException e) {
      log.warn("Health check failed: {}", e.getMessage());
      return false;
    }
  }

  /** As mlflow 3.17.2 {@code build_server_info_payload}. */
  private Response serverInfo() {
    GetArtifactCapabilitiesResponse artifacts = capabilities();
    return Response.stream(200, "application/json", -1, out -> write(artifacts, out));
  }

  private GetArtifactCapabilitiesResponse capabilities() {
    try {
      return ArtifactServiceGrpc.newBlockingStub(artifactStore)
          .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
          .getArtifactCapabilities(GetArtifactCapabilitiesRequest.getDefaultInstance());
    } catch (StatusRuntimeException e) {
      // A client that sees no capabilities works without them.
      log.warn("Artifact capabilities are unknown: {}", e.getMessage());
      return GetArtifactCapabilitiesResponse.getDefaultInstance();
    }
  }

  private static void write(GetArtifactCapabilitiesResponse artifacts, OutputStream out)
      throws IOException {
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      json.writeStringField("store_type", "SqlStore");
      json.writeBooleanField("workspaces_enabled", false);
      json.writeBooleanField("trace_archival_enabled", false);
      json.writeBooleanField("multipart_uploads_enabled", artifacts.getMultipartUpload());
      json.writeBooleanField("multipart_downloads_enabled", artifacts.getPresignedDownload());
      json.writeBooleanField("presigned_upload_run_id_supported", true);
      json.writeBooleanField("presigned_upload_model_id_supported", true);
      json.writeObjectFieldStart("features_enabled");
      json.writeBooleanField("gateway", false);
      json.writeEndObject();
      json.writeEndObject();
    }
  }

  private static Response plain(int status, String text) {
    return Response.text(status, "text/plain; charset=utf-8", text);
  }
}
