package dev.millrace.platform.search;

/**
 * What a condition or an order is about.
 *
 * @param key without quotes and backticks; of an attribute, its main name
 */
public record Field(Entity entity, String key) {}
