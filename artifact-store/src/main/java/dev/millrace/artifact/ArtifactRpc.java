package dev.millrace.artifact;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.proto.AbortMultipartUploadRequest;
import dev.millrace.proto.AbortMultipartUploadResponse;
import dev.millrace.proto.ArtifactInfo;
import dev.millrace.proto.ArtifactServiceGrpc.ArtifactServiceImplBase;
import dev.millrace.proto.ByteRange;
import dev.millrace.proto.CompleteMultipartUploadRequest;
import dev.millrace.proto.CompleteMultipartUploadResponse;
import dev.millrace.proto.CreateMultipartUploadRequest;
import dev.millrace.proto.CreateMultipartUploadResponse;
import dev.millrace.proto.CreatePresignedDownloadUrlRequest;
import dev.millrace.proto.CreatePresignedDownloadUrlResponse;
import dev.millrace.proto.CreatePresignedUploadUrlRequest;
import dev.millrace.proto.CreatePresignedUploadUrlResponse;
import dev.millrace.proto.DeleteArtifactRequest;
import dev.millrace.proto.DeleteArtifactResponse;
import dev.millrace.proto.DownloadArtifactRequest;
import dev.millrace.proto.DownloadArtifactResponse;
import dev.millrace.proto.DownloadInfo;
import dev.millrace.proto.FileInfo;
import dev.millrace.proto.GetArtifactCapabilitiesRequest;
import dev.millrace.proto.GetArtifactCapabilitiesResponse;
import dev.millrace.proto.GetArtifactInfoRequest;
import dev.millrace.proto.GetArtifactInfoResponse;
import dev.millrace.proto.GetPresignedDownloadUrlRequest;
import dev.millrace.proto.GetPresignedDownloadUrlResponse;
import dev.millrace.proto.ListArtifactsRequest;
import dev.millrace.proto.ListArtifactsResponse;
import dev.millrace.proto.ListLoggedModelArtifactsRequest;
import dev.millrace.proto.ListLoggedModelArtifactsResponse;
import dev.millrace.proto.ListOwnedArtifactsRequest;
import dev.millrace.proto.ListOwnedArtifactsResponse;
import dev.millrace.proto.ListStoredArtifactsRequest;
import dev.millrace.proto.ListStoredArtifactsResponse;
import dev.millrace.proto.MultipartUploadCredential;
import dev.millrace.proto.MultipartUploadPart;
import dev.millrace.proto.UploadArtifactRequest;
import dev.millrace.proto.UploadArtifactResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.minio.messages.Part;
import java.util.List;

/** {@code ArtifactService}: from messages to {@link Artifacts} and back. */
final class ArtifactRpc extends ArtifactServiceImplBase {

  /** {@code MLFLOW_PRESIGNED_DOWNLOAD_URL_TTL_SECONDS} of mlflow 3.17.2. */
  private static final long DOWNLOAD_URL_SECONDS = 300;

  private static final long UPLOAD_URL_SECONDS = 900;

  private final Artifacts artifacts;
  private final Owners owners;

  ArtifactRpc(Artifacts artifacts, Owners owners) {
    this.artifacts = artifacts;
    this.owners = owners;
  }

  @Override
  public StreamObserver<UploadArtifactRequest> uploadArtifact(
      StreamObserver<UploadArtifactResponse> caller) {
    return new UploadCall(
        artifacts, owners, (ServerCallStreamObserver<UploadArtifactResponse>) caller);
  }

  @Override
  public void getArtifactInfo(
      GetArtifactInfoRequest request, StreamObserver<GetArtifactInfoResponse> caller) {
    ArtifactPath path = owners.resolve(request.getTarget());
    answer(
        caller,
        GetArtifactInfoResponse.newBuilder().setInfo(info(path, artifacts.stat(path))).build());
  }

  @Override
  public void downloadArtifact(
      DownloadArtifactRequest request, StreamObserver<DownloadArtifactResponse> receiver) {
    ArtifactPath path = owners.resolve(request.getTarget());
    Content content = artifacts.open(path, slice(request.getRange()));
    DownloadInfo info =
        DownloadInfo.newBuilder()
            .setArtifact(info(path, content.file()))
            .setOffset(content.offset())
            .setLength(content.length())
            .build();
    DownloadCall.start(
        info, content, (ServerCallStreamObserver<DownloadArtifactResponse>) receiver);
  }

