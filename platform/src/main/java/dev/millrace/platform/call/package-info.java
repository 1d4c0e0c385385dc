/** Who calls, and for which workspace. */
@NullMarked
package dev.millrace.platform.call;

import org.jspecify.annotations.NullMarked;
