package dev.millrace.artifact;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.proto.GetLoggedModelRequest;
import dev.millrace.proto.GetLoggedModelResponse;
import dev.millrace.proto.GetRunInfoRequest;
import dev.millrace.proto.GetRunInfoResponse;
import dev.millrace.proto.LoggedModel;
import dev.millrace.proto.LoggedModelInfo;
import dev.millrace.proto.LoggedModelServiceGrpc.LoggedModelServiceImplBase;
import dev.millrace.proto.RunInfo;
import dev.millrace.proto.RunServiceGrpc.RunServiceImplBase;
import io.grpc.BindableService;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What the tracking store answers to the two look-ups of the artifact store. */
final class Lookups {

  private final Map<String, String> uris = new ConcurrentHashMap<>();

  /** From now on, the run or model of this id keeps its artifacts at {@code uri}. */
  void put(String id, String uri) {
    uris.put(id, uri);
  }

  List<BindableService> services() {
    return List.of(new Runs(), new Models());
  }

  private String uri(String id) {
    String uri = uris.get(id);
    if (uri == null) {
      throw MillraceException.notFound("Run with id=%s not found".formatted(id));
    }
    return uri;
  }

  private final class Runs extends RunServiceImplBase {
    @Override
    public void getRunInfo(GetRunInfoRequest request, StreamObserver<GetRunInfoResponse> observer) {
      observer.onNext(
          GetRunInfoResponse.newBuilder()
              .setRunInfo(RunInfo.newBuilder().setArtifactUri(uri(request.getRunId())))
              .build());
      observer.onCompleted();
    }
  }

  private final class Models extends LoggedModelServiceImplBase {
    @Override
    public void getLoggedModel(
        GetLoggedModelRequest request, StreamObserver<GetLoggedModelResponse> observer) {
      observer.onNext(
          GetLoggedModelResponse.newBuilder()
              .setModel(
                  LoggedModel.newBuilder()
                      .setInfo(
                          LoggedModelInfo.newBuilder().setArtifactUri(uri(request.getModelId()))))
              .build());
      observer.onCompleted();
    }
  }
}
