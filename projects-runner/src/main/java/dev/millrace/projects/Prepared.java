package dev.millrace.projects;

import java.nio.file.Path;
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
 * @param params of the run
 * @param tags of the run
 */
record Prepared(
    List<String> command,
    Path folder,
    Map<String, String> environment,
    @Nullable String image,
    Map<String, String> params,
    Map<String, String> tags) {}
