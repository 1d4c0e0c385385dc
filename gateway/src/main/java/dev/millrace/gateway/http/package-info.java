/** HTTP/1.1 on Netty, with blocking bodies: every request runs on a virtual thread of its own. */
@NullMarked
package dev.millrace.gateway.http;

import org.jspecify.annotations.NullMarked;
