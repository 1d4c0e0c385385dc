package dev.millrace.gateway.transcode;

import dev.millrace.platform.check.Rules;
import dev.millrace.platform.error.MillraceException;
import org.jspecify.annotations.Nullable;

/** A JSON value that does not fit its field. */
final class Mismatch extends Exception {

  private static final long serialVersionUID = 1L;

  private final String path;
  private final String value;
  private final String type;

  private Mismatch(String path, String value, String type) {
    super(path, null, false, false);
    this.path = path;
    this.value = value;
    this.type = type;
  }

  static Mismatch of(@Nullable Object value) {
    return new Mismatch("", JsonValue.dumps(value), JsonValue.pythonType(value));
  }

  /** The same mismatch seen from the outside. */
  Mismatch within(String outer) {
    String inner = path.isEmpty() || path.startsWith("[") ? path : "." + path;
    return new Mismatch(outer + inner, value, type);
  }

  /** The error that names the field. */
  MillraceException asError() {
    return Rules.invalid(path, value, type);
  }
}
