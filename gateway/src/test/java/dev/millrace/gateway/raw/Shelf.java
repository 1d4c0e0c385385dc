package dev.millrace.gateway.raw;

import com.google.protobuf.ByteString;
import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.proto.ArtifactInfo;
import dev.millrace.proto.ArtifactServiceGrpc.ArtifactServiceImplBase;
import dev.millrace.proto.ArtifactTarget;
import dev.millrace.proto.ByteRange;
import dev.millrace.proto.DownloadArtifactRequest;
import dev.millrace.proto.DownloadArtifactResponse;
import dev.millrace.proto.DownloadInfo;
import dev.millrace.proto.GetArtifactInfoRequest;
import dev.millrace.proto.GetArtifactInfoResponse;
import dev.millrace.proto.UploadArtifactRequest;
import dev.millrace.proto.UploadArtifactResponse;
import io.grpc.stub.StreamObserver;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * A small artifact service. A name with a slash at its end is a directory; {@code broken} breaks
 * off after three bytes; nothing is ever stored as {@code refused}.
 */
final class Shelf extends ArtifactServiceImplBase {

  static final String ETAG = "an-etag";

  final Map<String, ByteString> files = new ConcurrentHashMap<>();

  /** The names of uploads that began and did not end. */
  final BlockingQueue<String> cutOff = new LinkedBlockingQueue<>();

  /** As a test refers to a file: its owner, then its path. */
  private static String name(ArtifactTarget target) {
    return target.getRunId() + target.getModelId() + target.getRootUri() + ":" + target.getPath();
  }

  private ByteString file(ArtifactTarget target) {
    if (target.getPath().isEmpty() || target.getPath().endsWith("/")) {
      throw new MillraceException(
          ErrorCode.BAD_REQUEST, "Not a \"file\": '%s'".formatted(target.getPath()));
    }
    ByteString file = files.get(name(target));
    if (file == null) {
      throw MillraceException.notFound("No such artifact: '%s'".formatted(target.getPath()));
    }
    return file;
  }

  private static ArtifactInfo info(ArtifactTarget target, ByteString file) {
    return ArtifactInfo.newBuilder()
        .setSize(file.size())
        .setEtag(ETAG)
        .setLastModified(1_000_000_500_999L)
        .setPath(target.getPath())
        .setContentType("text/x-test")
        .build();
  }

  @Override
  public void getArtifactInfo(
      GetArtifactInfoRequest request, StreamObserver<GetArtifactInfoResponse> caller) {
    ArtifactTarget target = request.getTarget();
    caller.onNext(GetArtifactInfoResponse.newBuilder().setInfo(info(target, file(target))).build());
    caller.onCompleted();
  }

  @Override
  public void downloadArtifact(
      DownloadArtifactRequest request, StreamObserver<DownloadArtifactResponse> receiver) {
    ArtifactTarget target = request.getTarget();
    ByteString file = file(target);
    ByteRange range = request.getRange();
    ByteString part =
        range.hasFirst() ? file.substring((int) range.getFirst(), (int) range.getLast() + 1) : file;
    receiver.onNext(
        DownloadArtifactResponse.newBuilder()
            .setInfo(DownloadInfo.newBuilder().setArtifact(info(target, file)))
            .build());
    if (target.getPath().equals("broken")) {
      receiver.onNext(DownloadArtifactResponse.newBuilder().setData(part.substring(0, 3)).build());
      throw new MillraceException(ErrorCode.INTERNAL_ERROR, "expected by the test");
    }
    for (int from = 0; from < part.size(); from += 1000) {
      ByteString piece = part.substring(from, Math.min(from + 1000, part.size()));
      receiver.onNext(DownloadArtifactResponse.newBuilder().setData(piece).build());
    }
    receiver.onCompleted();
  }

  @Override
  public StreamObserver<UploadArtifactRequest> uploadArtifact(
      StreamObserver<UploadArtifactResponse> caller) {
    return new StreamObserver<>() {
      private @Nullable String name;
      private ByteString bytes = ByteString.EMPTY;

      @Override
      public void onNext(UploadArtifactRequest message) {
        if (message.hasTarget()) {
          name = name(message.getTarget());
          if (message.getTarget().getPath().equals("refused")) {
            throw MillraceException.invalidParameter("Not that one");
          }
        }
        bytes = bytes.concat(message.getData());
      }

      @Override
      public void onError(Throwable thrown) {
        cutOff.add(String.valueOf(name));
      }

      @Override
      public void onCompleted() {
        files.put(String.valueOf(name), bytes);
        caller.onNext(UploadArtifactResponse.getDefaultInstance());
        caller.onCompleted();
      }
    };
  }
}
