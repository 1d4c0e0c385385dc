package dev.millrace.tracking;

/**
 * A dataset.
 *
 * @param schema empty for none, like {@code profile}
 */
record DatasetRow(
    String name, String digest, String sourceType, String source, String schema, String profile) {

  /** What tells a dataset from the others of its experiment. */
  record Identity(String name, String digest) {}

  Identity identity() {
    return new Identity(name, digest);
  }
}
