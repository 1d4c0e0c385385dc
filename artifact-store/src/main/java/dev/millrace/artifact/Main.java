package dev.millrace.artifact;

import io.micronaut.context.ApplicationContext;

/** Runs artifact-store alone, as one process of a distributed Millrace. */
public final class Main {

  private Main() {}

  public static void main(String[] arguments) {
    ApplicationContext context =
        ApplicationContext.builder().args(arguments).environments("artifact-store").start();
    Runtime.getRuntime().addShutdownHook(new Thread(context::close, "shutdown"));
    System.out.printf(
        "artifact-store is listening on port %d%n", context.getBean(ArtifactStore.class).port());
  }
}
