package dev.millrace.tracking;

import java.util.Locale;

/** Whether an experiment, run or logged model is in use or in the bin. */
enum LifecycleStage {
  ACTIVE,
  DELETED;

  private final String text = name().toLowerCase(Locale.ROOT);

  /** As stored and as clients see it. */
  String text() {
    return text;
  }

  /** Reads what {@link #text} wrote. */
  static LifecycleStage of(String text) {
    return text.equals(ACTIVE.text) ? ACTIVE : DELETED;
  }
}
