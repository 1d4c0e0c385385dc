/** Experiments, runs, metrics, params, tags, inputs, logged models: rules, storage and search. */
@NullMarked
package dev.millrace.tracking;

import org.jspecify.annotations.NullMarked;
