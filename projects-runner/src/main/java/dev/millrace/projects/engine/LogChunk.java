package dev.millrace.projects.engine;

/**
 * A piece of a log.
 *
 * @param text malformed UTF-8 is replaced; a character that is still being written is left for the
 *     next piece
 * @param nextOffset where the next piece begins, in bytes
 */
public record LogChunk(String text, long nextOffset) {}
