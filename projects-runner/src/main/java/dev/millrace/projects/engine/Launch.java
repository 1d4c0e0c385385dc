package dev.millrace.projects.engine;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What to start.
 *
 * @param name 1 to 80 letters, digits, {@code -}; whatever is started under it is started once
 * @param command a program and its arguments; no shell reads them
 * @param folder to run it in, or a copy of it
 * @param environment all of its variables; it inherits none
 * @param image of the container to run it in; null for none
 * @param volumes of that container
 * @param codeUrl where a container fetches the folder's content from, with the token; null for none
 * @param resources that it needs
 * @param timeoutSeconds how long it may run; the runner sees to that as long as there is one; null
 *     for no limit
 */
public record Launch(
    String name,
    List<String> command,
    Path folder,
    Map<String, String> environment,
    @Nullable String image,
    List<Volume> volumes,
    @Nullable String codeUrl,
    Resources resources,
    @Nullable Long timeoutSeconds) {

  /** The variable that holds the job's token. */
  public static final String TOKEN = "MLFLOW_TRACKING_TOKEN";

  /** A folder in containers, as in MLflow's images. */
  static final String PROJECTS = "/mlflow/projects";

  /** The name of the folder in it that has what is in the folder here. */
  static final String CODE_NAME = "code";

  /** Where a command in a container runs. */
  static final String CODE = PROJECTS + "/" + CODE_NAME;

  /** The command as a container takes it, which has the folder elsewhere. */
  List<String> commandInContainer() {
    // Parameters of the type path name files of the folder by where it is on this machine.
    return command.stream().map(word -> word.replace(folder.toString(), CODE)).toList();
  }

  /** The image of the container that it has to run in. */
  String requiredImage() {
    return Objects.requireNonNull(image, "A container needs an image");
  }
}
