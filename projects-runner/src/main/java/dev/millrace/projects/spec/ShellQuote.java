package dev.millrace.projects.spec;

import java.util.regex.Pattern;

/** Words of a shell's command line, as CPython's {@code shlex.quote} writes them. */
public final class ShellQuote {

  private static final Pattern SAFE = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");

  private ShellQuote() {}

  /** The text as one word, whatever it holds. */
  public static String of(String text) {
    return SAFE.matcher(text).matches() ? text : "'" + text.replace("'", "'\"'\"'") + "'";
  }
}
