/** Tests with real processes. */
@NullMarked
package dev.millrace.projects.engine;

import org.jspecify.annotations.NullMarked;
