package dev.millrace.tracking;

import dev.millrace.platform.grpc.Reply;
import dev.millrace.proto.Dataset;
import dev.millrace.proto.DatasetInput;
import dev.millrace.proto.DatasetServiceGrpc;
import dev.millrace.proto.DatasetSummary;
import dev.millrace.proto.InputTag;
import dev.millrace.proto.SearchDatasetsRequest;
import dev.millrace.proto.SearchDatasetsResponse;
import io.grpc.stub.StreamObserver;

/** Datasets on the wire. */
final class DatasetRpc extends DatasetServiceGrpc.DatasetServiceImplBase {

  private final Datasets datasets;

  DatasetRpc(Datasets datasets) {
    this.datasets = datasets;
  }

  @Override
  public void searchDatasets(
      SearchDatasetsRequest request, StreamObserver<SearchDatasetsResponse> observer) {
    SearchDatasetsResponse.Builder response = SearchDatasetsResponse.newBuilder();
    for (DatasetSummaryRow row : datasets.search(request.getExperimentIdsList())) {
      DatasetSummary.Builder summary =
          response
              .addDatasetSummariesBuilder()
              .setExperimentId(Long.toString(row.experimentId()))
              .setName(row.name())
              .setDigest(row.digest());
      if (!row.context().isEmpty()) {
        summary.setContext(row.context());
      }
    }
    Reply.send(observer, response.build());
  }

  /** A dataset as a client says a run used it. */
  static DatasetInputRow row(DatasetInput input) {
    Dataset dataset = input.getDataset();
    return new DatasetInputRow(
        new DatasetRow(
            dataset.getName(),
            dataset.getDigest(),
            dataset.getSourceType(),
            dataset.getSource(),
            dataset.getSchema(),
            dataset.getProfile()),
        input.getTagsList().stream()
            .map(tag -> new PairRow(tag.getKey(), tag.getValue()))
            .toList());
  }

  /** A dataset and for what a run used it, as clients see it. */
  static DatasetInput proto(DatasetInputRow row) {
    DatasetRow of = row.dataset();
    Dataset.Builder dataset =
        Dataset.newBuilder()
            .setName(of.name())
            .setDigest(of.digest())
            .setSourceType(of.sourceType())
            .setSource(of.source());
    if (!of.schema().isEmpty()) {
      dataset.setSchema(of.schema());
    }
    if (!of.profile().isEmpty()) {
      dataset.setProfile(of.profile());
    }
    DatasetInput.Builder input = DatasetInput.newBuilder().setDataset(dataset);
    for (PairRow tag : row.tags()) {
      input.addTags(InputTag.newBuilder().setKey(tag.key()).setValue(tag.value()));
    }
    return input.build();
  }
}
