package dev.millrace.gateway.graphql;

import dev.millrace.platform.error.Errors;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.proto.ArtifactServiceGrpc;
import dev.millrace.proto.DatasetServiceGrpc;
import dev.millrace.proto.Experiment;
import dev.millrace.proto.ExperimentServiceGrpc;
import dev.millrace.proto.MetricServiceGrpc;
import dev.millrace.proto.ModelVersion;
import dev.millrace.proto.ModelVersionServiceGrpc;
import dev.millrace.proto.Run;
import dev.millrace.proto.RunServiceGrpc;
import graphql.ExecutionInput;
import graphql.ExecutionResult;
import graphql.GraphQL;
import graphql.GraphQLError;
import graphql.GraphqlErrorBuilder;
import graphql.Scalars;
import graphql.analysis.MaxQueryComplexityInstrumentation;
import graphql.analysis.MaxQueryDepthInstrumentation;
import graphql.execution.DataFetcherExceptionHandler;
import graphql.execution.DataFetcherExceptionHandlerParameters;
import graphql.execution.DataFetcherExceptionHandlerResult;
import graphql.execution.instrumentation.ChainedInstrumentation;
import graphql.introspection.Introspection;
import graphql.introspection.Introspection.DirectiveLocation;
import graphql.schema.DataFetcher;
import graphql.schema.DataFetchingEnvironment;
import graphql.schema.FieldCoordinates;
import graphql.schema.GraphQLArgument;
import graphql.schema.GraphQLCodeRegistry;
import graphql.schema.GraphQLDirective;
import graphql.schema.GraphQLFieldDefinition;
import graphql.schema.GraphQLList;
import graphql.schema.GraphQLNonNull;
import graphql.schema.GraphQLObjectType;
import graphql.schema.GraphQLSchema;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The queries of mlflow 3.17.2 {@code graphql_schema_extensions.py}. Each root field is a method of
 * the contracts, so that it obeys the rules that hold for everybody.
 */
final class Graphql {

  private static final Logger log = LoggerFactory.getLogger(Graphql.class);

  private static final String INPUT = "input";
  private static final int MAX_DEPTH = 10;
  private static final int MAX_FIELDS = 1000;

  private final GraphQL engine;
  private final RunParts runParts;

  Graphql(Channel trackingStore, Channel artifactStore, Channel registryService) {
    runParts = new RunParts(trackingStore, registryService);
    Method searchRuns =
        new Method("mlflowSearchRuns", RunServiceGrpc.getSearchRunsMethod(), trackingStore);
    List<Method> queries =
        List.of(
            new Method(
                "mlflowGetExperiment",
                ExperimentServiceGrpc.getGetExperimentMethod(),
                trackingStore),
            new Method(
                "mlflowGetMetricHistoryBulkInterval",
                MetricServiceGrpc.getGetMetricHistoryBulkIntervalMethod(),
                trackingStore),
            new Method("mlflowGetRun", RunServiceGrpc.getGetRunMethod(), trackingStore),
            new Method(
                "mlflowListArtifacts", ArtifactServiceGrpc.getListArtifactsMethod(), artifactStore),
            new Method(
                "mlflowSearchModelVersions",
                ModelVersionServiceGrpc.getSearchModelVersionsMethod(),
                registryService),
            searchRuns);
    List<Method> mutations =
        List.of(
            new Method(
                "mlflowSearchDatasets",
                DatasetServiceGrpc.getSearchDatasetsMethod(),
                trackingStore),
            searchRuns);
    engine =
        GraphQL.newGraphQL(schema(queries, mutations))
            .instrumentation(
                new ChainedInstrumentation(
                    new RootFieldLimit(),
                    new MaxQueryDepthInstrumentation(MAX_DEPTH),
                    new MaxQueryComplexityInstrumentation(MAX_FIELDS)))
            .defaultDataFetcherExceptionHandler(new Failures())
            .build();
  }

  /**
   * Runs an operation.
   *
   * @param operationName needed only if there are several in {@code query}
   * @return {@code data}, and {@code errors}: null, or their messages
   */
  Map<String, @Nullable Object> execute(
      String query, @Nullable String operationName, Map<String, Object> variables) {
    ExecutionInput input =
        ExecutionInput.newExecutionInput(query)
            .operationName(operationName)
            .variables(variables)
            .dataLoaderRegistry(runParts.loaders())
            .graphQLContext(Map.of(Introspection.INTROSPECTION_DISABLED, true))
            .build();
    ExecutionResult result = engine.execute(input);
    List<String> errors = result.getErrors().stream().map(GraphQLError::getMessage).toList();
    Map<String, @Nullable Object> answer = new LinkedHashMap<>();
    answer.put("data", result.getData());
    answer.put("errors", errors.isEmpty() ? null : errors);
    return answer;
  }

