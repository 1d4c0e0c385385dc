package dev.millrace.projects.source;

import org.eclipse.jgit.lib.EmptyProgressMonitor;

/** Ends what JGit does when its time is up. */
final class GitWatch extends EmptyProgressMonitor {

  private final Allowance allowance;

  GitWatch(Allowance allowance) {
    this.allowance = allowance;
  }

  @Override
  public boolean isCancelled() {
    return allowance.isOver();
  }
}
