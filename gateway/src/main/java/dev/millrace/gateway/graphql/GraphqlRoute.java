package dev.millrace.gateway.graphql;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.millrace.gateway.http.Request;
import dev.millrace.gateway.http.Response;
import dev.millrace.gateway.http.Router;
import dev.millrace.gateway.transcode.BodyMemory;
import dev.millrace.gateway.transcode.JsonBody;
import dev.millrace.gateway.transcode.JsonValue;
import dev.millrace.platform.error.MillraceException;
import io.grpc.Channel;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** GraphQL over HTTP: {@code POST /graphql} with an operation in JSON. */
public final class GraphqlRoute {

  /** Bytes; the UI's largest operation is not two thousand. */
  private static final int MAX_BODY_BYTES = 1 << 20;

  private static final JsonFactory JSON = new JsonFactory();

  private final Channel trackingStore;
  private final Channel artifactStore;
  private final Channel registryService;
  private final BodyMemory bodies;

  // Made for the first operation: the schema would take a twentieth of every start.
  private @Nullable Graphql graphql;

  /**
   * @param bodies the room for bodies of requests
   */
  public GraphqlRoute(
      Channel trackingStore, Channel artifactStore, Channel registryService, BodyMemory bodies) {
    this.trackingStore = trackingStore;
    this.artifactStore = artifactStore;
    this.registryService = registryService;
    this.bodies = bodies;
  }

  public void route(Router.Builder router) {
    router.route("POST", "/graphql", (request, _) -> answer(request));
  }

  private Response answer(Request request) throws IOException {
    Map<?, ?> operation;
    try (BodyMemory.Share share = bodies.share()) {
      operation = operation(JsonBody.read(request, MAX_BODY_BYTES, share));
    }
    if (!(operation.get("query") instanceof String query) || query.isBlank()) {
      throw MillraceException.invalidParameter(
          "Missing value for required parameter 'query': a GraphQL document.");
    }
    Object name = operation.get("operationName");
    if (name != null && !(name instanceof String)) {
      throw MillraceException.invalidParameter(
          "Invalid value for parameter 'operationName' supplied: it must be a string.");
    }
    Map<String, Object> variables = variables(operation.get("variables"));
    String answer = JsonValue.dumps(graphql().execute(query, (String) name, variables));
    return Response.text(200, "application/json", answer);
  }

  private synchronized Graphql graphql() {
    if (graphql == null) {
      graphql = new Graphql(trackingStore, artifactStore, registryService);
    }
    return graphql;
  }

  private static Map<?, ?> operation(byte[] body) throws IOException {
    try (JsonParser parser = JSON.createParser(body)) {
      if (parser.nextToken() == JsonToken.START_OBJECT
          && JsonValue.read(parser) instanceof Map<?, ?> operation
          && parser.nextToken() == null) {
        return operation;
      }
    } catch (JsonProcessingException e) {
      throw MillraceException.invalidParameter("The body is no JSON: " + e.getOriginalMessage());
    }
    throw MillraceException.invalidParameter("The body must be one JSON object.");
  }

  private static Map<String, Object> variables(@Nullable Object given) {
    if (given == null) {
      return Map.of();
    }
    if (!(given instanceof Map<?, ?> values)) {
      throw MillraceException.invalidParameter(
          "Invalid value for parameter 'variables' supplied: it must be an object.");
    }
    Map<String, Object> variables = new TreeMap<>();
    values.forEach((name, value) -> variables.put((String) name, value));
    return variables;
  }
}
