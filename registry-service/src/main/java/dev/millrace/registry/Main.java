package dev.millrace.registry;

import io.micronaut.context.ApplicationContext;

/** Runs registry-service alone, as one process of a distributed Millrace. */
public final class Main {

  private Main() {}

  public static void main(String[] arguments) {
    ApplicationContext context =
        ApplicationContext.builder().args(arguments).environments("registry-service").start();
    Runtime.getRuntime().addShutdownHook(new Thread(context::close, "shutdown"));
    System.out.printf(
        "registry-service is listening on port %d%n",
        context.getBean(RegistryService.class).port());
  }
}