  @Override
  public void listArtifacts(
      ListArtifactsRequest request, StreamObserver<ListArtifactsResponse> caller) {
    ArtifactPath path = ArtifactPath.parse(request.getPath());
    String root = owners.runUri(request.getRunId());
    answer(
        caller,
        ListArtifactsResponse.newBuilder()
            .setRootUri(root)
            .addAllFiles(files(path.text(), artifacts.locate(root).resolve(path)))
            .build());
  }

  @Override
  public void listLoggedModelArtifacts(
      ListLoggedModelArtifactsRequest request,
      StreamObserver<ListLoggedModelArtifactsResponse> caller) {
    ArtifactPath path = ArtifactPath.parse(request.getArtifactDirectoryPath());
    String root = owners.modelUri(request.getModelId());
    answer(
        caller,
        ListLoggedModelArtifactsResponse.newBuilder()
            .setRootUri(root)
            .addAllFiles(files(path.text(), artifacts.locate(root).resolve(path)))
            .build());
  }

  @Override
  public void listStoredArtifacts(
      ListStoredArtifactsRequest request, StreamObserver<ListStoredArtifactsResponse> caller) {
    answer(
        caller,
        ListStoredArtifactsResponse.newBuilder()
            .addAllFiles(files("", ArtifactPath.parse(request.getPath())))
            .build());
  }

  @Override
  public void listOwnedArtifacts(
      ListOwnedArtifactsRequest request, StreamObserver<ListOwnedArtifactsResponse> caller) {
    answer(
        caller,
        ListOwnedArtifactsResponse.newBuilder()
            .addAllFiles(files("", owners.resolve(request.getTarget())))
            .build());
  }

  @Override
  public void deleteArtifact(
      DeleteArtifactRequest request, StreamObserver<DeleteArtifactResponse> caller) {
    artifacts.delete(ArtifactPath.parse(request.getArtifactPath()));
    answer(caller, DeleteArtifactResponse.getDefaultInstance());
  }

  @Override
  public void createMultipartUpload(
      CreateMultipartUploadRequest request, StreamObserver<CreateMultipartUploadResponse> caller) {
    Artifacts.Multipart multipart =
        artifacts.createMultipart(
            ArtifactPath.parse(request.getArtifactPath()),
            request.getPath(),
            request.getNumParts());
    CreateMultipartUploadResponse.Builder response =
        CreateMultipartUploadResponse.newBuilder().setUploadId(multipart.uploadId());
    for (Artifacts.PartUrl part : multipart.parts()) {
      response.addCredentials(
          MultipartUploadCredential.newBuilder().setUrl(part.url()).setPartNumber(part.number()));
    }
    answer(caller, response.build());
  }

  @Override
  public void completeMultipartUpload(
      CompleteMultipartUploadRequest request,
      StreamObserver<CompleteMultipartUploadResponse> caller) {
    artifacts.completeMultipart(
        ArtifactPath.parse(request.getArtifactPath()),
        request.getPath(),
        request.getUploadId(),
        request.getPartsList().stream().map(ArtifactRpc::part).toList());
    answer(caller, CompleteMultipartUploadResponse.getDefaultInstance());
  }

  @Override
  public void abortMultipartUpload(
      AbortMultipartUploadRequest request, StreamObserver<AbortMultipartUploadResponse> caller) {
    artifacts.abortMultipart(
        ArtifactPath.parse(request.getArtifactPath()), request.getPath(), request.getUploadId());
    answer(caller, AbortMultipartUploadResponse.getDefaultInstance());
  }

  @Override
  public void getPresignedDownloadUrl(
      GetPresignedDownloadUrlRequest request,
      StreamObserver<GetPresignedDownloadUrlResponse> caller) {
    Artifacts.Presigned presigned =
        artifacts.presignDownload(
            ArtifactPath.parse(request.getArtifactPath()),
            DOWNLOAD_URL_SECONDS,
            "Multipart download");
    answer(
        caller,
        GetPresignedDownloadUrlResponse.newBuilder()
            .setUrl(presigned.url())
            .putAllHeaders(presigned.headers())
            .setFileSize(presigned.size())
            .build());
  }

