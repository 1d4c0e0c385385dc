/** Tests of the endpoints that are no plain call of an rpc. */
@NullMarked
package dev.millrace.gateway.raw;

import org.jspecify.annotations.NullMarked;
