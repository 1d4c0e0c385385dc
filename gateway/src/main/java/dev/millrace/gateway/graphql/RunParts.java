package dev.millrace.gateway.graphql;

import dev.millrace.platform.grpc.Parts;
import dev.millrace.proto.Experiment;
import dev.millrace.proto.ExperimentServiceGrpc;
import dev.millrace.proto.ExperimentServiceGrpc.ExperimentServiceBlockingStub;
import dev.millrace.proto.GetExperimentRequest;
import dev.millrace.proto.ModelVersion;
import dev.millrace.proto.ModelVersionServiceGrpc;
import dev.millrace.proto.ModelVersionServiceGrpc.ModelVersionServiceBlockingStub;
import dev.millrace.proto.SearchModelVersionsRequest;
import dev.millrace.proto.SearchModelVersionsResponse;
import io.grpc.Channel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.dataloader.DataLoaderFactory;
import org.dataloader.DataLoaderRegistry;

/**
 * What GraphQL tells of a run that other nouns know: its experiment and the model versions made
 * from it. Asked for all runs of a result at once, not run by run.
 */
final class RunParts {

  static final String EXPERIMENT = "experiment";
  static final String MODEL_VERSIONS = "modelVersions";

  private static final int RUNS_A_SEARCH = 100;
  private static final int VERSIONS_A_PAGE = 1000;

  private final ExperimentServiceBlockingStub experiments;
  private final ModelVersionServiceBlockingStub versions;

  RunParts(Channel trackingStore, Channel registryService) {
    this.experiments = ExperimentServiceGrpc.newBlockingStub(trackingStore);
    this.versions = ModelVersionServiceGrpc.newBlockingStub(registryService);
  }

  /** Loaders for one request. */
  DataLoaderRegistry loaders() {
    return DataLoaderRegistry.newRegistry()
        .register(
            EXPERIMENT,
            DataLoaderFactory.<String, Experiment>newDataLoader(
                ids ->
                    CompletableFuture.completedFuture(ids.stream().map(this::experiment).toList())))
        .register(
            MODEL_VERSIONS,
            DataLoaderFactory.<String, List<ModelVersion>>newDataLoader(
                ids -> CompletableFuture.completedFuture(versions(ids))))
        .build();
  }

  private Experiment experiment(String id) {
    return experiments
        .getExperiment(GetExperimentRequest.newBuilder().setExperimentId(id).build())
        .getExperiment();
  }

  private List<List<ModelVersion>> versions(List<String> runIds) {
    Map<String, List<ModelVersion>> found = new HashMap<>();
    for (int from = 0; from < runIds.size(); from += RUNS_A_SEARCH) {
      List<String> some = runIds.subList(from, Math.min(runIds.size(), from + RUNS_A_SEARCH));
      String filter = some.stream().collect(Collectors.joining("', '", "run_id IN ('", "')"));
      SearchModelVersionsRequest.Builder request =
          SearchModelVersionsRequest.newBuilder().setFilter(filter).setMaxResults(VERSIONS_A_PAGE);
      do {
        SearchModelVersionsResponse page =
            Parts.merge(versions.searchModelVersions(request.build()));
        for (ModelVersion version : page.getModelVersionsList()) {
          found.computeIfAbsent(version.getRunId(), _ -> new ArrayList<>()).add(version);
        }
        request.setPageToken(page.getNextPageToken());
      } while (!request.getPageToken().isEmpty());
    }
    return runIds.stream().map(id -> found.getOrDefault(id, List.of())).toList();
  }
}
