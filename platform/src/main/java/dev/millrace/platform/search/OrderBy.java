package dev.millrace.platform.search;

/** One field to order by. */
public record OrderBy(Field field, boolean isAscending) {}
