package dev.millrace.gateway.raw;

import dev.millrace.gateway.http.BodyOutput;
import dev.millrace.platform.error.Errors;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.grpc.ByteSink;
import dev.millrace.platform.grpc.FileSlice;
import dev.millrace.platform.grpc.Handover;
import dev.millrace.proto.ArtifactInfo;
import dev.millrace.proto.ArtifactServiceGrpc;
import dev.millrace.proto.ArtifactServiceGrpc.ArtifactServiceBlockingStub;
import dev.millrace.proto.ArtifactServiceGrpc.ArtifactServiceBlockingV2Stub;
import dev.millrace.proto.ArtifactTarget;
import dev.millrace.proto.ByteRange;
import dev.millrace.proto.DownloadArtifactRequest;
import dev.millrace.proto.DownloadArtifactResponse;
import dev.millrace.proto.GetArtifactInfoRequest;
import dev.millrace.proto.UploadArtifactRequest;
import io.grpc.Channel;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.BlockingClientCall;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * The artifact store as streams. Each side waits for the slower one: what is read from a client
 * goes out before more is read, and what a client does not take is not asked for.
 */
final class ArtifactClient {

  private final ArtifactServiceBlockingStub calls;
  private final ArtifactServiceBlockingV2Stub streams;

  ArtifactClient(Channel artifactStore) {
    this.calls = ArtifactServiceGrpc.newBlockingStub(artifactStore);
    this.streams = ArtifactServiceGrpc.newBlockingV2Stub(artifactStore);
  }

  /**
   * What is known of a file.
   *
   * @throws MillraceException as the store says
   */
  ArtifactInfo info(ArtifactTarget target) {
    try {
      return calls
          .getArtifactInfo(GetArtifactInfoRequest.newBuilder().setTarget(target).build())
          .getInfo();
    } catch (StatusRuntimeException e) {
      throw Errors.fromStatus(e);
    }
  }

  /**
   * Begins to read a file.
   *
   * @throws MillraceException as the store says
   */
  Download download(ArtifactTarget target, ByteRange range) throws IOException {
    Handover<FileSlice> direct = new Handover<>(FileSlice.class);
    BlockingClientCall<?, DownloadArtifactResponse> call =
        direct
            .on(streams)
            .downloadArtifact(
                DownloadArtifactRequest.newBuilder().setTarget(target).setRange(range).build());
    try {
      DownloadArtifactResponse first = call.read();
      if (first == null) {
        throw new IOException("The artifact store sent nothing");
      }
      return new Download(first.getInfo().getArtifact(), call, direct.take());
    } catch (StatusException e) {
      throw Errors.fromStatus(e);
    } catch (InterruptedException e) {
      throw StreamedBody.interrupted(call);
    }
  }

  /**
   * A file, or a part of it, on its way.
   *
   * @param direct the open file, if the store is in this process and keeps files; then the call
   *     brings no bytes
   */
  record Download(
      ArtifactInfo info,
      BlockingClientCall<?, DownloadArtifactResponse> call,
      @Nullable FileSlice direct) {

    /** Writes all of it, and ends the call however that goes. */
    void writeTo(BodyOutput out) throws IOException {
      boolean ended = false;
      try (FileSlice file = direct) {
        if (file != null) {
          out.send(file.file(), file.offset(), file.length());
        }
        for (DownloadArtifactResponse next = call.read(); next != null; next = call.read()) {
          next.getData().writeTo(out);
        }
        ended = true;
      } catch (StatusException e) {
        throw new IOException("The artifact store broke off", e);
      } catch (InterruptedException e) {
        throw StreamedBody.interrupted(call);
      } finally {
        if (!ended) {
          call.cancel("Not wanted any more", null);
        }
      }
    }

    /** Ends the call of a file that nobody wants. */
    void cancel() throws IOException {
      call.cancel("Not wanted any more", null);
      if (direct != null) {
        direct.close();
      }
    }
  }

  /**
   * Stores what {@code body} has, unless reading it fails: then nothing is stored.
   *
   * @param size in bytes if known, else -1
   * @throws MillraceException as the store says
   * @throws IOException if reading the body fails
   */
  void upload(ArtifactTarget target, long size, InputStream body) throws IOException {
    UploadArtifactRequest.Builder first = UploadArtifactRequest.newBuilder().setTarget(target);
    if (size >= 0) {
      first.setSize(size);
    }
    Handover<ByteSink> direct = new Handover<>(ByteSink.class);
    StreamedBody.send(
        direct.on(streams).uploadArtifact(),
        new StreamedBody.Messages<>(
            bytes -> first.setData(bytes).build(),
            bytes -> UploadArtifactRequest.newBuilder().setData(bytes).build()),
        size,
        body,
        direct);
  }
}
