package dev.millrace.registry;

import dev.millrace.platform.call.Workspace;
import dev.millrace.platform.sql.Row;
import dev.millrace.platform.sql.Tx;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The table {@code webhook_deliveries}. */
final class DeliveryStore {

  /**
   * How many of a webhook's due deliveries are looked at, at once, to find some that may be sent.
   */
  static final int WINDOW = 256;

  private static final int BATCH = 1000;

  /**
   * Adds a delivery for each active webhook that wants the event, and tells for how many.
   *
   * @param time when it happened, in milliseconds since the epoch; it is due at once
   */
  int insert(Tx tx, WebhookEvent event, String body, long time) throws SQLException {
    return tx.update(
        """
        INSERT INTO webhook_deliveries (delivery_id, webhook_no, event, name, body, state,
          creation_time, due_time, attempts)
        SELECT CAST(gen_random_uuid() AS VARCHAR), webhooks.webhook_no, ?, ?, ?, 'PENDING', ?, ?, 0
        FROM webhook_events JOIN webhooks ON webhooks.webhook_no = webhook_events.webhook_no
        WHERE webhook_events.event = ? AND webhooks.workspace = ? AND webhooks.status = 'ACTIVE'
        """,
        event.type().text(),
        event.name(),
        body,
        time,
        time,
        event.type().text(),
        Workspace.DEFAULT);
  }

  /** The events that some active webhook wants. */
  Set<String> wanted(Tx tx) throws SQLException {
    return Set.copyOf(
        tx.query(
            """
            SELECT DISTINCT webhook_events.event
            FROM webhook_events JOIN webhooks ON webhooks.webhook_no = webhook_events.webhook_no
            WHERE webhooks.workspace = ? AND webhooks.status = 'ACTIVE'
            """,
            row -> row.string(1),
            Workspace.DEFAULT));
  }

  /** The numbers of the webhooks for which something is due. */
  List<Long> webhooksWithDue(Tx tx, long now) throws SQLException {
    return tx.query(
        """
        SELECT webhook_no FROM webhooks WHERE EXISTS (
          SELECT 1 FROM webhook_deliveries AS due
          WHERE due.webhook_no = webhooks.webhook_no AND due.state = 'PENDING' AND due.due_time <= ?)
        """,
        row -> row.longValue(1),
        now);
  }

  /**
   * Takes a lease for deliveries that are due, each the first of its name: a name's events arrive
   * in the order in which they happened. Those that wait for one that is not due are put aside
   * until the lease ends, so that they do not stand before others.
   *
   * <p>The first of a name is found by a subquery of its own for each delivery: as a join it is
   * planned badly while the database has no statistics.
   *
   * @param until when the lease ends, in milliseconds since the epoch
   */
  List<DeliveryRow> claim(Tx tx, long webhookNo, long now, long until, int most)
      throws SQLException {
    Object window =
        tx.query(
                """
                SELECT delivery_no FROM webhook_deliveries
                WHERE webhook_no = ? AND state = 'PENDING' AND due_time <= ?
                ORDER BY due_time, delivery_no LIMIT ?
                """,
                row -> row.longValue(1),
                webhookNo,
                now,
                WINDOW)
            .toArray(Long[]::new);
    List<DeliveryRow> deliveries =
        tx.query(
            """
            SELECT delivery_no, delivery_id, webhook_no, event, name, body, creation_time, attempts
            FROM webhook_deliveries AS claimed
            WHERE claimed.delivery_no = ANY(?) AND claimed.state = 'PENDING'
              AND claimed.due_time <= ?
              AND claimed.delivery_no = (
                SELECT head.delivery_no FROM webhook_deliveries AS head
                WHERE head.webhook_no = claimed.webhook_no AND head.state = 'PENDING'
                  AND head.name = claimed.name
                ORDER BY head.webhook_no, head.state, head.name, head.delivery_no LIMIT 1)
            ORDER BY claimed.due_time, claimed.delivery_no LIMIT ? FOR UPDATE SKIP LOCKED
            """,
            DeliveryStore::read,
            window,
            now,
            most);
    if (!deliveries.isEmpty()) {
      tx.update(
          """
          UPDATE webhook_deliveries SET due_time = ?, attempts = attempts + 1
          WHERE delivery_no = ANY(?)
          """,
          until,
          deliveries.stream().map(DeliveryRow::deliveryNo).toArray(Long[]::new));
    }
    tx.update(
        """
        UPDATE webhook_deliveries SET due_time = ?
        WHERE delivery_no = ANY(?) AND state = 'PENDING' AND due_time <= ? AND ? < (
          SELECT head.due_time FROM webhook_deliveries AS head
          WHERE head.webhook_no = webhook_deliveries.webhook_no AND head.state = 'PENDING'
            AND head.name = webhook_deliveries.name
          ORDER BY head.webhook_no, head.state, head.name, head.delivery_no LIMIT 1)
        """,
        until,
        window,
        now,
        now);
    return deliveries;
  }

