/** The field rules of the contracts, checked on every request. */
@NullMarked
package dev.millrace.platform.check;

import org.jspecify.annotations.NullMarked;
