package dev.millrace.projects.source;

import com.google.protobuf.ByteString;
import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.Errors;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.projects.retry.Retries;
import dev.millrace.proto.ArtifactServiceGrpc;
import dev.millrace.proto.ArtifactServiceGrpc.ArtifactServiceBlockingStub;
import dev.millrace.proto.ArtifactServiceGrpc.ArtifactServiceBlockingV2Stub;
import dev.millrace.proto.ArtifactTarget;
import dev.millrace.proto.DownloadArtifactRequest;
import dev.millrace.proto.DownloadArtifactResponse;
import dev.millrace.proto.FileInfo;
import dev.millrace.proto.GetLatestVersionsRequest;
import dev.millrace.proto.GetModelVersionByAliasRequest;
import dev.millrace.proto.GetModelVersionDownloadUriRequest;
import dev.millrace.proto.ListOwnedArtifactsRequest;
import dev.millrace.proto.ModelVersion;
import dev.millrace.proto.ModelVersionServiceGrpc;
import dev.millrace.proto.ModelVersionServiceGrpc.ModelVersionServiceBlockingStub;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.BlockingClientCall;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Files that the artifact store has, also those of models that the registry knows. */
final class StoredFiles {

  private static final long DEADLINE_SECONDS = 30;

  private final ArtifactServiceBlockingStub artifacts;
  private final ArtifactServiceBlockingV2Stub streams;
  private final ModelVersionServiceBlockingStub versions;

  StoredFiles(Channel artifactStore, Channel registryService) {
    this.artifacts = ArtifactServiceGrpc.newBlockingStub(artifactStore);
    this.streams = ArtifactServiceGrpc.newBlockingV2Stub(artifactStore);
    this.versions = ModelVersionServiceGrpc.newBlockingStub(registryService);
  }

  private record Entry(String path, String destination) {}

  /**
   * The number of the version that a URI names.
   *
   * @param retries where the registry is away
   * @throws MillraceException as the registry says; RESOURCE_DOES_NOT_EXIST if a stage has none
   */
  String version(ParameterUri.OfVersion wanted, Retries retries)
      throws IOException, InterruptedException {
    if (wanted.version() != null) {
      return wanted.version();
    }
    if (wanted.alias() != null) {
      GetModelVersionByAliasRequest request =
          GetModelVersionByAliasRequest.newBuilder()
              .setName(wanted.name())
              .setAlias(wanted.alias())
              .build();
      return call(retries, () -> versions().getModelVersionByAlias(request))
          .getModelVersion()
          .getVersion();
    }
    GetLatestVersionsRequest.Builder request =
        GetLatestVersionsRequest.newBuilder().setName(wanted.name());
    if (wanted.stage() != null) {
      request.addStages(wanted.stage());
    }
    return call(retries, () -> versions().getLatestVersions(request.build()))
        .getModelVersionsList()
        .stream()
        .map(ModelVersion::getVersion)
        .max(Comparator.comparing(Long::valueOf))
        .orElseThrow(
            () ->
                MillraceException.notFound(
                    "No versions of model with name '%s'%s found"
                        .formatted(
                            wanted.name(),
                            wanted.stage() == null
                                ? ""
                                : " and stage '%s'".formatted(wanted.stage()))));
  }

  /** Where the files of a version of a model are. */
  ArtifactTarget.Builder target(String model, String version, Retries retries)
      throws IOException, InterruptedException {
    GetModelVersionDownloadUriRequest request =
        GetModelVersionDownloadUriRequest.newBuilder().setName(model).setVersion(version).build();
    return ArtifactTarget.newBuilder()
        .setRootUri(
            call(retries, () -> versions().getModelVersionDownloadUri(request)).getArtifactUri());
  }

