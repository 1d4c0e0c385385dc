package dev.millrace.projects.engine;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What to start.
 *
 * @param name 1 to 80 letters, digits, {@code -}; whatever is started under it is started once
 * @param command a program and its arguments; no shell reads them
 * @param folder to run it in
 * @param environment all of its variables; it inherits none
 */
public record Launch(
    String name, List<String> command, Path folder, Map<String, String> environment) {}
