/** Registered models, their versions, and who is told of changes: rules, storage and search. */
@NullMarked
package dev.millrace.registry;

import org.jspecify.annotations.NullMarked;
