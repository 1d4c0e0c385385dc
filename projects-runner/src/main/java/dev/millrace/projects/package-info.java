/** Jobs that run MLflow projects: what is queued, who runs it, and what the run is told. */
@NullMarked
package dev.millrace.projects;

import org.jspecify.annotations.NullMarked;
