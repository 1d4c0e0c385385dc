package dev.millrace.projects;

import org.jspecify.annotations.Nullable;

/** Where the code of a job comes from. */
sealed interface JobSource {

  /** What the run's tag {@code mlflow.source.name} says. */
  String name();

  /**
   * A Git repository.
   *
   * @param version a branch, tag or commit; null for the repository's own choice
   * @param subdirectory the project's folder within it; null for its root
   */
  record Git(String uri, @Nullable String version, @Nullable String subdirectory)
      implements JobSource {
    @Override
    public String name() {
      return subdirectory == null ? uri : uri + "#" + subdirectory;
    }
  }

  /**
   * An uploaded archive.
   *
   * @param name where the client took it from
   * @param commit of the client's repository, like {@code repoUrl} and {@code branch}: null if
   *     there is none
   */
  record Snapshot(
      String sha256,
      String name,
      @Nullable String commit,
      @Nullable String repoUrl,
      @Nullable String branch)
      implements JobSource {}
}
