/** Contract suites of projects-runner, each on H2 and on PostgreSQL. */
@NullMarked
package dev.millrace.projects;

import org.jspecify.annotations.NullMarked;