  /**
   * Fetches a file, or a folder with all that is in it.
   *
   * @param owner of what is wanted, without a path
   * @param path of it
   * @param destination its name below {@code tree}; empty for a folder that is {@code tree} itself
   * @param retries of each call by itself, where the store is away
   * @throws MillraceException as the store says; RESOURCE_DOES_NOT_EXIST if there is nothing
   */
  void fetch(
      ArtifactTarget.Builder owner, String path, String destination, Tree tree, Retries retries)
      throws IOException, InterruptedException {
    List<FileInfo> files = list(target(owner, path), tree, retries);
    if (files.isEmpty()) {
      if (destination.isEmpty()) {
        throw MillraceException.notFound("There are no artifacts");
      }
      retries.call(() -> download(target(owner, path), destination, tree));
      return;
    }
    Deque<Entry> folders = new ArrayDeque<>();
    folders.add(new Entry(path, destination));
    for (Entry folder = folders.poll(); folder != null; folder = folders.poll()) {
      tree.addFolder(folder.destination());
      for (FileInfo file : files) {
        Entry entry =
            new Entry(
                join(folder.path(), file.getPath()), join(folder.destination(), file.getPath()));
        if (file.getIsDir()) {
          folders.add(entry);
        } else {
          retries.call(() -> download(target(owner, entry.path()), entry.destination(), tree));
        }
      }
      files =
          folders.isEmpty() ? List.of() : list(target(owner, folders.peek().path()), tree, retries);
    }
  }

  private static String join(String folder, String name) {
    return folder.isEmpty() || folder.endsWith("/") ? folder + name : folder + "/" + name;
  }

  private static ArtifactTarget target(ArtifactTarget.Builder owner, String path) {
    return owner.clone().setPath(path).build();
  }

  private List<FileInfo> list(ArtifactTarget target, Tree tree, Retries retries)
      throws IOException, InterruptedException {
    ListOwnedArtifactsRequest request =
        ListOwnedArtifactsRequest.newBuilder().setTarget(target).build();
    return call(
            retries,
            () -> {
              tree.allowance().checkTime();
              return artifacts
                  .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
                  .listOwnedArtifacts(request);
            })
        .getFilesList();
  }

  /** What is left of a file that came by half is gone when this is over. */
  private boolean download(ArtifactTarget target, String destination, Tree tree)
      throws IOException, InterruptedException {
    tree.allowance().checkTime();
    BlockingClientCall<?, DownloadArtifactResponse> call =
        streams
            .withDeadlineAfter(tree.allowance().left())
            .downloadArtifact(DownloadArtifactRequest.newBuilder().setTarget(target).build());
    boolean isWhole = false;
    try {
      DownloadArtifactResponse first = call.read();
      if (first == null) {
        throw new IOException("The artifact store sent nothing");
      }
      tree.addFile(destination, new Received(call, first.getInfo().getLength()), false);
      isWhole = true;
      return true;
    } catch (StatusException e) {
      tree.allowance().checkTime();
      throw failure(e);
    } finally {
      if (!isWhole) {
        call.cancel("Not wanted any more", null);
      }
    }
  }

  private ModelVersionServiceBlockingStub versions() {
    return versions.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  private static <T> T call(Retries retries, Supplier<T> call)
      throws IOException, InterruptedException {
    return retries.call(
        () -> {
          try {
            return call.get();
          } catch (StatusRuntimeException e) {
            throw failure(e);
          }
        });
  }

  private static MillraceException failure(StatusException e) {
    return failure(new StatusRuntimeException(e.getStatus(), e.getTrailers()));
  }

  /**
   * A server that is told to stop cancels what it sends; here, nobody cancels what he waits for.
   */
  private static MillraceException failure(StatusRuntimeException e) {
    return e.getStatus().getCode() == Status.Code.CANCELLED
        ? new MillraceException(
            ErrorCode.TEMPORARILY_UNAVAILABLE, "The server has broken off: " + e.getMessage(), e)
        : Errors.fromStatus(e);
  }

  /** The bytes of a download, all of which have to come. */
  private static final class Received extends InputStream {

    private final BlockingClientCall<?, DownloadArtifactResponse> call;
    private long left;
    private InputStream piece = InputStream.nullInputStream();

    Received(BlockingClientCall<?, DownloadArtifactResponse> call, long length) {
      this.call = call;
      this.left = length;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int start, int length) throws IOException {
      int count = piece.read(buffer, start, length);
      while (count < 0) {
        ByteString next = next();
        if (next == null) {
          if (left != 0) {
            throw new IOException("The artifact store sent another size than it said");
          }
          return -1;
        }
        piece = next.newInput();
        count = piece.read(buffer, start, length);
      }
      left -= count;
      return count;
    }

    private @Nullable ByteString next() throws IOException {
      try {
        DownloadArtifactResponse response = call.read();
        return response == null ? null : response.getData();
      } catch (StatusException e) {
        throw failure(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException();
      }
    }
  }
}
