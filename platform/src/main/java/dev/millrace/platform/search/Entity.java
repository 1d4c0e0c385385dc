package dev.millrace.platform.search;

/** What a field of a noun belongs to. */
public enum Entity {
  METRIC("metric"),
  PARAMETER("parameter"),
  TAG("tag"),
  ATTRIBUTE("attribute"),
  DATASET("dataset");

  private final String text;

  Entity(String text) {
    this.text = text;
  }

  /** As MLflow's messages name it. */
  public String text() {
    return text;
  }
}
