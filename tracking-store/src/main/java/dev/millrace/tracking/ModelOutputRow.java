package dev.millrace.tracking;

/**
 * A logged model that a run made.
 *
 * @param modelId need not be the id of a model that exists
 * @param step the step at which the run made it
 */
record ModelOutputRow(String modelId, long step) {}
