package dev.millrace.projects;

import dev.millrace.platform.sql.Row;
import dev.millrace.projects.engine.Resources;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The columns of {@code jobs} and {@code schedules} that hold a {@link JobSpec}. */
final class SpecColumns {

  private static final List<String> NAMES =
      List.of(
          "source_uri",
          "source_version",
          "source_subdirectory",
          "snapshot_sha256",
          "git_commit",
          "git_repo_url",
          "git_branch",
          "entry_point",
          "parameters",
          "experiment_id",
          "run_name",
          "env_manager",
          "timeout_seconds",
          "max_retries",
          "priority",
          "cpus",
          "memory_bytes",
          "gpus");

  /** How many there are. */
  static final int COUNT = NAMES.size();

  /** Their names, for an INSERT. */
  static final String LIST = String.join(", ", NAMES);

  /** A question mark for each of them. */
  static final String MARKS = String.join(", ", Collections.nCopies(COUNT, "?"));

  private SpecColumns() {}

  /** Their names in a table, for a SELECT. */
  static String of(String table) {
    return NAMES.stream().map(name -> table + "." + name).collect(Collectors.joining(", "));
  }

  /** The values of a statement: theirs between those of other columns. */
  static @Nullable Object[] values(
      List<@Nullable Object> before, JobSpec spec, List<@Nullable Object> after) {
    JobSource.Git git = spec.source() instanceof JobSource.Git g ? g : null;
    JobSource.Snapshot snapshot = spec.source() instanceof JobSource.Snapshot s ? s : null;
    List<@Nullable Object> values = new ArrayList<>(before);
    values.add(git == null ? spec.source().name() : git.uri());
    values.add(git == null ? null : git.version());
    values.add(git == null ? null : git.subdirectory());
    values.add(snapshot == null ? null : snapshot.sha256());
    values.add(snapshot == null ? null : snapshot.commit());
    values.add(snapshot == null ? null : snapshot.repoUrl());
    values.add(snapshot == null ? null : snapshot.branch());
    values.add(spec.entryPoint());
    values.add(ParameterList.write(spec.parameters()));
    values.add(spec.experimentId());
    values.add(spec.runName());
    values.add(spec.envManager());
    values.add(spec.timeoutSeconds());
    values.add(spec.maxRetries());
    values.add(spec.priority());
    values.add(spec.resources().cpus());
    values.add(spec.resources().memoryBytes());
    values.add(spec.resources().gpus());
    values.addAll(after);
    return values.toArray();
  }

  /**
   * Reads them.
   *
   * @param first the column of the first of them
   */
  static JobSpec read(Row row, int first) throws SQLException {
    String snapshot = row.stringOrNull(first + 3);
    JobSource source =
        snapshot == null
            ? new JobSource.Git(
                row.string(first), row.stringOrNull(first + 1), row.stringOrNull(first + 2))
            : new JobSource.Snapshot(
                snapshot,
                row.string(first),
                row.stringOrNull(first + 4),
                row.stringOrNull(first + 5),
                row.stringOrNull(first + 6));
    Long gpus = row.longOrNull(first + 17);
    return new JobSpec(
        source,
        row.string(first + 7),
        ParameterList.read(row.string(first + 8)),
        row.string(first + 9),
        row.string(first + 10),
        row.stringOrNull(first + 11),
        row.longOrNull(first + 12),
        row.intValue(first + 13),
        row.intValue(first + 14),
        new Resources(
            row.doubleOrNull(first + 15),
            row.longOrNull(first + 16),
            gpus == null ? null : gpus.intValue()));
  }
}
