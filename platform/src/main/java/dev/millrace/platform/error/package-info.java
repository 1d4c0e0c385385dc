/** The one exception, its codes, and their way across HTTP and gRPC. */
@NullMarked
package dev.millrace.platform.error;

import org.jspecify.annotations.NullMarked;
