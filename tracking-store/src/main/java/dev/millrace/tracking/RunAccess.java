package dev.millrace.tracking;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.millrace.platform.access.Access;
import dev.millrace.platform.call.Caller;
import dev.millrace.platform.sql.Database;
import dev.millrace.platform.sql.Tx;
import dev.millrace.proto.CreateLoggedModelRequest;
import dev.millrace.proto.CreateRunRequest;
import dev.millrace.proto.RunTag;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a job changes here: its run, the runs that have it above them by the tag {@code
 * mlflow.parentRunId}, and the logged models of these runs. Requests name what they change in the
 * field {@code run_id} or, without that, {@code model_id}; one that names neither is refused.
 */
final class RunAccess implements Access {

  private static final String PARENT_TAG = "mlflow.parentRunId";

  /** How many runs may be between a job's run and one that it changes. */
  private static final int MAX_DEPTH = 32;

  private final Database database;
  private final Keys keys;
  private final RunStore runs;
  private final LoggedModelStore models;

  RunAccess(Database database, Keys keys, RunStore runs, LoggedModelStore models) {
    this.database = database;
    this.keys = keys;
    this.runs = runs;
    this.models = models;
  }

  @Override
  public void check(String run, Message request) {
    String runId =
        switch (request) {
          case CreateRunRequest creation -> parent(below(run, creation.getTagsList()));
          case CreateLoggedModelRequest creation -> creation.getSourceRunId();
          default -> text(request, "run_id");
        };
    if (run.equals(runId)) {
      return;
    }
    String modelId = runId == null ? text(request, "model_id") : null;
    boolean isBelow =
        database.read(
            tx -> isBelow(tx, run, modelId == null ? runId : models.sourceRun(tx, modelId)));
    if (!isBelow) {
      throw Access.refused();
    }
  }

  /**
   * The tags of a run that is going to be made. What a job makes beside its own run, like a second
   * {@code start_run} in its code, comes below that: else the job could not write to it.
   */
  static List<RunTag> tags(CreateRunRequest creation) {
    String run = Caller.current().run();
    return run == null ? creation.getTagsList() : below(run, creation.getTagsList());
  }

  private static List<RunTag> below(String run, List<RunTag> tags) {
    if (parent(tags) != null) {
      return tags;
    }
    List<RunTag> all = new ArrayList<>(tags);
    all.add(RunTag.newBuilder().setKey(PARENT_TAG).setValue(run).build());
    return all;
  }

  private boolean isBelow(Tx tx, String run, @Nullable String runId) throws SQLException {
    Integer key = keys.find(tx, List.of(PARENT_TAG)).get(PARENT_TAG);
    String at = runId;
    for (int i = 0; at != null && i <= MAX_DEPTH; i++) {
      if (at.equals(run)) {
        return true;
      }
      at = key == null ? null : runs.tag(tx, at, key);
    }
    return false;
  }

  private static @Nullable String parent(List<RunTag> tags) {
    return tags.stream()
        .filter(tag -> tag.getKey().equals(PARENT_TAG))
        .map(RunTag::getValue)
        .findFirst()
        .orElse(null);
  }

  /** What a field says; null if it says nothing, or there is no such field. */
  private static @Nullable String text(Message request, String field) {
    FieldDescriptor found = request.getDescriptorForType().findFieldByName(field);
    if (found == null || found.isRepeated()) {
      return null;
    }
    String text = request.getField(found).toString();
    return text.isEmpty() ? null : text;
  }
}
