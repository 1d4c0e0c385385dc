/** What is done again because it failed for a reason that passes. */
@NullMarked
package dev.millrace.projects.retry;

import org.jspecify.annotations.NullMarked;