  @Override
  public void createPresignedUploadUrl(
      CreatePresignedUploadUrlRequest request,
      StreamObserver<CreatePresignedUploadUrlResponse> caller) {
    if (request.getRunId().isEmpty() == request.getModelId().isEmpty()) {
      throw MillraceException.invalidParameter(
          "Exactly one of run_id and model_id must be provided.");
    }
    ArtifactPath path = ArtifactPath.parse(request.getPath());
    String root =
        request.getRunId().isEmpty()
            ? owners.modelUri(request.getModelId())
            : owners.runUri(request.getRunId());
    String scheme = Uri.parse(root).scheme();
    if (isProxied(scheme)) {
      throw MillraceException.invalidParameter(
          ("Presigned upload is not supported for proxied artifact storage (artifact URI scheme:"
                  + " %s). This endpoint requires a direct cloud storage artifact URI.")
              .formatted(scheme));
    }
    Artifacts.Presigned presigned =
        artifacts.presignUpload(
            artifacts.locate(root).resolve(path),
            request.hasExpiration() ? request.getExpiration() : UPLOAD_URL_SECONDS);
    answer(
        caller,
        CreatePresignedUploadUrlResponse.newBuilder()
            .setPresignedUrl(presigned.url())
            .putAllHeaders(presigned.headers())
            .build());
  }

  @Override
  public void createPresignedDownloadUrl(
      CreatePresignedDownloadUrlRequest request,
      StreamObserver<CreatePresignedDownloadUrlResponse> caller) {
    ArtifactPath path = ArtifactPath.parse(request.getPath());
    long seconds =
        Artifacts.requireSeconds(
            request.hasExpiration() ? request.getExpiration() : DOWNLOAD_URL_SECONDS);
    String root = owners.runUri(request.getRunId());
    String scheme = Uri.parse(root).scheme();
    if (isProxied(scheme)) {
      throw MillraceException.invalidParameter(
          ("Presigned download is not supported for runs with proxied artifact storage (artifact"
                  + " URI scheme: %s). This endpoint requires a run with a direct cloud storage"
                  + " artifact URI.")
              .formatted(scheme));
    }
    Artifacts.Presigned presigned =
        artifacts.presignDownload(
            artifacts.locate(root).resolve(path), seconds, "Presigned download");
    answer(
        caller,
        CreatePresignedDownloadUrlResponse.newBuilder()
            .setPresignedUrl(presigned.url())
            .putAllHeaders(presigned.headers())
            .setFileSize(presigned.size())
            .build());
  }

  @Override
  public void getArtifactCapabilities(
      GetArtifactCapabilitiesRequest request,
      StreamObserver<GetArtifactCapabilitiesResponse> caller) {
    answer(
        caller,
        GetArtifactCapabilitiesResponse.newBuilder()
            .setMultipartUpload(artifacts.isDirect())
            .setPresignedDownload(artifacts.isDirect())
            .build());
  }

  private static boolean isProxied(String scheme) {
    return switch (scheme) {
      case "http", "https", "mlflow-artifacts" -> true;
      default -> false;
    };
  }

  private List<FileInfo> files(String relativeTo, ArtifactPath directory) {
    return artifacts.list(directory).stream().map(entry -> file(relativeTo, entry)).toList();
  }

  private static FileInfo file(String relativeTo, Entry entry) {
    FileInfo.Builder file =
        FileInfo.newBuilder()
            .setPath(ArtifactPath.join(relativeTo, entry.name()))
            .setIsDir(entry.isDirectory());
    if (entry.size() > 0) {
      file.setFileSize(entry.size());
    }
    return file.build();
  }

  private static ArtifactInfo info(ArtifactPath path, StoredFile file) {
    return ArtifactInfo.newBuilder()
        .setSize(file.size())
        .setEtag(file.etag())
        .setLastModified(file.lastModified().toEpochMilli())
        .setPath(path.text())
        .setContentType(ContentTypes.of(path.name()))
        .build();
  }

  private static Slice slice(ByteRange range) {
    return new Slice(
        range.hasFirst() ? range.getFirst() : null, range.hasLast() ? range.getLast() : null);
  }

  private static Part part(MultipartUploadPart part) {
    if (part.getPartNumber() < 1 || part.getEtag().isEmpty()) {
      throw MillraceException.invalidParameter("Each of parts needs a part_number and an etag.");
    }
    return new Part(Math.toIntExact(part.getPartNumber()), part.getEtag());
  }

  private static <T> void answer(StreamObserver<T> caller, T response) {
    caller.onNext(response);
    caller.onCompleted();
  }
}
