package dev.millrace.gateway;

import io.micronaut.context.ApplicationContext;

/** Runs the gateway alone, as one process of a distributed Millrace. */
public final class Main {

  private Main() {}

  public static void main(String[] arguments) {
    ApplicationContext context =
        ApplicationContext.builder().args(arguments).environments("gateway").start();
    Runtime.getRuntime().addShutdownHook(new Thread(context::close, "shutdown"));
    System.out.printf("gateway is listening on port %d%n", context.getBean(Gateway.class).port());
  }
}
