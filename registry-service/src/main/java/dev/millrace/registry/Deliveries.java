package dev.millrace.registry;

import dev.millrace.platform.sql.Tx;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/**
 * The outbox of webhooks: what they have to be told is written with the change that it is about.
 */
final class Deliveries {

  private final DeliveryStore store;
  private final Runnable hint;

  /**
   * @param hint called when something was added that will be committed soon
   */
  Deliveries(DeliveryStore store, Runnable hint) {
    this.store = store;
    this.hint = hint;
  }

  /**
   * Adds what webhooks have to be told about a change, in the transaction that makes it: one
   * statement, or none if no webhook can want it.
   *
   * @param time when it happens, in milliseconds since the epoch
   */
  void add(Tx tx, long time, Change change) throws SQLException {
    WebhookEvent event = WebhookEvent.of(change);
    if (event != null
        && store.insert(tx, event, event.body(Instant.ofEpochMilli(time)), time) > 0) {
      hint.run();
    }
  }

  /**
   * {@link #add} for changes that were made together: one statement, and one for each change that
   * some webhook wants; none if no webhook can want any.
   */
  void addAll(Tx tx, long time, List<Change> changes) throws SQLException {
    Set<String> wanted = null;
    for (Change change : changes) {
      WebhookEvent event = WebhookEvent.of(change);
      if (event == null) {
        continue;
      }
      if (wanted == null) {
        wanted = store.wanted(tx);
      }
      if (wanted.contains(event.type().text())) {
        add(tx, time, change);
      }
    }
  }
}
