/** The gateway: the one place of Millrace that speaks HTTP. */
@NullMarked
package dev.millrace.gateway;

import org.jspecify.annotations.NullMarked;
