package dev.millrace.registry;

import dev.millrace.platform.grpc.Parts;
import dev.millrace.platform.grpc.Reply;
import dev.millrace.platform.search.Page;
import dev.millrace.proto.CreateModelVersionRequest;
import dev.millrace.proto.DeleteModelVersionRequest;
import dev.millrace.proto.DeleteModelVersionResponse;
import dev.millrace.proto.DeleteModelVersionTagRequest;
import dev.millrace.proto.DeleteModelVersionTagResponse;
import dev.millrace.proto.GetLatestVersionsRequest;
import dev.millrace.proto.GetLatestVersionsResponse;
import dev.millrace.proto.GetModelVersionByAliasRequest;
import dev.millrace.proto.GetModelVersionDownloadUriRequest;
import dev.millrace.proto.GetModelVersionDownloadUriResponse;
import dev.millrace.proto.GetModelVersionRequest;
import dev.millrace.proto.ModelVersion;
import dev.millrace.proto.ModelVersionResponse;
import dev.millrace.proto.ModelVersionServiceGrpc;
import dev.millrace.proto.ModelVersionStatus;
import dev.millrace.proto.ModelVersionTag;
import dev.millrace.proto.SearchModelVersionsRequest;
import dev.millrace.proto.SearchModelVersionsResponse;
import dev.millrace.proto.SetModelVersionTagRequest;
import dev.millrace.proto.SetModelVersionTagResponse;
import dev.millrace.proto.TransitionModelVersionStageRequest;
import dev.millrace.proto.UpdateModelVersionRequest;
import io.grpc.stub.StreamObserver;
import java.util.Iterator;

/** Model versions on the wire. */
final class ModelVersionRpc extends ModelVersionServiceGrpc.ModelVersionServiceImplBase {

  private static final int DEFAULT_RESULTS = 200_000;

  private final Registrations registrations;
  private final ModelVersions versions;

  ModelVersionRpc(Registrations registrations, ModelVersions versions) {
    this.registrations = registrations;
    this.versions = versions;
  }

  @Override
  public void createModelVersion(
      CreateModelVersionRequest request, StreamObserver<ModelVersionResponse> observer) {
    send(observer, registrations.create(request));
  }

  @Override
  public void getModelVersion(
      GetModelVersionRequest request, StreamObserver<ModelVersionResponse> observer) {
    send(observer, versions.get(request.getName(), request.getVersion()));
  }

  @Override
  public void getModelVersionByAlias(
      GetModelVersionByAliasRequest request, StreamObserver<ModelVersionResponse> observer) {
    send(observer, versions.getByAlias(request.getName(), request.getAlias()));
  }

  @Override
  public void getLatestVersions(
      GetLatestVersionsRequest request, StreamObserver<GetLatestVersionsResponse> observer) {
    GetLatestVersionsResponse.Builder response = GetLatestVersionsResponse.newBuilder();
    versions
        .latest(request.getName(), request.getStagesList())
        .forEach(row -> response.addModelVersions(proto(row)));
    Reply.send(observer, response.build());
  }

  @Override
  public void updateModelVersion(
      UpdateModelVersionRequest request, StreamObserver<ModelVersionResponse> observer) {
    send(
        observer,
        versions.update(
            request.getName(),
            request.getVersion(),
            request.hasDescription() ? request.getDescription() : null));
  }

  @Override
  public void transitionModelVersionStage(
      TransitionModelVersionStageRequest request, StreamObserver<ModelVersionResponse> observer) {
    send(
        observer,
        versions.move(
            request.getName(),
            request.getVersion(),
            request.getStage(),
            request.getArchiveExistingVersions()));
  }

  @Override
  public void deleteModelVersion(
      DeleteModelVersionRequest request, StreamObserver<DeleteModelVersionResponse> observer) {
    versions.delete(request.getName(), request.getVersion());
    Reply.send(observer, DeleteModelVersionResponse.getDefaultInstance());
  }

  @Override
  public void getModelVersionDownloadUri(
      GetModelVersionDownloadUriRequest request,
      StreamObserver<GetModelVersionDownloadUriResponse> observer) {
    Reply.send(
        observer,
        GetModelVersionDownloadUriResponse.newBuilder()
            .setArtifactUri(versions.storageLocation(request.getName(), request.getVersion()))
            .build());
  }

  @Override
  public void searchModelVersions(
      SearchModelVersionsRequest request, StreamObserver<SearchModelVersionsResponse> observer) {
    Iterator<Page<ModelVersionRow>> parts =
        versions.search(
            request.getFilter(),
            request.hasMaxResults() ? request.getMaxResults() : DEFAULT_RESULTS,
            request.getOrderByList(),
            request.getPageToken());
    Parts.send(observer, parts, ModelVersionRpc::proto);
  }

  private static SearchModelVersionsResponse proto(Page<ModelVersionRow> part) {
    SearchModelVersionsResponse.Builder response = SearchModelVersionsResponse.newBuilder();
    part.rows().forEach(row -> response.addModelVersions(proto(row)));
    if (part.nextToken() != null) {
      response.setNextPageToken(part.nextToken());
    }
    return response.build();
  }

  @Override
  public void setModelVersionTag(
      SetModelVersionTagRequest request, StreamObserver<SetModelVersionTagResponse> observer) {
    versions.setTag(
        request.getName(), request.getVersion(), new TagRow(request.getKey(), request.getValue()));
    Reply.send(observer, SetModelVersionTagResponse.getDefaultInstance());
  }

  @Override
  public void deleteModelVersionTag(
      DeleteModelVersionTagRequest request,
      StreamObserver<DeleteModelVersionTagResponse> observer) {
    versions.deleteTag(request.getName(), request.getVersion(), request.getKey());
    Reply.send(observer, DeleteModelVersionTagResponse.getDefaultInstance());
  }

  private static void send(StreamObserver<ModelVersionResponse> observer, ModelVersionRow version) {
    Reply.send(observer, ModelVersionResponse.newBuilder().setModelVersion(proto(version)).build());
  }

  /** A version as clients see it: empty texts are there, absent ones are not. */
  static ModelVersion proto(ModelVersionRow row) {
    ModelVersion.Builder version =
        ModelVersion.newBuilder()
            .setName(row.name())
            .setVersion(Integer.toString(row.version()))
            .setCreationTimestamp(row.creationTime())
            .setLastUpdatedTimestamp(row.lastUpdateTime())
            .setCurrentStage(row.stage().text())
            .setSource(row.source())
            .setStatus(ModelVersionStatus.valueOf(row.status()))
            .addAllAliases(row.aliases());
    if (row.description() != null) {
      version.setDescription(row.description());
    }
    if (row.runId() != null) {
      version.setRunId(row.runId());
    }
    if (row.runLink() != null) {
      version.setRunLink(row.runLink());
    }
    if (row.statusMessage() != null) {
      version.setStatusMessage(row.statusMessage());
    }
    row.tags()
        .forEach(
            (key, value) ->
                version.addTags(ModelVersionTag.newBuilder().setKey(key).setValue(value)));
    return version.build();
  }
}
