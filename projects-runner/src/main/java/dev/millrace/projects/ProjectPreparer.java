package dev.millrace.projects;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.projects.environment.PythonEnvironments;
import dev.millrace.projects.source.Archive;
import dev.millrace.projects.source.Fetched;
import dev.millrace.projects.source.GitPolicy;
import dev.millrace.projects.source.GitRepository;
import dev.millrace.projects.source.SourceLimits;
import dev.millrace.projects.spec.Command;
import dev.millrace.projects.spec.Environment;
import dev.millrace.projects.spec.EnvironmentKind;
import dev.millrace.projects.spec.ProjectSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes projects ready that are in a snapshot or in a Git repository. */
final class ProjectPreparer implements Preparer, Inspector {

  private final Snapshots snapshots;
  private final GitPolicy gitPolicy;
  private final SourceLimits limits;
  private final PythonEnvironments environments;

  ProjectPreparer(
      Snapshots snapshots,
      GitPolicy gitPolicy,
      SourceLimits limits,
      PythonEnvironments environments) {
    this.snapshots = snapshots;
    this.gitPolicy = gitPolicy;
    this.limits = limits;
    this.environments = environments;
  }

  @Override
  public Inspection inspect(Submission submission, Path folder) {
    Composed composed =
        compose(
            fetch(submission.source(), folder),
            submission.entryPoint(),
            submission.parameters(),
            submission.envManager());
    return new Inspection(
        composed.command().line(), composed.command().logged(), composed.environment().tag());
  }

  @Override
  public Prepared prepare(JobRow job, Path folder, Notes notes)
      throws IOException, InterruptedException {
    notes.add("[millrace: fetching %s]".formatted(job.source().name()));
    Fetched fetched = fetch(job.source(), Files.createDirectory(folder.resolve("code")));
    Composed composed = compose(fetched, job.entryPoint(), job.parameters(), job.envManager());
    String line = composed.command().line();
    if (composed.environment() instanceof Environment.Virtual virtual) {
      Path own = Files.createDirectory(folder.resolve("environment"));
      line = environments.activation(virtual.python(), fetched.project(), own, notes::add) + line;
    }
    Map<String, String> tags = new LinkedHashMap<>();
    if (job.source() instanceof JobSource.Git) {
      tags.putAll(Recorder.git(fetched.commit(), fetched.repositoryUrl(), fetched.branch()));
    }
    String tag = composed.environment().tag();
    if (tag != null) {
      tags.put("mlflow.project.env", tag);
    }
    return new Prepared(
        List.of("bash", "-c", line),
        fetched.project(),
        Map.of(),
        composed.command().logged(),
        tags);
  }

  private record Composed(Command command, Environment environment) {}

  private Fetched fetch(JobSource source, Path folder) {
    return switch (source) {
      case JobSource.Snapshot snapshot -> {
        Path file = snapshots.use(snapshot.sha256());
        if (!Files.exists(file)) {
          throw MillraceException.notFound(
              "Snapshot '%s' does not exist.".formatted(snapshot.sha256()));
        }
        yield new Archive(file, null, limits).fetch(folder);
      }
      case JobSource.Git git ->
          new GitRepository(git.uri(), git.version(), git.subdirectory(), gitPolicy, limits)
              .fetch(folder);
    };
  }

  private static Composed compose(
      Fetched fetched,
      String entryPoint,
      Map<String, String> parameters,
      @Nullable String envManager) {
    ProjectSpec spec = ProjectSpec.read(fetched.project(), fetched.root());
    Environment environment =
        spec.environment(envManager == null ? null : EnvironmentKind.of(envManager));
    switch (environment) {
      case Environment.Local _, Environment.Virtual _ -> {}
      case Environment.Conda _ ->
          throw MillraceException.invalidParameter(
              "This server makes no conda environments: env_manager 'uv' installs what pip can of"
                  + " the project's conda.yaml, 'local' uses what the machine has.");
      case Environment.Docker _ ->
          throw MillraceException.invalidParameter(
              "This server runs no containers, and the project has a docker_env.");
    }
    Command command = spec.command(entryPoint, parameters);
    if (!command.paths().isEmpty()) {
      throw MillraceException.invalidParameter(
          ("Parameter '%s' is of the type path, and '%s' would have to be downloaded, which this"
                  + " server does not do: the type uri leaves that to the code.")
              .formatted(command.paths().getFirst().name(), command.paths().getFirst().uri()));
    }
    return new Composed(command, environment);
  }
}
