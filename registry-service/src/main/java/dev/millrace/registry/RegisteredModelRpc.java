package dev.millrace.registry;

import dev.millrace.platform.grpc.Parts;
import dev.millrace.platform.grpc.Reply;
import dev.millrace.platform.search.Page;
import dev.millrace.proto.CreateRegisteredModelRequest;
import dev.millrace.proto.DeleteRegisteredModelAliasRequest;
import dev.millrace.proto.DeleteRegisteredModelAliasResponse;
import dev.millrace.proto.DeleteRegisteredModelRequest;
import dev.millrace.proto.DeleteRegisteredModelResponse;
import dev.millrace.proto.DeleteRegisteredModelTagRequest;
import dev.millrace.proto.DeleteRegisteredModelTagResponse;
import dev.millrace.proto.GetRegisteredModelRequest;
import dev.millrace.proto.RegisteredModel;
import dev.millrace.proto.RegisteredModelAlias;
import dev.millrace.proto.RegisteredModelResponse;
import dev.millrace.proto.RegisteredModelServiceGrpc;
import dev.millrace.proto.RegisteredModelTag;
import dev.millrace.proto.RenameRegisteredModelRequest;
import dev.millrace.proto.SearchRegisteredModelsRequest;
import dev.millrace.proto.SearchRegisteredModelsResponse;
import dev.millrace.proto.SetRegisteredModelAliasRequest;
import dev.millrace.proto.SetRegisteredModelAliasResponse;
import dev.millrace.proto.SetRegisteredModelTagRequest;
import dev.millrace.proto.SetRegisteredModelTagResponse;
import dev.millrace.proto.UpdateRegisteredModelRequest;
import io.grpc.stub.StreamObserver;
import java.util.Iterator;

/** Registered models on the wire. */
final class RegisteredModelRpc extends RegisteredModelServiceGrpc.RegisteredModelServiceImplBase {

  private static final int DEFAULT_RESULTS = 100;

  private final RegisteredModels models;

  RegisteredModelRpc(RegisteredModels models) {
    this.models = models;
  }

  @Override
  public void createRegisteredModel(
      CreateRegisteredModelRequest request, StreamObserver<RegisteredModelResponse> observer) {
    send(
        observer,
        models.create(
            request.getName(),
            request.getTagsList().stream()
                .map(tag -> new TagRow(tag.getKey(), tag.getValue()))
                .toList(),
            request.getDescription()));
  }

  @Override
  public void getRegisteredModel(
      GetRegisteredModelRequest request, StreamObserver<RegisteredModelResponse> observer) {
    send(observer, models.get(request.getName()));
  }

  @Override
  public void updateRegisteredModel(
      UpdateRegisteredModelRequest request, StreamObserver<RegisteredModelResponse> observer) {
    send(observer, models.update(request.getName(), request.getDescription()));
  }

  @Override
  public void renameRegisteredModel(
      RenameRegisteredModelRequest request, StreamObserver<RegisteredModelResponse> observer) {
    send(observer, models.rename(request.getName(), request.getNewName()));
  }

  @Override
  public void deleteRegisteredModel(
      DeleteRegisteredModelRequest request,
      StreamObserver<DeleteRegisteredModelResponse> observer) {
    models.delete(request.getName());
    Reply.send(observer, DeleteRegisteredModelResponse.getDefaultInstance());
  }

  @Override
  public void searchRegisteredModels(
      SearchRegisteredModelsRequest request,
      StreamObserver<SearchRegisteredModelsResponse> observer) {
    Iterator<Page<RegisteredModelRow>> parts =
        models.search(
            request.getFilter(),
            request.hasMaxResults() ? request.getMaxResults() : DEFAULT_RESULTS,
            request.getOrderByList(),
            request.getPageToken());
    Parts.send(observer, parts, RegisteredModelRpc::proto);
  }

  private static SearchRegisteredModelsResponse proto(Page<RegisteredModelRow> part) {
    SearchRegisteredModelsResponse.Builder response = SearchRegisteredModelsResponse.newBuilder();
    part.rows().forEach(row -> response.addRegisteredModels(proto(row)));
    if (part.nextToken() != null) {
      response.setNextPageToken(part.nextToken());
    }
    return response.build();
  }

  @Override
  public void setRegisteredModelTag(
      SetRegisteredModelTagRequest request,
      StreamObserver<SetRegisteredModelTagResponse> observer) {
    models.setTag(request.getName(), new TagRow(request.getKey(), request.getValue()));
    Reply.send(observer, SetRegisteredModelTagResponse.getDefaultInstance());
  }

  @Override
  public void deleteRegisteredModelTag(
      DeleteRegisteredModelTagRequest request,
      StreamObserver<DeleteRegisteredModelTagResponse> observer) {
    models.deleteTag(request.getName(), request.getKey());
    Reply.send(observer, DeleteRegisteredModelTagResponse.getDefaultInstance());
  }

  @Override
  public void setRegisteredModelAlias(
      SetRegisteredModelAliasRequest request,
      StreamObserver<SetRegisteredModelAliasResponse> observer) {
    models.setAlias(request.getName(), request.getAlias(), request.getVersion());
    Reply.send(observer, SetRegisteredModelAliasResponse.getDefaultInstance());
  }

  @Override
  public void deleteRegisteredModelAlias(
      DeleteRegisteredModelAliasRequest request,
      StreamObserver<DeleteRegisteredModelAliasResponse> observer) {
    models.deleteAlias(request.getName(), request.getAlias());
    Reply.send(observer, DeleteRegisteredModelAliasResponse.getDefaultInstance());
  }

  private static void send(
      StreamObserver<RegisteredModelResponse> observer, RegisteredModelRow model) {
    Reply.send(
        observer, RegisteredModelResponse.newBuilder().setRegisteredModel(proto(model)).build());
  }

  /** A model as clients see it: an empty description is none. */
  static RegisteredModel proto(RegisteredModelRow row) {
    RegisteredModel.Builder model =
        RegisteredModel.newBuilder()
            .setName(row.name())
            .setCreationTimestamp(row.creationTime())
            .setLastUpdatedTimestamp(row.lastUpdateTime());
    if (row.description() != null && !row.description().isEmpty()) {
      model.setDescription(row.description());
    }
    row.latestVersions()
        .forEach(version -> model.addLatestVersions(ModelVersionRpc.proto(version)));
    row.tags()
        .forEach(
            (key, value) ->
                model.addTags(RegisteredModelTag.newBuilder().setKey(key).setValue(value)));
    row.aliases()
        .forEach(
            (alias, version) ->
                model.addAliases(
                    RegisteredModelAlias.newBuilder()
                        .setAlias(alias)
                        .setVersion(version.toString())));
    return model.build();
  }
}
