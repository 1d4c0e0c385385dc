package dev.millrace.gateway.raw;

import dev.millrace.gateway.http.Request;
import dev.millrace.proto.ArtifactInfo;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Conditions on what a client has already, as werkzeug 3.1 {@code sansio/http.py} reads them. */
record Conditions(String etag, Instant lastModified) {

  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH);

  private static final Pattern ETAG = Pattern.compile("\\s*(W/)?\"([^\"]*)\"\\s*(?:,|$)");

  static Conditions of(ArtifactInfo info) {
    return new Conditions(
        info.getEtag(),
        Instant.ofEpochMilli(info.getLastModified()).truncatedTo(ChronoUnit.SECONDS));
  }

  /** The value of an {@code ETag} header. */
  String quotedEtag() {
    return "\"" + etag + "\"";
  }

  /** The value of a {@code Last-Modified} header. */
  String date() {
    return DATE.format(lastModified.atOffset(ZoneOffset.UTC));
  }

  /** Whether the client has what it asks for, or does not want it: 304 or 412. */
  boolean isUnmodified(Request request) {
    String ifMatch = request.header("If-Match");
    String ifNoneMatch = request.header("If-None-Match");
    if (ifMatch != null && !ifMatch.isBlank()) {
      return !names(ifMatch, false);
    }
    if (ifNoneMatch != null && !ifNoneMatch.isBlank()) {
      return names(ifNoneMatch, true);
    }
    return since(request.header("If-Modified-Since"));
  }

  /** Whether a range may be sent: the client's other parts are of this very file. */
  boolean isSameForRange(@Nullable String ifRange) {
    if (ifRange == null) {
      return true;
    }
    return parse(ifRange).isPresent()
        ? since(ifRange)
        : ifRange.strip().equals(quotedEtag()) || ifRange.strip().equals(etag);
  }

  private boolean since(@Nullable String date) {
    return parse(date).map(time -> !lastModified.isAfter(time)).orElse(false);
  }

  private boolean names(String list, boolean weakly) {
    if (list.strip().equals("*")) {
      return true;
    }
    Matcher tags = ETAG.matcher(list);
    while (tags.find()) {
      if ((weakly || tags.group(1) == null) && etag.equals(tags.group(2))) {
        return true;
      }
    }
    return false;
  }

  private static Optional<Instant> parse(@Nullable String date) {
    if (date == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          ZonedDateTime.parse(date.strip(), DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }
}
