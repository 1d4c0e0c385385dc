package dev.millrace.registry;

import dev.millrace.platform.call.Workspace;
import dev.millrace.platform.sql.PageQuery;
import dev.millrace.platform.sql.PageQuery.Branch;
import dev.millrace.platform.sql.PageQuery.Segment;
import dev.millrace.platform.sql.Row;
import dev.millrace.platform.sql.SortKey;
import dev.millrace.platform.sql.Sql;
import dev.millrace.platform.sql.Tx;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The tables {@code webhooks} and {@code webhook_events}. */
final class WebhookStore {

  /** The columns that {@link #read} reads, in its order. */
  private static final String COLUMNS =
      """
      webhooks.webhook_no, webhooks.webhook_id, webhooks.name, webhooks.description, webhooks.url,
      webhooks.secret, webhooks.status, webhooks.creation_time, webhooks.last_update_time\
      """;

  private static final int COLUMN_COUNT = 9;

  private static final String ACTIVE = "ACTIVE";
  private static final String DISABLED = "DISABLED";

  /** All webhooks, the newest first. */
  static final PageQuery NEWEST_FIRST =
      new PageQuery(
          COLUMNS,
          COLUMN_COUNT,
          List.of(
              new Segment(
                  List.of(
                      new Branch(
                          Sql.of("webhooks"), Sql.of("webhooks.workspace = ?", Workspace.DEFAULT))),
                  List.of(
                      SortKey.of("webhooks.creation_time", SortKey.Type.WHOLE, false),
                      SortKey.of("webhooks.webhook_no", SortKey.Type.WHOLE, false)))));

  /** Adds a webhook, whose number is given out here. */
  void insert(Tx tx, WebhookRow webhook) throws SQLException {
    long webhookNo =
        tx.insert(
            """
            INSERT INTO webhooks (webhook_id, workspace, name, description, url, secret, status,
              creation_time, last_update_time)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            "webhook_no",
            webhook.webhookId(),
            Workspace.DEFAULT,
            webhook.name(),
            webhook.description(),
            webhook.url(),
            webhook.secret(),
            webhook.isActive() ? ACTIVE : DISABLED,
            webhook.creationTime(),
            webhook.lastUpdateTime());
    insertEvents(tx, webhookNo, webhook.events());
  }

  /** A webhook, which nobody else changes until this transaction ends. */
  @Nullable WebhookRow lock(Tx tx, String webhookId) throws SQLException {
    return find(tx, webhookId, " FOR UPDATE");
  }

  @Nullable WebhookRow find(Tx tx, String webhookId) throws SQLException {
    return find(tx, webhookId, "");
  }

  /** A webhook by its number, without its events. */
  @Nullable WebhookRow findTarget(Tx tx, long webhookNo) throws SQLException {
    return tx.first(
        "SELECT " + COLUMNS + " FROM webhooks WHERE webhook_no = ?", WebhookStore::read, webhookNo);
  }

  private @Nullable WebhookRow find(Tx tx, String webhookId, String suffix) throws SQLException {
    WebhookRow webhook =
        tx.first(
            "SELECT " + COLUMNS + " FROM webhooks WHERE workspace = ? AND webhook_id = ?" + suffix,
            WebhookStore::read,
            Workspace.DEFAULT,
            webhookId);
    return webhook == null ? null : withEvents(tx, List.of(webhook)).getFirst();
  }

  /** The same webhooks with their events, in one statement. */
  List<WebhookRow> withEvents(Tx tx, List<WebhookRow> webhooks) throws SQLException {
    if (webhooks.isEmpty()) {
      return webhooks;
    }
    Map<Long, List<EventType>> events = new HashMap<>();
    tx.query(
        "SELECT webhook_no, event FROM webhook_events WHERE webhook_no = ANY(?)",
        row ->
            events
                .computeIfAbsent(row.longValue(1), _ -> new ArrayList<>())
                .add(EventType.parse(row.string(2))),
        (Object) webhooks.stream().map(WebhookRow::webhookNo).toArray(Long[]::new));
    return webhooks.stream()
        .map(
            webhook ->
                new WebhookRow(
                    webhook.webhookNo(),
                    webhook.webhookId(),
                    webhook.name(),
                    webhook.description(),
                    webhook.url(),
                    webhook.secret(),
                    webhook.isActive(),
                    sorted(events.getOrDefault(webhook.webhookNo(), List.of())),
                    webhook.creationTime(),
                    webhook.lastUpdateTime()))
        .toList();
  }

  /** Writes everything that can change, of a webhook that the caller has locked. */
  void update(Tx tx, WebhookRow webhook, boolean hasNewEvents) throws SQLException {
    tx.update(
        """
        UPDATE webhooks SET name = ?, description = ?, url = ?, secret = ?, status = ?,
          last_update_time = ?
        WHERE webhook_no = ?
        """,
        webhook.name(),
        webhook.description(),
        webhook.url(),
        webhook.secret(),
        webhook.isActive() ? ACTIVE : DISABLED,
        webhook.lastUpdateTime(),
        webhook.webhookNo());
    if (hasNewEvents) {
      tx.update("DELETE FROM webhook_events WHERE webhook_no = ?", webhook.webhookNo());
      insertEvents(tx, webhook.webhookNo(), webhook.events());
    }
  }

  /** Deletes a webhook that the caller has locked. */
  void delete(Tx tx, long webhookNo) throws SQLException {
    tx.update("DELETE FROM webhook_events WHERE webhook_no = ?", webhookNo);
    tx.update("DELETE FROM webhooks WHERE webhook_no = ?", webhookNo);
  }

  static List<EventType> sorted(List<EventType> events) {
    return events.stream().sorted(Comparator.comparing(EventType::text)).toList();
  }

  /** Reads {@link #COLUMNS}: the events are not among them. */
  static WebhookRow read(Row row) throws SQLException {
    return new WebhookRow(
        row.longValue(1),
        row.string(2),
        row.string(3),
        row.string(4),
        row.string(5),
        row.stringOrNull(6),
        row.string(7).equals(ACTIVE),
        List.of(),
        row.longValue(8),
        row.longValue(9));
  }

  private static void insertEvents(Tx tx, long webhookNo, List<EventType> events)
      throws SQLException {
    tx.update(
        """
        INSERT INTO webhook_events (webhook_no, event)
        SELECT ?, event FROM UNNEST(?) AS added(event)
        """,
        webhookNo,
        events.stream().map(EventType::text).toArray(String[]::new));
  }
}
