package dev.millrace.projects.engine;

/**
 * What a container sees of what is outside.
 *
 * @param source an absolute path on the machine that runs containers, or the name of a volume there
 * @param target an absolute path in the container
 */
public record Volume(String source, String target, boolean isReadOnly) {}
