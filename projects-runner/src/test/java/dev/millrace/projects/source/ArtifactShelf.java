package dev.millrace.projects.source;

import com.google.protobuf.ByteString;
import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.Errors;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.proto.ArtifactServiceGrpc.ArtifactServiceImplBase;
import dev.millrace.proto.ArtifactTarget;
import dev.millrace.proto.DownloadArtifactRequest;
import dev.millrace.proto.DownloadArtifactResponse;
import dev.millrace.proto.DownloadInfo;
import dev.millrace.proto.FileInfo;
import dev.millrace.proto.ListOwnedArtifactsRequest;
import dev.millrace.proto.ListOwnedArtifactsResponse;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/** An artifact store that is told what it has, and lies if it is told to. */
final class ArtifactShelf extends ArtifactServiceImplBase {

  /** By the owner and the path: {@code run/ID/path}, {@code model/ID/…}, {@code uri/URI/…}. */
  final Map<String, String> files = new TreeMap<>();

  /** What a list has besides. */
  final List<FileInfo> listed = new ArrayList<>();

  /** How much more it promises than it sends. */
  long lie;

  /** Whether it sends nothing, and does not end. */
  volatile boolean isStuck;

  /** Whether it sends the beginning of a file, and does not end. */
  volatile boolean stopsMidway;

  /** How often it says that it cannot now. */
  final AtomicInteger outages = new AtomicInteger();

  private static String key(ArtifactTarget target) {
    String owner =
        switch (target.getOwnerCase()) {
          case ROOT -> "root";
          case RUN_ID -> "run/" + target.getRunId();
          case MODEL_ID -> "model/" + target.getModelId();
          case ROOT_URI -> "uri/" + target.getRootUri();
          case OWNER_NOT_SET -> throw new AssertionError("no owner");
        };
    String path = target.getPath().replaceFirst("/+$", "");
    return path.isEmpty() ? owner : owner + "/" + path;
  }

  @Override
  public void listOwnedArtifacts(
      ListOwnedArtifactsRequest request, StreamObserver<ListOwnedArtifactsResponse> observer) {
    String folder = key(request.getTarget()) + "/";
    if (isOut(observer)) {
      return;
    }
    Set<FileInfo> found = new LinkedHashSet<>(listed);
    files.forEach(
        (name, content) -> {
          if (name.startsWith(folder)) {
            String rest = name.substring(folder.length());
            int slash = rest.indexOf('/');
            found.add(slash < 0 ? file(rest, false) : file(rest.substring(0, slash), true));
          }
        });
    observer.onNext(ListOwnedArtifactsResponse.newBuilder().addAllFiles(found).build());
    observer.onCompleted();
  }

  static FileInfo file(String name, boolean isFolder) {
    return FileInfo.newBuilder().setPath(name).setIsDir(isFolder).build();
  }

  @Override
  public void downloadArtifact(
      DownloadArtifactRequest request, StreamObserver<DownloadArtifactResponse> observer) {
    if (isStuck || isOut(observer)) {
      return;
    }
    String content = listed.isEmpty() ? files.get(key(request.getTarget())) : "evil";
    if (content == null) {
      observer.onError(Errors.toStatus(MillraceException.notFound("No such artifact")));
      return;
    }
    observer.onNext(
        DownloadArtifactResponse.newBuilder()
            .setInfo(DownloadInfo.newBuilder().setLength(content.length() + lie))
            .build());
    for (int i = 0; i < (stopsMidway ? 1000 : content.length()); i += 1000) {
      observer.onNext(
          DownloadArtifactResponse.newBuilder()
              .setData(
                  ByteString.copyFromUtf8(
                      content.substring(i, Math.min(content.length(), i + 1000))))
              .build());
    }
    if (!stopsMidway) {
      observer.onCompleted();
    }
  }

  private boolean isOut(StreamObserver<?> observer) {
    if (outages.getAndUpdate(left -> Math.max(0, left - 1)) == 0) {
      return false;
    }
    observer.onError(
        Errors.toStatus(
            new MillraceException(ErrorCode.TEMPORARILY_UNAVAILABLE, "The store is away")));
    return true;
  }
}
