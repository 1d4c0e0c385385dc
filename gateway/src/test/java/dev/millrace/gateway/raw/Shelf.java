package dev.millrace.gateway.raw;

import com.google.protobuf.ByteString;
import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.grpc.ByteSink;
import dev.millrace.platform.grpc.FileSlice;
import dev.millrace.platform.grpc.Handover;
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
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A small artifact service. A name with a slash at its end is a directory; {@code broken} breaks
 * off after three bytes; nothing is ever stored as {@code refused}.
 */
final class Shelf extends ArtifactServiceImplBase {

  static final String ETAG = "an-etag";

  final Map<String, ByteString> files = new ConcurrentHashMap<>();

  /** Whether bytes pass beside the messages, where a caller offers that. */
  volatile boolean direct;

  /** How many bytes did. */
  final AtomicLong directBytes = new AtomicLong();

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
    Handover<FileSlice> offered = Handover.offered(FileSlice.class);
    if (direct && offered != null) {
      offered.leave(slice(file, range, part.size()));
      directBytes.addAndGet(part.size());
      part = ByteString.EMPTY;
    }
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

  private static FileSlice slice(ByteString file, ByteRange range, int length) {
    try {
      Path path = Files.createTempFile("shelf", null);
      Files.write(path, file.toByteArray());
      FileChannel open = FileChannel.open(path, StandardOpenOption.DELETE_ON_CLOSE);
      return new FileSlice(open, range.getFirst(), length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public StreamObserver<UploadArtifactRequest> uploadArtifact(
      StreamObserver<UploadArtifactResponse> caller) {
    Handover<ByteSink> offered = Handover.offered(ByteSink.class);
    var call = (ServerCallStreamObserver<UploadArtifactResponse>) caller;
    call.disableAutoRequest();
    call.request(1);
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
        if (direct && offered != null) {
          offered.leave(this::take);
        }
        call.request(1);
      }

      private boolean take(ByteBuffer piece) {
        directBytes.addAndGet(piece.remaining());
        bytes = bytes.concat(ByteString.copyFrom(piece));
        return true;
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
