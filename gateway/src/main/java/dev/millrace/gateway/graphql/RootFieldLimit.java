package dev.millrace.gateway.graphql;

import graphql.execution.AbortExecutionException;
import graphql.execution.instrumentation.ExecutionStrategyInstrumentationContext;
import graphql.execution.instrumentation.InstrumentationState;
import graphql.execution.instrumentation.SimplePerformantInstrumentation;
import graphql.execution.instrumentation.parameters.InstrumentationExecutionStrategyParameters;
import org.jspecify.annotations.Nullable;

/** Refuses operations of many root fields, each of which is a call to a service. */
final class RootFieldLimit extends SimplePerformantInstrumentation {

  private static final int MAX_ROOT_FIELDS = 10;

  @Override
  public @Nullable ExecutionStrategyInstrumentationContext beginExecutionStrategy(
      InstrumentationExecutionStrategyParameters parameters, InstrumentationState state) {
    var path = parameters.getExecutionStrategyParameters().getPath();
    int fields = parameters.getExecutionStrategyParameters().getFields().size();
    if (path.isRootPath() && fields > MAX_ROOT_FIELDS) {
      throw new AbortExecutionException(
          "GraphQL queries should have at most %d root fields, got %d root fields."
              .formatted(MAX_ROOT_FIELDS, fields));
    }
    return null;
  }
}
