package dev.millrace.projects.source;

/**
 * What this server sends to a Git host that asks for it.
 *
 * @param host in lower case
 */
public record GitLogin(String host, String user, String password) {

  /** Without the password: safe to print. */
  @Override
  public String toString() {
    return "GitLogin[host=%s, user=%s]".formatted(host, user);
  }
}
