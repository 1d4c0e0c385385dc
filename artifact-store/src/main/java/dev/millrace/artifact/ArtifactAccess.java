package dev.millrace.artifact;

import com.google.protobuf.Message;
import dev.millrace.platform.access.Access;
import dev.millrace.proto.AbortMultipartUploadRequest;
import dev.millrace.proto.ArtifactTarget;
import dev.millrace.proto.CompleteMultipartUploadRequest;
import dev.millrace.proto.CreateMultipartUploadRequest;
import dev.millrace.proto.CreatePresignedUploadUrlRequest;
import dev.millrace.proto.DeleteArtifactRequest;
import dev.millrace.proto.UploadArtifactRequest;
import java.util.regex.Pattern;

/**
 * What a job changes here: the artifacts of runs and logged models that it may change by the word
 * of the tracking store. A path in the store is known for theirs by the id in front of its segment
 * {@code artifacts}, and by the root that the tracking store names for that id.
 */
final class ArtifactAccess implements Access {

  private static final Pattern RUN = Pattern.compile("[0-9a-f]{32}");
  private static final Pattern MODEL = Pattern.compile("m-[0-9a-f]{32}");

  private final Artifacts artifacts;
  private final Owners owners;

  ArtifactAccess(Artifacts artifacts, Owners owners) {
    this.artifacts = artifacts;
    this.owners = owners;
  }

  @Override
  public void check(String run, Message request) {
    switch (request) {
      case UploadArtifactRequest upload -> check(upload.getTarget());
      case DeleteArtifactRequest deletion -> check(deletion.getArtifactPath());
      case CreateMultipartUploadRequest upload -> check(upload.getArtifactPath());
      case CompleteMultipartUploadRequest upload -> check(upload.getArtifactPath());
      case AbortMultipartUploadRequest upload -> check(upload.getArtifactPath());
      case CreatePresignedUploadUrlRequest url -> {
        if (!url.getRunId().isEmpty()) {
          String _ = owners.editableRunUri(url.getRunId());
        } else {
          String _ = owners.editableModelUri(url.getModelId());
        }
      }
      default -> throw Access.refused();
    }
  }

  private void check(ArtifactTarget target) {
    switch (target.getOwnerCase()) {
      case ROOT -> check(target.getPath());
      case RUN_ID -> {
        String _ = owners.editableRunUri(target.getRunId());
      }
      case MODEL_ID -> {
        String _ = owners.editableModelUri(target.getModelId());
      }
      case ROOT_URI, OWNER_NOT_SET -> throw Access.refused();
    }
  }

  private void check(String hostile) {
    String path = ArtifactPath.parse(hostile).key();
    String[] segments = path.split("/", -1);
    for (int i = 1; i < segments.length; i++) {
      String id = segments[i - 1];
      if (!segments[i].equals("artifacts")) {
        continue;
      }
      if (RUN.matcher(id).matches() && isWithin(path, owners.editableRunUri(id))) {
        return;
      }
      if (MODEL.matcher(id).matches() && isWithin(path, owners.editableModelUri(id))) {
        return;
      }
    }
    throw Access.refused();
  }

  private boolean isWithin(String path, String rootUri) {
    String root = artifacts.locate(rootUri).key();
    return path.equals(root) || path.startsWith(root + "/");
  }
}
