package dev.millrace.projects.engine;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What to start.
 *
 * @param name 1 to 80 letters, digits, {@code -}; whatever is started under it is started once
 * @param command a program and its arguments; no shell reads them
 * @param folder to run it in, or a copy of it
 * @param environment all of its variables; it inherits none
 * @param image of the container to run it in; null for none
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
    @Nullable String codeUrl,
    Resources resources,
    @Nullable Long timeoutSeconds) {

  /** The variable that holds the job's token. */
  public static final String TOKEN = "MLFLOW_TRACKING_TOKEN";
}
