package dev.millrace.tracking;

import io.micronaut.context.ApplicationContext;

/** Runs tracking-store alone, as one process of a distributed Millrace. */
public final class Main {

  private Main() {}

  public static void main(String[] arguments) {
    ApplicationContext context =
        ApplicationContext.builder().args(arguments).environments("tracking-store").start();
    Runtime.getRuntime().addShutdownHook(new Thread(context::close, "shutdown"));
    System.out.printf(
        "tracking-store is listening on port %d%n", context.getBean(TrackingStore.class).port());
  }
}
