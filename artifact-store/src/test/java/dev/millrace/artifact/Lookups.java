package dev.millrace.artifact;

import dev.millrace.platform.access.Access;
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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What the tracking store answers to the look-ups of the artifact store. */
final class Lookups {

  private final Map<String, String> uris = new ConcurrentHashMap<>();
  private final Set<String> changeable = ConcurrentHashMap.newKeySet();

  /** From now on, the run or model of this id keeps its artifacts at {@code uri}. */
  void put(String id, String uri) {
    uris.put(id, uri);
  }

  List<BindableService> services() {
    return List.of(new Runs(), new Models());
  }

  /** From now on, callers may change the run or model of this id. */
  void letChange(String id) {
    changeable.add(id);
  }

  private void requireChangeable(String id) {
    if (!changeable.contains(id)) {
      throw Access.refused();
    }
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
    public void getEditableRunInfo(
        GetRunInfoRequest request, StreamObserver<GetRunInfoResponse> observer) {
      requireChangeable(request.getRunId());
      getRunInfo(request, observer);
    }

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
    public void getEditableLoggedModel(
        GetLoggedModelRequest request, StreamObserver<GetLoggedModelResponse> observer) {
      requireChangeable(request.getModelId());
      getLoggedModel(request, observer);
    }

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
