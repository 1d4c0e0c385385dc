package dev.millrace.projects;

import io.micronaut.context.ApplicationContext;

/** Runs projects-runner alone, as one process of a distributed Millrace. */
public final class Main {

  private Main() {}

  public static void main(String[] arguments) {
    ApplicationContext context =
        ApplicationContext.builder().args(arguments).environments("projects-runner").start();
    Runtime.getRuntime().addShutdownHook(new Thread(context::close, "shutdown"));
    System.out.printf(
        "projects-runner is listening on port %d%n", context.getBean(ProjectsRunner.class).port());
  }
}
