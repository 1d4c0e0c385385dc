package dev.millrace.projects.spec;

import java.util.List;
import java.util.Map;

/**
 * What runs an entry point.
 *
 * @param line goes after {@code bash -c}, in the project's folder, behind what activates its
 *     environment
 * @param logged the params of the run, in order: those that are declared, then the others, values
 *     quoted for the shell, as MLflow logs them
 * @param paths what is still to be downloaded: the line names their URIs
 */
public record Command(String line, Map<String, String> logged, List<PathParameter> paths) {}
