package dev.millrace.artifact;

import dev.millrace.platform.error.MillraceException;
import org.jspecify.annotations.Nullable;

/**
 * The part of a file that a caller asks for, as in HTTP: both ends inclusive; without a first byte,
 * the last {@code last} bytes.
 */
record Slice(@Nullable Long first, @Nullable Long last) {

  static final Slice ALL = new Slice(null, null);

  boolean isAll() {
    return first == null && last == null;
  }

  /** The first byte, in a file of {@code size} bytes. */
  long offset(long size) {
    if (isAll()) {
      return 0;
    }
    if (first == null) {
      if (last == null || last <= 0 || size == 0) {
        throw outside(size);
      }
      return Math.max(size - last, 0);
    }
    if (first < 0 || first >= size || (last != null && last < first)) {
      throw outside(size);
    }
    return first;
  }

  /** The number of bytes, in a file of {@code size} bytes. */
  long length(long size) {
    long offset = offset(size);
    return first == null || last == null || last >= size ? size - offset : last - offset + 1;
  }

  private MillraceException outside(long size) {
    return MillraceException.invalidParameter(
        "The range %s-%s is not within the %d bytes of the artifact"
            .formatted(first == null ? "" : first, last == null ? "" : last, size));
  }
}
