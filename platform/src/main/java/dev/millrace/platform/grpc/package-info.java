/** Serving and reaching gRPC services, in this process or over TCP. */
@NullMarked
package dev.millrace.platform.grpc;

import org.jspecify.annotations.NullMarked;
