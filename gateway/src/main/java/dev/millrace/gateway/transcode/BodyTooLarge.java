package dev.millrace.gateway.transcode;

/** A JSON body above the limit; HTTP has a status for it that no code of MLflow maps to. */
final class BodyTooLarge extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int limit;

  BodyTooLarge(int limit) {
    super(null, null, false, false);
    this.limit = limit;
  }

  String text() {
    return "The request body is larger than the %d bytes that millrace.gateway.max-body-bytes allows."
        .formatted(limit);
  }
}
