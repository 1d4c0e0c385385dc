/** Real components for tests: databases and an object store. Never on a production classpath. */
@NullMarked
package dev.millrace.testing;

import org.jspecify.annotations.NullMarked;
