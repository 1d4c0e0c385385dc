package dev.millrace.registry;

import java.util.HashMap;
import java.util.Map;

/**
 * How much may be under way at once, so that receivers which do not answer slow nobody but
 * themselves. A webhook whose receiver answered last time gets several lanes, any other only one;
 * and those whose receivers did not answer last time get at most half of what there is, together.
 */
final class DeliveryLanes {

  private static final int PER_WEBHOOK = 4;

  private final int total;
  private final int mostSilent;
  private final Map<Long, Lane> lanes = new HashMap<>();
  private int running;
  private int runningSilent;

  /** What is known of a receiver by its last answer, or want of one. */
  enum Receiver {
    UNKNOWN,
    ANSWERS,
    SILENT
  }

  private static final class Lane {
    private int running;
    private Receiver receiver = Receiver.UNKNOWN;
  }

  DeliveryLanes(int total) {
    this.total = total;
    this.mostSilent = Math.max(1, total / 2);
  }

  /** How many deliveries to a webhook may start now. */
  synchronized int free(long webhookNo) {
    Lane lane = lane(webhookNo);
    int most = lane.receiver == Receiver.ANSWERS ? PER_WEBHOOK : 1;
    int free = Math.min(most - lane.running, total - running);
    if (lane.receiver == Receiver.SILENT) {
      free = Math.min(free, mostSilent - runningSilent);
    }
    return Math.max(0, free);
  }

  /**
   * Some deliveries to a webhook start: at most as many as were free.
   *
   * @return what was known of the receiver; to be told when each of them ends
   */
  synchronized Receiver start(long webhookNo, int count) {
    Lane lane = lane(webhookNo);
    lane.running += count;
    running += count;
    if (lane.receiver == Receiver.SILENT) {
      runningSilent += count;
    }
    return lane.receiver;
  }

  /**
   * One delivery to a webhook has ended.
   *
   * @param known what its start returned
   * @param hasAnswered whether the receiver answered, whatever it said
   */
  synchronized void end(long webhookNo, Receiver known, boolean hasAnswered) {
    Lane lane = lane(webhookNo);
    lane.running--;
    running--;
    if (known == Receiver.SILENT) {
      runningSilent--;
    }
    lane.receiver = hasAnswered ? Receiver.ANSWERS : Receiver.SILENT;
  }

  private Lane lane(long webhookNo) {
    return lanes.computeIfAbsent(webhookNo, _ -> new Lane());
  }
}