  private static GraphQLSchema schema(List<Method> queries, List<Method> mutations) {
    GraphQLCodeRegistry.Builder code = GraphQLCodeRegistry.newCodeRegistry();
    Types types = new Types(code, Map.of(Run.getDescriptor(), Graphql::extendRun));
    return GraphQLSchema.newSchema()
        .query(root("Query", queries, types, code))
        .mutation(root("Mutation", mutations, types, code))
        .additionalDirective(component())
        .codeRegistry(code.build())
        .build();
  }

  private static GraphQLObjectType root(
      String name, List<Method> methods, Types types, GraphQLCodeRegistry.Builder code) {
    GraphQLObjectType.Builder root = GraphQLObjectType.newObject().name(name);
    for (Method method : methods) {
      root.field(
          GraphQLFieldDefinition.newFieldDefinition()
              .name(method.name())
              .type(types.response(method.response().getDescriptorForType()))
              .argument(
                  GraphQLArgument.newArgument()
                      .name(INPUT)
                      .type(types.input(method.request().getDescriptorForType()))));
      DataFetcher<?> fetcher =
          environment -> method.call(environment.getArgumentOrDefault(INPUT, Map.of()));
      code.dataFetcher(FieldCoordinates.coordinates(name, method.name()), fetcher);
    }
    return root.build();
  }

  private static void extendRun(
      Types types, GraphQLObjectType.Builder run, GraphQLCodeRegistry.Builder code) {
    run.field(
        field -> field.name(RunParts.EXPERIMENT).type(types.object(Experiment.getDescriptor())));
    run.field(
        field ->
            field
                .name(RunParts.MODEL_VERSIONS)
                .type(
                    GraphQLList.list(
                        GraphQLNonNull.nonNull(types.object(ModelVersion.getDescriptor())))));
    String name = Types.name(Run.getDescriptor());
    DataFetcher<?> experiment =
        environment ->
            load(environment, RunParts.EXPERIMENT, run(environment).getInfo().getExperimentId());
    DataFetcher<?> versions =
        environment ->
            load(environment, RunParts.MODEL_VERSIONS, run(environment).getInfo().getRunId());
    code.dataFetcher(FieldCoordinates.coordinates(name, RunParts.EXPERIMENT), experiment);
    code.dataFetcher(FieldCoordinates.coordinates(name, RunParts.MODEL_VERSIONS), versions);
  }

  private static Run run(DataFetchingEnvironment environment) {
    return Objects.requireNonNull(environment.<Run>getSource());
  }

  private static CompletableFuture<Object> load(
      DataFetchingEnvironment environment, String loader, String key) {
    return Objects.requireNonNull(environment.<String, Object>getDataLoader(loader)).load(key);
  }

  /** The UI marks its operations with {@code @component}; nothing follows from it. */
  private static GraphQLDirective component() {
    return GraphQLDirective.newDirective()
        .name("component")
        .argument(
            GraphQLArgument.newArgument()
                .name("name")
                .type(GraphQLNonNull.nonNull(Scalars.GraphQLString)))
        .validLocations(DirectiveLocation.QUERY, DirectiveLocation.MUTATION)
        .build();
  }

  /** Tells what a service said; of anything unforeseen only that it happened. */
  private static final class Failures implements DataFetcherExceptionHandler {
    @Override
    public CompletableFuture<DataFetcherExceptionHandlerResult> handleException(
        DataFetcherExceptionHandlerParameters parameters) {
      Throwable thrown = parameters.getException();
      while (thrown instanceof CompletionException && thrown.getCause() != null) {
        thrown = thrown.getCause();
      }
      if (thrown instanceof StatusRuntimeException status) {
        thrown = Errors.fromStatus(status);
      }
      String message = "Internal server error";
      if (thrown instanceof MillraceException known) {
        message = known.text();
      } else {
        log.error("GraphQL {} failed", parameters.getPath(), thrown);
      }
      GraphQLError error =
          GraphqlErrorBuilder.newError(parameters.getDataFetchingEnvironment())
              .message("%s", message)
              .build();
      return CompletableFuture.completedFuture(
          DataFetcherExceptionHandlerResult.newResult(error).build());
    }
  }
}
