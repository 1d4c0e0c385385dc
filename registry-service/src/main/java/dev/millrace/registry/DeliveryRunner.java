package dev.millrace.registry;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.sql.Database;
import dev.millrace.platform.sql.Tx;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Empties the outbox: looks for what is due, and sends each delivery on a virtual thread of its
 * own. Any number of processes may do so on one database; what one of them has taken is its own
 * until a lease ends, after which, as when a process was killed, another takes it.
 */
final class DeliveryRunner implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(DeliveryRunner.class);

  /** How often it looks, in milliseconds; and how often after something was added. */
  private static final long IDLE_MILLIS = 1000;

  private static final long BUSY_MILLIS = 25;

  /** How long it looks often: transactions that add something end within that time. */
  private static final long HINT_MILLIS = 1000;

  /** How much longer than a request may take a lease is, for what is done before and behind it. */
  private static final long LEASE_MARGIN_MILLIS = 10_000;

  private static final long FIRST_DELAY_MILLIS = 1000;
  private static final long MAX_DELAY_MILLIS = TimeUnit.HOURS.toMillis(1);
  private static final long MAX_AGE_MILLIS = TimeUnit.DAYS.toMillis(1);
  private static final long PURGE_MILLIS = TimeUnit.HOURS.toMillis(1);
  private static final int PURGE_BATCHES = 1000;

  /** How long requests under way may take when it stops, in seconds. */
  private static final long GRACE_SECONDS = 5;

  private static final int MAX_ERROR = 1000;

  private final Database database;
  private final DeliveryStore store;
  private final WebhookStore webhooks;
  private final WebhookSecrets secrets;
  private final WebhookSender sender;
  private final DeliveryLanes lanes;
  private final long leaseMillis;
  private final int maxRetries;
  private final long retentionMillis;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final Semaphore wake = new Semaphore(0);
  private final Thread thread;
  private volatile long busyUntil;
  private volatile boolean isClosed;
  private long nextPurge;

  DeliveryRunner(
      Database database,
      DeliveryStore store,
      WebhookStore webhooks,
      WebhookSecrets secrets,
      WebhookSender sender,
      WebhookConfiguration configuration) {
    this.database = database;
    this.store = store;
    this.webhooks = webhooks;
    this.secrets = secrets;
    this.sender = sender;
    this.lanes = new DeliveryLanes(configuration.webhookMaxConcurrency());
    this.leaseMillis =
        TimeUnit.SECONDS.toMillis(configuration.webhookTimeoutSeconds()) + LEASE_MARGIN_MILLIS;
    this.maxRetries = configuration.webhookMaxRetries();
    this.retentionMillis = TimeUnit.DAYS.toMillis(configuration.webhookRetentionDays());
    this.thread = Thread.ofPlatform().daemon().name("webhook-deliveries").unstarted(this::run);
  }

  /** What a process has taken: deliveries to one webhook. */
  private record Claim(WebhookRow webhook, List<DeliveryRow> deliveries) {}

  void start() {
    thread.start();
  }

  /** Something was added, which will be committed soon. */
  void hint() {
    busyUntil = System.currentTimeMillis() + HINT_MILLIS;
    wake.release();
  }

  /**
   * Takes nothing more, lets requests under way end for some seconds, and gives the leases of the
   * others back.
   */
  @Override
  public void close() {
    isClosed = true;
    wake.release();
    executor.shutdown();
    try {
      thread.join(Duration.ofSeconds(GRACE_SECONDS));
      if (!executor.awaitTermination(GRACE_SECONDS, TimeUnit.SECONDS)) {
        sender.close();
        boolean _ = executor.awaitTermination(GRACE_SECONDS, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    executor.shutdownNow();
  }

  private void run() {
    while (!isClosed) {
      try {
        long now = System.currentTimeMillis();
        if (now >= nextPurge) {
          purge(now);
          nextPurge = now + PURGE_MILLIS;
        }
        look(now);
      } catch (RuntimeException e) {
        if (!isClosed) {
          log.warn("Cannot look for deliveries to webhooks", e);
        }
      }
      pause();
    }
  }

  private void pause() {
    try {
      boolean isBusy = System.currentTimeMillis() < busyUntil;
      if (wake.tryAcquire(isBusy ? BUSY_MILLIS : IDLE_MILLIS, TimeUnit.MILLISECONDS)) {
        wake.drainPermits();
      }
    } catch (InterruptedException e) {
      isClosed = true;
    }
  }

  private void purge(long now) {
    database.change(store::dropOrphans);
    for (int i = 0; i < PURGE_BATCHES; i++) {
      if (!database.transaction(tx -> store.purge(tx, now - retentionMillis))) {
        return;
      }
    }
  }

  private void look(long now) {
    List<Long> due = database.read(tx -> store.webhooksWithDue(tx, now));
    // Whoever comes last when there is no room comes first some other time.
    Collections.shuffle(due);
    for (long webhookNo : due) {
      int free = lanes.free(webhookNo);
      if (free == 0 || isClosed) {
        continue;
      }
      Optional<Claim> claimed = database.transaction(tx -> claim(tx, webhookNo, now, free));
      if (claimed.isEmpty() || claimed.get().deliveries().isEmpty()) {
        continue;
      }
      Claim claim = claimed.get();
      DeliveryLanes.Receiver known = lanes.start(webhookNo, claim.deliveries().size());
      for (DeliveryRow delivery : claim.deliveries()) {
        executor.execute(() -> deliver(claim.webhook(), delivery, known));
      }
    }
  }

  private Optional<Claim> claim(Tx tx, long webhookNo, long now, int most) throws SQLException {
    WebhookRow webhook = webhooks.findTarget(tx, webhookNo);
    if (webhook == null || !webhook.isActive()) {
      // Added by a transaction that did not see that it was switched off.
      store.dropPending(tx, webhookNo);
      return Optional.empty();
    }
    return Optional.of(
        new Claim(webhook, store.claim(tx, webhookNo, now, now + leaseMillis, most)));
  }

  private void deliver(WebhookRow webhook, DeliveryRow delivery, DeliveryLanes.Receiver known) {
    boolean hasAnswered = false;
    try {
      String secret =
          webhook.secret() == null ? null : secrets.decrypt(webhook.webhookId(), webhook.secret());
      WebhookSender.Answer answer =
          sender.send(webhook.url(), secret, delivery.deliveryId(), delivery.body());
      hasAnswered = true;
      settle(webhook, delivery, answer);
    } catch (BlockedTargetException | MillraceException e) {
      fail(webhook, delivery, null, text(e));
    } catch (IOException | WebhookSecrets.UnreadableException e) {
      if (isClosed) {
        database.change(tx -> store.release(tx, delivery, System.currentTimeMillis()));
      } else {
        retry(webhook, delivery, null, text(e), 0);
      }
    } catch (RuntimeException e) {
      // The lease ends, and it is tried again.
      log.warn("Delivery {} to webhook {} broke", delivery.deliveryId(), webhook.webhookId(), e);
    } finally {
      lanes.end(delivery.webhookNo(), known, hasAnswered);
      wake.release();
    }
  }

  private void settle(WebhookRow webhook, DeliveryRow delivery, WebhookSender.Answer answer) {
    int status = answer.status();
    if (status >= 200 && status < 300) {
      database.change(tx -> store.end(tx, delivery, System.currentTimeMillis(), status, null));
    } else if (status == 429 || status >= 500) {
      retry(webhook, delivery, status, "HTTP " + status, retryAfter(answer.retryAfter()));
    } else {
      fail(webhook, delivery, status, "HTTP " + status);
    }
  }

  private void retry(
      WebhookRow webhook,
      DeliveryRow delivery,
      @Nullable Integer status,
      String error,
      long leastMillis) {
    long now = System.currentTimeMillis();
    if (delivery.attempts() > maxRetries || now - delivery.creationTime() > MAX_AGE_MILLIS) {
      fail(webhook, delivery, status, error);
      return;
    }
    long due = now + Math.max(leastMillis, delay(delivery.attempts()));
    database.change(tx -> store.postpone(tx, delivery, due, status, error));
    log.debug(
        "Delivery {} of {} to webhook {} is tried again: {}",
        delivery.deliveryId(),
        delivery.event(),
        webhook.webhookId(),
        error);
  }

  private void fail(
      WebhookRow webhook, DeliveryRow delivery, @Nullable Integer status, String error) {
    database.change(tx -> store.end(tx, delivery, System.currentTimeMillis(), status, error));
    log.warn(
        "Delivery {} of {} to webhook {} has failed after {} attempts: {}",
        delivery.deliveryId(),
        delivery.event(),
        webhook.webhookId(),
        delivery.attempts(),
        error);
  }

  /**
   * Twice as long each time, up to an hour; between half and all of it, so that not all come at
   * once.
   */
  private static long delay(int attempts) {
    long most = Math.min(MAX_DELAY_MILLIS, FIRST_DELAY_MILLIS << Math.min(attempts - 1, 20));
    return ThreadLocalRandom.current().nextLong(most / 2, most + 1);
  }

  /** What a Retry-After header asks for, in milliseconds; an hour at most, 0 if it is none. */
  static long retryAfter(@Nullable String header) {
    if (header == null) {
      return 0;
    }
    long millis;
    try {
      millis = TimeUnit.SECONDS.toMillis(Long.parseLong(header.strip()));
    } catch (NumberFormatException e) {
      try {
        Instant time =
            ZonedDateTime.parse(header.strip(), DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
        millis = Duration.between(Instant.now(), time).toMillis();
      } catch (DateTimeParseException | ArithmeticException none) {
        return 0;
      }
    }
    return Math.clamp(millis, 0, MAX_DELAY_MILLIS);
  }

  private static String text(Exception e) {
    String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    String storable = message.replace('\0', ' ');
    return storable.length() <= MAX_ERROR ? storable : storable.substring(0, MAX_ERROR);
  }
}
