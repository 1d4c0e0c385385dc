package dev.millrace.platform.search;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Some of what a search finds.
 *
 * @param nextToken gets the next page; null on the last one
 */
public record Page<T>(List<T> rows, @Nullable String nextToken) {}
