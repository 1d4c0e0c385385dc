package dev.millrace.platform.call;

/** The workspace a call works in. */
public final class Workspace {

  /** The workspace of everything as long as workspaces are switched off. */
  public static final String DEFAULT = "default";

  private Workspace() {}
}
