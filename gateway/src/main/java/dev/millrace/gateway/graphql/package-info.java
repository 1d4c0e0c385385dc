/**
 * The GraphQL that MLflow's web UI speaks: queries over the contracts, whose types follow from
 * their messages.
 */
@NullMarked
package dev.millrace.gateway.graphql;

import org.jspecify.annotations.NullMarked;
