/** GraphQL over real gRPC. */
@NullMarked
package dev.millrace.gateway.graphql;

import org.jspecify.annotations.NullMarked;
