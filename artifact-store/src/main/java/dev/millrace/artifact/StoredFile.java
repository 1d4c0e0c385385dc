package dev.millrace.artifact;

import java.time.Instant;

/**
 * What a store knows of a file.
 *
 * @param size in bytes
 * @param etag changes with the content; without quotes
 */
record StoredFile(long size, String etag, Instant lastModified) {}
