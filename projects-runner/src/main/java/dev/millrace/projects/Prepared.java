package dev.millrace.projects;

import dev.millrace.projects.engine.Volume;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A project that can be started.
 *
 * @param command a program and its arguments
 * @param folder to run it in
 * @param environment variables besides those that every job gets
 * @param image of the container to run it in; null for none
 * @param volumes of that container
 * @param params of the run
 * @param tags of the run
 */
record Prepared(
    List<String> command,
    Path folder,
    Map<String, String> environment,
    @Nullable String image,
    List<Volume> volumes,
    Map<String, String> params,
    Map<String, String> tags) {

  /** The same in this very image, which is known by its id. */
  Prepared in(String imageId) {
    Map<String, String> all = new LinkedHashMap<>(tags);
    all.put("mlflow.docker.image.id", imageId);
    return new Prepared(command, folder, environment, imageId, volumes, params, all);
  }
}
