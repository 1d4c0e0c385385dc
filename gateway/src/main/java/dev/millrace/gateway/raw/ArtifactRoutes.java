package dev.millrace.gateway.raw;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.millrace.gateway.http.Endpoint;
import dev.millrace.gateway.http.Pages;
import dev.millrace.gateway.http.Query;
import dev.millrace.gateway.http.Request;
import dev.millrace.gateway.http.Response;
import dev.millrace.gateway.http.Router;
import dev.millrace.gateway.transcode.ErrorJson;
import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.proto.ArtifactTarget;
import dev.millrace.proto.GetModelVersionDownloadUriRequest;
import dev.millrace.proto.ModelVersionServiceGrpc;
import dev.millrace.proto.ModelVersionServiceGrpc.ModelVersionServiceBlockingStub;
import io.grpc.Channel;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Artifacts as bytes, by the routes of mlflow 3.17.2 {@code server/artifact_router.py} (by proxy,
 * below the root of the store) and {@code server/handlers.py} (what belongs to a run or a model).
 */
public final class ArtifactRoutes {

  /** The most that {@code upload-artifact} takes, by MLflow's rule. */
  private static final int MAX_UPLOAD_BYTES = 10 << 20;

  private static final Set<String> FORMS =
      Set.of("application/x-www-form-urlencoded", "multipart/form-data");

  private final ArtifactClient store;
  private final FileSender files;
  private final ModelVersionServiceBlockingStub versions;

  public ArtifactRoutes(Channel artifactStore, Channel registryService) {
    this.store = new ArtifactClient(artifactStore);
    this.versions = ModelVersionServiceGrpc.newBlockingStub(registryService);
    this.files = new FileSender(store);
  }

  public void route(Router.Builder router) {
    for (String api : new String[] {"/api", "/ajax-api"}) {
      String template = api + "/2.0/mlflow-artifacts/artifacts/{artifact_path=***}";
      router.route("GET", template, (request, path) -> get(request, inStore(path)));
      router.route("PUT", template, (request, path) -> put(request, inStore(path)));
    }
    router.route("GET", "/get-artifact", owned((request, _) -> getOfRun(request)));
    router.route(
        "GET", "/model-versions/get-artifact", owned((request, _) -> getOfVersion(request)));
    router.route(
        "GET",
        "/ajax-api/2.0/mlflow/logged-models/{model_id}/artifacts/files",
        owned((request, path) -> getOfModel(request, path.getOrDefault("model_id", ""))));
    router.route(
        "POST", "/ajax-api/2.0/mlflow/upload-artifact", owned((request, _) -> upload(request)));
  }

  private static ArtifactTarget inStore(Map<String, String> variables) {
    return ArtifactTarget.newBuilder()
        .setRoot(ArtifactTarget.Root.getDefaultInstance())
        .setPath(variables.getOrDefault("artifact_path", ""))
        .build();
  }

  private Response get(Request request, ArtifactTarget target) throws IOException {
    if (request.method().equals("HEAD")) {
      // FastAPI has no HEAD here, so the same route of Flask answers.
      return owned((same, _) -> files.werkzeug(same, target)).handle(request, Map.of());
    }
    try {
      return files.starlette(request, target);
    } catch (MillraceException e) {
      return detailed(e);
    }
  }

  private Response put(Request request, ArtifactTarget target) throws IOException {
    try {
      store.upload(target, request.contentLength(), request.body());
      return Response.of(200);
    } catch (MillraceException e) {
      return detailed(e);
    }
  }

  private Response getOfRun(Request request) throws IOException {
    Query query = Query.parse(request.query());
    String path = query.first("path");
    if (path == null) {
      return withoutPath();
    }
    String runId = given(query, "run_id");
    runId = runId == null ? given(query, "run_uuid") : runId;
    // Looked up like any other, so that the error is that of an unknown run.
    return files.werkzeug(request, ofRun(runId == null ? "None" : runId, path));
  }

