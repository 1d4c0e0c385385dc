package dev.millrace.projects;

import dev.millrace.platform.call.Caller;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.error.PythonText;
import dev.millrace.projects.engine.Volume;
import dev.millrace.projects.environment.CondaEnvironments;
import dev.millrace.projects.environment.FolderTree;
import dev.millrace.projects.environment.PythonEnvironments;
import dev.millrace.projects.retry.Retries;
import dev.millrace.projects.source.Archive;
import dev.millrace.projects.source.Fetched;
import dev.millrace.projects.source.GitPolicy;
import dev.millrace.projects.source.GitRepository;
import dev.millrace.projects.source.ParameterFiles;
import dev.millrace.projects.source.SourceLimits;
import dev.millrace.projects.spec.Command;
import dev.millrace.projects.spec.CondaEnv;
import dev.millrace.projects.spec.Environment;
import dev.millrace.projects.spec.EnvironmentKind;
import dev.millrace.projects.spec.PathParameter;
import dev.millrace.projects.spec.ProjectSpec;
import dev.millrace.projects.spec.PythonEnv;
import io.grpc.Context;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Makes projects ready that are in a snapshot or in a Git repository. */
final class ProjectPreparer implements Preparer, Inspector {

  /**
   * A host with a port, a path, a tag and a digest, of which only some part of a path has to be.
   */
  private static final Pattern IMAGE =
      Pattern.compile(
          "[A-Za-z0-9][A-Za-z0-9._-]*(:[0-9]+(?=/))?(/[A-Za-z0-9][A-Za-z0-9._-]*)*"
              + "(:[A-Za-z0-9_][A-Za-z0-9._-]*)?(@[A-Za-z0-9+._-]+:[0-9a-f]+)?");

  private static final int MAX_IMAGE = 500;

  /**
   * The folder of a project that has the files of its parameters, where a container gets them with
   * the project's own.
   */
  private static final String PARAMETERS = ".millrace-parameters";

  private final Snapshots snapshots;
  private final GitPolicy gitPolicy;
  private final SourceLimits limits;
  private final PythonEnvironments environments;
  private final CondaEnvironments condaEnvironments;
  private final ParameterFiles files;
  private final int retries;
  private final @Nullable Containers containers;

  /**
   * @param retries how often a job's code and files are asked for again where their host is away
   * @param containers null to run projects on this machine
   */
  ProjectPreparer(
      Snapshots snapshots,
      GitPolicy gitPolicy,
      SourceLimits limits,
      PythonEnvironments environments,
      CondaEnvironments condaEnvironments,
      ParameterFiles files,
      int retries,
      @Nullable Containers containers) {
    this.snapshots = snapshots;
    this.gitPolicy = gitPolicy;
    this.limits = limits;
    this.environments = environments;
    this.condaEnvironments = condaEnvironments;
    this.files = files;
    this.retries = retries;
    this.containers = containers;
  }

  @Override
  public Inspection inspect(Submission submission, Path folder) {
    JobSpec wanted = submission.spec();
    Composed composed = compose(fetch(wanted.source(), folder), wanted);
    return new Inspection(
        composed.command().line(), composed.command().logged(), composed.environment().tag());
  }

  @Override
  public Prepared prepare(JobRow job, Path folder, Notes notes)
      throws IOException, InterruptedException {
    JobSpec wanted = job.spec();
    notes.add("[millrace: fetching %s]".formatted(wanted.source().name()));
    Retries patiently = new Retries(retries, notes::add);
    Fetched fetched = patiently.call(() -> fetch(wanted.source(), empty(folder.resolve("code"))));
    Composed composed = compose(fetched, wanted);
    String line = composed.command().line();
    if (!composed.command().paths().isEmpty()) {
      Map<String, Path> downloaded =
          download(
              job,
              composed.command().paths(),
              containers == null ? folder.resolve("parameters") : parametersIn(fetched.project()),
              patiently,
              notes);
      line =
          composed.project().command(wanted.entryPoint(), wanted.parameters(), downloaded).line();
    }
    Path own = folder.resolve("environment");
    line = activation(composed.environment(), fetched.project(), own, notes) + line;
    Map<String, String> tags = new LinkedHashMap<>();
    if (wanted.source() instanceof JobSource.Git) {
      tags.putAll(Recorder.git(fetched.commit(), fetched.repositoryUrl(), fetched.branch()));
    }
    String tag = composed.environment().tag();
    if (tag != null) {
      tags.put("mlflow.project.env", tag);
    }
    String image = null;
    Map<String, String> variables = Map.of();
    List<Volume> volumes = new ArrayList<>();
    if (containers != null) {
      image = containers.image();
      if (composed.environment() instanceof Environment.Docker docker) {
        image = docker.image();
        variables = variables(docker, containers);
        for (String each : docker.volumes()) {
          Volume volume = containers.volumes().find(each);
          if (volume == null) {
            notes.add("[millrace: the volume '%s' of docker_env is not mounted]".formatted(each));
          } else {
            volumes.add(volume);
          }
        }
      }
      tags.put("mlflow.docker.image.uri", image);
    }
    return new Prepared(
        List.of("bash", "-c", line),
        fetched.project(),
        variables,
        image,
        volumes,
        composed.command().logged(),
        tags);
  }