  /**
   * Ends a delivery, if this process still has the lease; the next of its name is due then.
   *
   * @param status the HTTP status of the answer; null if there was none
   * @param error null if it was delivered
   */
  void end(Tx tx, DeliveryRow delivery, long now, @Nullable Integer status, @Nullable String error)
      throws SQLException {
    int changed =
        tx.update(
            """
            UPDATE webhook_deliveries SET state = ?, end_time = ?, last_status = ?, last_error = ?
            WHERE delivery_no = ? AND attempts = ? AND state = 'PENDING'
            """,
            error == null ? "DELIVERED" : "FAILED",
            now,
            status,
            error,
            delivery.deliveryNo(),
            delivery.attempts());
    if (changed == 1) {
      tx.update(
          """
          UPDATE webhook_deliveries SET due_time = ?
          WHERE due_time > ? AND delivery_no = (
            SELECT next.delivery_no FROM webhook_deliveries AS next
            WHERE next.webhook_no = ? AND next.state = 'PENDING' AND next.name = ?
            ORDER BY next.webhook_no, next.state, next.name, next.delivery_no LIMIT 1)
          """,
          now,
          now,
          delivery.webhookNo(),
          delivery.name());
    }
  }

  /** Puts a delivery off, if this process still has the lease. */
  void postpone(Tx tx, DeliveryRow delivery, long due, @Nullable Integer status, String error)
      throws SQLException {
    tx.update(
        """
        UPDATE webhook_deliveries SET due_time = ?, last_status = ?, last_error = ?
        WHERE delivery_no = ? AND attempts = ? AND state = 'PENDING'
        """,
        due,
        status,
        error,
        delivery.deliveryNo(),
        delivery.attempts());
  }

  /** Gives a lease back, as if there had been no attempt. */
  void release(Tx tx, DeliveryRow delivery, long now) throws SQLException {
    tx.update(
        """
        UPDATE webhook_deliveries SET due_time = ?, attempts = attempts - 1
        WHERE delivery_no = ? AND attempts = ? AND state = 'PENDING'
        """,
        now,
        delivery.deliveryNo(),
        delivery.attempts());
  }

  /** Drops what a webhook has not been told yet. */
  void dropPending(Tx tx, long webhookNo) throws SQLException {
    tx.update(
        "DELETE FROM webhook_deliveries WHERE webhook_no = ? AND state = 'PENDING'", webhookNo);
  }

  /** Drops everything of a webhook. */
  void drop(Tx tx, long webhookNo) throws SQLException {
    tx.update("DELETE FROM webhook_deliveries WHERE webhook_no = ?", webhookNo);
  }

  /** Drops some of what ended before {@code time}; returns false when nothing is left of it. */
  boolean purge(Tx tx, long time) throws SQLException {
    return tx.update(
            """
            DELETE FROM webhook_deliveries WHERE delivery_no IN (
              SELECT delivery_no FROM webhook_deliveries WHERE end_time < ? LIMIT ?)
            """,
            time,
            BATCH)
        == BATCH;
  }

  /** Drops what was added for a webhook while it was deleted. */
  void dropOrphans(Tx tx) throws SQLException {
    tx.update(
        """
        DELETE FROM webhook_deliveries WHERE state = 'PENDING' AND webhook_no NOT IN (
          SELECT webhook_no FROM webhooks)
        """);
  }

  private static DeliveryRow read(Row row) throws SQLException {
    return new DeliveryRow(
        row.longValue(1),
        row.string(2),
        row.longValue(3),
        row.string(4),
        row.string(5),
        row.string(6),
        row.longValue(7),
        row.intValue(8) + 1);
  }
}
