package dev.millrace.gateway.transcode;

import com.google.protobuf.Message;
import dev.millrace.gateway.http.Endpoint;
import dev.millrace.gateway.http.Query;
import dev.millrace.gateway.http.Request;
import dev.millrace.gateway.http.Response;
import dev.millrace.gateway.http.Router;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Answers the routes that the contracts declare by calling their services. */
public final class Transcoder {

  private static final Set<String> TYPED_METHODS = Set.of("POST", "PUT");

  private final int maxBodyBytes;
  private final BodyMemory bodies;

  /**
   * @param maxBodyBytes the largest JSON body taken; a larger one is answered with 413
   * @param bodies the room for all of them
   */
  public Transcoder(int maxBodyBytes, BodyMemory bodies) {
    this.maxBodyBytes = maxBodyBytes;
    this.bodies = bodies;
  }

  /** Adds every route of the services, which {@code channel} reaches. */
  public void route(Router.Builder router, List<ServiceDescriptor> services, Channel channel) {
    for (Binding binding : Binding.of(services)) {
      router.route(binding.method(), binding.template(), endpoint(binding, binding.rpc(), channel));
    }
  }

  private <Q, R> Endpoint endpoint(Binding binding, MethodDescriptor<Q, R> rpc, Channel channel) {
    RequestReader reader = new RequestReader(Prototype.of(rpc.getRequestMarshaller()));
    MessageWriter writer = MessageWriter.of(Prototype.of(rpc.getResponseMarshaller()));
    boolean isPartial = rpc.getType() == MethodDescriptor.MethodType.SERVER_STREAMING;
    if (isPartial && !writer.isPartial()) {
      throw new IllegalStateException(rpc.getFullMethodName() + " has no list to come in parts");
    }
    return (request, variables) -> {
      try (BodyMemory.Share share = bodies.share()) {
        Message.Builder builder = read(binding, reader, request, share);
        for (Map.Entry<String, String> variable : variables.entrySet()) {
          reader.setVariable(builder, variable.getKey(), variable.getValue());
        }
        // The builder is of the method's own request type, which its prototype made.
        @SuppressWarnings("unchecked")
        Q message = (Q) builder.build();
        return isPartial
            ? parts(rpc, channel, message, writer)
            : whole(rpc, channel, message, writer);
      }
    };
  }

  private static <Q, R> Response whole(
      MethodDescriptor<Q, R> rpc, Channel channel, Q message, MessageWriter writer) {
    Message answer =
        (Message) ClientCalls.blockingUnaryCall(channel, rpc, CallOptions.DEFAULT, message);
    return json(json -> writer.write(answer, json));
  }

  private static <Q, R> Response parts(
      MethodDescriptor<Q, R> rpc, Channel channel, Q message, MessageWriter writer)
      throws IOException {
    PartialAnswer parts =
        new PartialAnswer(
            ClientCalls.blockingV2ServerStreamingCall(channel, rpc, CallOptions.DEFAULT, message));
    return json(
        json -> {
          try (parts) {
            writer.write(parts, json);
          }
        });
  }

  @FunctionalInterface
  private interface Text {
    void write(JsonOutput json) throws IOException;
  }

  private static Response json(Text text) {
    return Response.stream(
        200,
        JsonBody.TYPE,
        -1,
        out -> {
          JsonOutput json = new JsonOutput(out);
          text.write(json);
          json.flush();
        });
  }

  private Message.Builder read(
      Binding binding, RequestReader reader, Request request, BodyMemory.Share share)
      throws IOException {
    if (binding.method().equals("GET")) {
      Query query = Query.parse(request.query());
      // MLflow reads the body of a GET that has no query.
      return query.isEmpty()
          ? reader.fromBody(JsonBody.readUntyped(request, maxBodyBytes, share))
          : reader.fromQuery(query);
    }
    if (!binding.hasBody()) {
      return reader.fromBody(new byte[0]);
    }
    return reader.fromBody(
        TYPED_METHODS.contains(binding.method())
            ? JsonBody.read(request, maxBodyBytes, share)
            : JsonBody.readUntyped(request, maxBodyBytes, share));
  }
}
