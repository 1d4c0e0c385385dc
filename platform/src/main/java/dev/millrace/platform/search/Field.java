package dev.millrace.platform.search;

/**
 * What a condition or an order is about.
 *
 * @param key without quotes and backticks
 */
public record Field(Entity entity, String key) {}
