/** Contract suites of the registry, each on H2 and on PostgreSQL. */
@NullMarked
package dev.millrace.registry;

import org.jspecify.annotations.NullMarked;
