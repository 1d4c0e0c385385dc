package dev.millrace.gateway.raw;

import dev.millrace.gateway.raw.Selection.Malformed;
import dev.millrace.gateway.raw.Selection.OutOfReach;
import dev.millrace.gateway.raw.Selection.Parts;
import dev.millrace.gateway.raw.Selection.Span;
import dev.millrace.gateway.raw.Selection.Whole;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code Range} headers as the two layers of the real server read them; they disagree about what is
 * malformed, and only one sends several parts.
 */
final class Ranges {

  /** More parts are taken for an attack, and the file is sent whole. */
  private static final int MOST_PARTS = 100;

  private static final Pattern WERKZEUG_SPAN =
      Pattern.compile("[ \\t]*(?:(-[0-9]+)|([0-9]+)[ \\t]*-[ \\t]*([0-9]*))[ \\t]*");

  private Ranges() {}

  /** As starlette 1.10 {@code FileResponse}, which sends what is downloaded by proxy. */
  static Selection starlette(String header, long size) {
    int equals = header.indexOf('=');
    if (equals < 0) {
      return new Malformed("Malformed range header.");
    }
    if (!header.substring(0, equals).strip().toLowerCase(Locale.ROOT).equals("bytes")) {
      return new Malformed("Only support bytes range");
    }
    String[] parts = header.substring(equals + 1).split(",", -1);
    if (parts.length > MOST_PARTS) {
      return new Whole();
    }
    List<Span> spans = new ArrayList<>();
    for (String part : parts) {
      addStarlette(part.strip(), size, spans);
    }
    if (spans.isEmpty()) {
      return new Malformed("Range header: range must be requested");
    }
    if (spans.stream().anyMatch(span -> span.first() < 0 || span.first() >= size)) {
      return new OutOfReach();
    }
    if (spans.stream().anyMatch(span -> span.first() > span.last())) {
      return new Malformed("Range header: start must be less than end");
    }
    return new Parts(merged(spans));
  }

  /** What is no range is passed over. */
  private static void addStarlette(String part, long size, List<Span> spans) {
    int dash = part.indexOf('-');
    if (dash < 0 || part.equals("-")) {
      return;
    }
    String start = part.substring(0, dash).strip();
    String end = part.substring(dash + 1).strip();
    OptionalLong first = number(start);
    OptionalLong last = number(end);
    if (start.isEmpty()) {
      last.ifPresent(count -> spans.add(new Span(Math.max(size - count, 0), size - 1)));
    } else if (first.isPresent() && end.isEmpty()) {
      spans.add(new Span(first.getAsLong(), size - 1));
    } else if (first.isPresent() && last.isPresent()) {
      spans.add(new Span(first.getAsLong(), Math.min(last.getAsLong(), size - 1)));
    }
  }

  private static List<Span> merged(List<Span> spans) {
    spans.sort(Comparator.comparing(Span::first).thenComparing(Span::last));
    List<Span> merged = new ArrayList<>();
    for (Span span : spans) {
      Span before = merged.isEmpty() ? null : merged.getLast();
      if (before != null && span.first() <= before.last() + 1) {
        Span both = new Span(before.first(), Math.max(before.last(), span.last()));
        merged.set(merged.size() - 1, both);
      } else {
        merged.add(span);
      }
    }
    return merged;
  }

  /** As werkzeug 3.1, which sends the files of runs and models: one range, or none. */
  static Selection werkzeug(String header, long size) {
    if (size == 0) {
      return new Whole();
    }
    int equals = header.indexOf('=');
    if (equals < 0 || !header.substring(0, equals).strip().equalsIgnoreCase("bytes")) {
      return new OutOfReach();
    }
    Matcher span = WERKZEUG_SPAN.matcher(header.substring(equals + 1));
    if (!span.matches()) {
      return new OutOfReach();
    }
    if (span.group(1) != null) {
      long count = -number(span.group(1)).orElse(0);
      return count == 0 || count > size ? new OutOfReach() : part(size - count, size - 1);
    }
    long first = number(span.group(2)).orElse(Long.MAX_VALUE);
    long last = number(span.group(3)).orElse(size - 1);
    return first > last || first >= size ? new OutOfReach() : part(first, Math.min(last, size - 1));
  }

  private static Selection part(long first, long last) {
    return new Parts(List.of(new Span(first, last)));
  }

  /** A decimal number; one that no file reaches is as good as a greater one. */
  private static OptionalLong number(String text) {
    if (!text.matches("[+-]?[0-9]+")) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Math.clamp(Long.parseLong(text), -FAR, FAR));
    } catch (NumberFormatException e) {
      return OptionalLong.of(text.startsWith("-") ? -FAR : FAR);
    }
  }

  /** Beyond any file, with room to add to. */
  private static final long FAR = Long.MAX_VALUE / 4;
}
