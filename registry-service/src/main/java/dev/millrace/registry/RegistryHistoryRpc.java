package dev.millrace.registry;

import dev.millrace.platform.grpc.Reply;
import dev.millrace.platform.search.Page;
import dev.millrace.proto.ListRegistryChangesRequest;
import dev.millrace.proto.ListRegistryChangesResponse;
import dev.millrace.proto.RegistryChange;
import dev.millrace.proto.RegistryFieldChange;
import dev.millrace.proto.RegistryHistoryServiceGrpc;
import io.grpc.stub.StreamObserver;

/** The history of the registry on the wire. */
final class RegistryHistoryRpc extends RegistryHistoryServiceGrpc.RegistryHistoryServiceImplBase {

  private final Changes changes;

  RegistryHistoryRpc(Changes changes) {
    this.changes = changes;
  }

  @Override
  public void listRegistryChanges(
      ListRegistryChangesRequest request, StreamObserver<ListRegistryChangesResponse> observer) {
    Page<ChangeRow> page =
        changes.list(
            request.getName(),
            request.getVersion(),
            request.hasMaxResults() ? request.getMaxResults() : null,
            request.getPageToken());
    ListRegistryChangesResponse.Builder response = ListRegistryChangesResponse.newBuilder();
    page.rows().forEach(row -> response.addChanges(proto(row)));
    if (page.nextToken() != null) {
      response.setNextPageToken(page.nextToken());
    }
    Reply.send(observer, response.build());
  }

  private static RegistryChange proto(ChangeRow row) {
    RegistryChange.Builder change =
        RegistryChange.newBuilder()
            .setChangeId(row.changeId())
            .setTimestamp(row.time())
            .setAction(row.action())
            .setName(row.name());
    if (row.user() != null) {
      change.setUser(row.user());
    }
    if (row.version() != null) {
      change.setVersion(row.version().toString());
    }
    for (ChangeRow.FieldRow field : row.fields()) {
      RegistryFieldChange.Builder builder =
          RegistryFieldChange.newBuilder().setField(field.field());
      if (field.oldValue() != null) {
        builder.setOldValue(field.oldValue());
      }
      if (field.newValue() != null) {
        builder.setNewValue(field.newValue());
      }
      change.addFields(builder);
    }
    return change.build();
  }
}