  /**
   * What goes before the command.
   *
   * @param own for an environment that is the job's own; is not there yet
   */
  private String activation(Environment environment, Path project, Path own, Notes notes)
      throws IOException, InterruptedException {
    return switch (environment) {
      case Environment.Virtual(EnvironmentKind manager, PythonEnv python) ->
          environments.activation(
              python,
              manager == EnvironmentKind.UV,
              project,
              Files.createDirectory(own),
              notes::add);
      case Environment.Conda(CondaEnv conda) ->
          condaEnvironments.activation(conda, project, Files.createDirectory(own), notes::add);
      case Environment.Local _, Environment.Docker _ -> "";
    };
  }

  private record Composed(ProjectSpec project, Command command, Environment environment) {}

  /** Where parameters' files are, which are fetched as whoever handed the job in. */
  private Map<String, Path> download(
      JobRow job, List<PathParameter> paths, Path folder, Retries patiently, Notes notes)
      throws IOException, InterruptedException {
    ParameterFiles.Download download = files.into(folder, patiently);
    Map<String, Path> downloaded = new HashMap<>();
    Context own = new Caller(job.user().isEmpty() ? null : job.user(), job.runId()).context();
    Context before = own.attach();
    try {
      for (PathParameter path : paths) {
        notes.add("[millrace: downloading %s]".formatted(path.uri()));
        downloaded.put(path.name(), download.fetch(path));
      }
    } finally {
      own.detach(before);
    }
    return downloaded;
  }

  /** In a folder that comes from a stranger, and may be a link to anywhere. */
  private static Path parametersIn(Path project) {
    Path folder = project.resolve(PARAMETERS);
    if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      throw MillraceException.invalidParameter(
          "The project has a '%s', where the files of its parameters would be."
              .formatted(PARAMETERS));
    }
    return folder;
  }

  /** A folder without what an earlier try has left. */
  private static Path empty(Path folder) throws IOException {
    FolderTree.delete(folder);
    return Files.createDirectory(folder);
  }

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

  private Composed compose(Fetched fetched, JobSpec wanted) {
    ProjectSpec project = ProjectSpec.read(fetched.project(), fetched.root());
    EnvironmentKind kind =
        wanted.envManager() == null ? null : EnvironmentKind.of(wanted.envManager());
    Environment environment =
        containers == null ? onThisMachine(project, kind) : inContainer(project, kind, containers);
    Command command = project.command(wanted.entryPoint(), wanted.parameters());
    command.paths().forEach(files::check);
    return new Composed(project, command, environment);
  }

  private Environment onThisMachine(ProjectSpec spec, @Nullable EnvironmentKind wanted) {
    Environment environment = spec.environment(wanted);
    switch (environment) {
      case Environment.Local _, Environment.Virtual _ -> {}
      case Environment.Conda _ -> condaEnvironments.check();
      case Environment.Docker _ ->
          throw MillraceException.invalidParameter(
              "This server runs no containers, and the project has a docker_env.");
    }
    return environment;
  }

  /** The image is the environment: nothing is made in it. */
  private static Environment inContainer(
      ProjectSpec spec, @Nullable EnvironmentKind wanted, Containers containers) {
    Environment environment = spec.environment(EnvironmentKind.LOCAL);
    if (environment instanceof Environment.Docker docker) {
      if (docker.image().length() > MAX_IMAGE || !IMAGE.matcher(docker.image()).matches()) {
        throw MillraceException.invalidParameter(
            "docker_env names the image %s, which cannot be the name of one."
                .formatted(PythonText.of(docker.image())));
      }
      Map<String, String> _ = variables(docker, containers);
      return docker;
    }
    if (wanted != null && wanted != EnvironmentKind.LOCAL) {
      throw MillraceException.invalidParameter(
          "This server runs projects in containers and makes no environments in them: leave out"
              + " env_manager '%s', or take 'local'.".formatted(wanted.text()));
    }
    if (containers.image().isEmpty()) {
      throw MillraceException.invalidParameter(
          "The project has no docker_env, and this server has no image for such projects.");
    }
    return environment;
  }

  private static Map<String, String> variables(Environment.Docker docker, Containers containers) {
    Map<String, String> variables = new LinkedHashMap<>();
    for (Environment.Variable variable : docker.variables()) {
      String value =
          variable.value() == null
              ? containers.environment().get(variable.name())
              : variable.value();
      if (value == null) {
        throw MillraceException.invalidParameter(
            "docker_env wants the server's environment variable '%s', which this server does not pass on."
                .formatted(variable.name()));
      }
      variables.put(variable.name(), value);
    }
    return variables;
  }
}
