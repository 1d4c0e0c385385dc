package dev.millrace.registry;

import com.google.protobuf.Message;
import dev.millrace.platform.access.Access;
import dev.millrace.proto.CreateModelVersionRequest;
import dev.millrace.proto.DeleteModelVersionTagRequest;
import dev.millrace.proto.SetModelVersionTagRequest;
import dev.millrace.proto.UpdateModelVersionRequest;

/**
 * What a job changes here: it makes versions of what its runs made, and describes and tags such
 * versions. Which version serves, by alias or stage, is not for it to say, nor is anything about
 * versions of others. It may also make a registered model, as everybody may who calls.
 */
final class RegistryAccess implements Access {

  private final ModelVersions versions;
  private final TrackingClient tracking;

  RegistryAccess(ModelVersions versions, TrackingClient tracking) {
    this.versions = versions;
    this.tracking = tracking;
  }

  @Override
  public void check(String run, Message request) {
    switch (request) {
      case CreateModelVersionRequest creation ->
          checkOrigin(creation.getRunId(), creation.getModelId());
      case UpdateModelVersionRequest change -> checkVersion(change.getName(), change.getVersion());
      case SetModelVersionTagRequest tag -> checkVersion(tag.getName(), tag.getVersion());
      case DeleteModelVersionTagRequest tag -> checkVersion(tag.getName(), tag.getVersion());
      default -> throw Access.refused();
    }
  }

  private void checkOrigin(String runId, String modelId) {
    if (runId.isEmpty() && modelId.isEmpty()) {
      throw Access.refused();
    }
    if (!runId.isEmpty()) {
      tracking.requireEditableRun(runId);
    }
    if (!modelId.isEmpty()) {
      tracking.requireEditableModel(modelId);
    }
  }

  private void checkVersion(String name, String version) {
    String runId = versions.get(name, version).runId();
    checkOrigin(runId == null ? "" : runId, "");
  }
}
