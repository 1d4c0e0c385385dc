package dev.millrace.registry;

/**
 * Something that a webhook has to be told, for which this process has a lease.
 *
 * @param deliveryId stays the same when it is tried again, so that receivers can tell
 * @param name the model's
 * @param creationTime milliseconds since the epoch
 * @param attempts how often it was tried, with the attempt that this lease is for
 */
record DeliveryRow(
    long deliveryNo,
    String deliveryId,
    long webhookNo,
    String event,
    String name,
    String body,
    long creationTime,
    int attempts) {}