  private Response getOfVersion(Request request) throws IOException {
    Query query = Query.parse(request.query());
    String path = query.first("path");
    if (path == null) {
      return withoutPath();
    }
    GetModelVersionDownloadUriRequest.Builder version =
        GetModelVersionDownloadUriRequest.newBuilder();
    version.setName(Objects.requireNonNullElse(query.first("name"), ""));
    version.setVersion(Objects.requireNonNullElse(query.first("version"), ""));
    String root = versions.getModelVersionDownloadUri(version.build()).getArtifactUri();
    return files.werkzeug(
        request, ArtifactTarget.newBuilder().setRootUri(root).setPath(path).build());
  }

  private static Response withoutPath() {
    return Pages.page(400, "Bad Request", "The parameter path is missing.");
  }

  private Response getOfModel(Request request, String modelId) throws IOException {
    String path = given(Query.parse(request.query()), "artifact_file_path");
    if (path == null) {
      return ErrorJson.of(
          new MillraceException(
              ErrorCode.BAD_REQUEST,
              "Request must include the \"artifact_file_path\" query parameter."));
    }
    return files.werkzeug(
        request, ArtifactTarget.newBuilder().setModelId(modelId).setPath(path).build());
  }

  private Response upload(Request request) throws IOException {
    Query query = Query.parse(request.query());
    ArtifactTarget target = ofRun(required(query, "run_uuid"), required(query, "path"));
    if (request.contentLength() > MAX_UPLOAD_BYTES) {
      throw tooLarge();
    }
    PushbackInputStream body = new PushbackInputStream(new Limited(request.body()));
    int first = isForm(request.header("Content-Type")) ? -1 : body.read();
    if (first < 0) {
      throw MillraceException.invalidParameter("Request must specify data.");
    }
    body.unread(first);
    store.upload(target, request.contentLength(), body);
    return Response.text(200, "application/json", "");
  }

  private static ArtifactTarget ofRun(String runId, String path) {
    return ArtifactTarget.newBuilder().setRunId(runId).setPath(path).build();
  }

  private static String required(Query query, String name) {
    String value = given(query, name);
    if (value == null) {
      throw MillraceException.invalidParameter("Request must specify %s.".formatted(name));
    }
    return value;
  }

  private static @Nullable String given(Query query, String name) {
    String value = query.first(name);
    return value == null || value.isEmpty() ? null : value;
  }

  /** Flask parses a form away; no data is left of it. */
  private static boolean isForm(@Nullable String contentType) {
    return contentType != null
        && FORMS.contains(contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT));
  }

  private static MillraceException tooLarge() {
    return MillraceException.invalidParameter("Artifact size is too large. Max size is 10MB.");
  }

  /** What the store says of a request that cannot be a file's, in the words of these routes. */
  private static Endpoint owned(Endpoint endpoint) {
    return (request, variables) -> {
      try {
        return endpoint.handle(request, variables);
      } catch (MillraceException e) {
        throw e.code() == ErrorCode.BAD_REQUEST ? MillraceException.invalidParameter(e.text()) : e;
      }
    };
  }

  /** The same in FastAPI's. */
  private static Response detailed(MillraceException e) {
    if (e.code() != ErrorCode.BAD_REQUEST) {
      throw e;
    }
    String detail = new String(JsonStringEncoder.getInstance().quoteAsString(e.text()));
    return Response.text(400, "application/json", "{\"detail\":\"%s\"}".formatted(detail));
  }

  /** Stops an upload that is too large, wherever it says nothing of its size. */
  private static final class Limited extends FilterInputStream {

    private long left = MAX_UPLOAD_BYTES;

    Limited(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      int value = super.read();
      count(value < 0 ? 0 : 1);
      return value;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      int count = super.read(target, offset, length);
      count(Math.max(count, 0));
      return count;
    }

    private void count(int bytes) {
      left -= bytes;
      if (left < 0) {
        throw tooLarge();
      }
    }
  }
}
