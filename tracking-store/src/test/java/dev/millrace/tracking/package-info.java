/** Contract suites of the tracking store, each on H2 and on PostgreSQL. */
@NullMarked
package dev.millrace.tracking;

import org.jspecify.annotations.NullMarked;
