package dev.millrace.projects;

import dev.millrace.platform.error.MillraceException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Times as crontab(5) tells them: minute, hour, day of the month, month, day of the week. If both
 * kinds of days are restricted, which is that neither begins with {@code *}, a day of either kind
 * is meant.
 *
 * <p>Where clocks are changed: a time that the clock leaps over comes when it leaps, one that it
 * shows twice comes the first time. What comes in every hour follows the hours as they pass.
 */
final class Cron {

  private static final Map<String, String> MACROS =
      Map.of(
          "@hourly", "0 * * * *",
          "@daily", "0 0 * * *",
          "@midnight", "0 0 * * *",
          "@weekly", "0 0 * * 0",
          "@monthly", "0 0 1 * *",
          "@yearly", "0 0 1 1 *",
          "@annually", "0 0 1 1 *");

  private static final List<String> MONTHS =
      List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");

  private static final List<String> DAYS = List.of("sun", "mon", "tue", "wed", "thu", "fri", "sat");

  private static final int MAX_LENGTH = 250;

  /** A 29th of February that is a Sunday comes after forty years at the latest. */
  private static final int MAX_DAYS = 41 * 366;

  private static final long ALL_HOURS = (1L << 24) - 1;

  private final long minutes;
  private final long hours;
  private final long daysOfMonth;
  private final long months;
  private final long daysOfWeek;
  private final boolean isEitherDay;

  private Cron(String[] fields) {
    minutes = field(fields[0], 0, 59, 0, List.of());
    hours = field(fields[1], 0, 23, 0, List.of());
    daysOfMonth = field(fields[2], 1, 31, 0, List.of());
    months = field(fields[3], 1, 12, 1, MONTHS);
    long days = field(fields[4], 0, 7, 0, DAYS);
    // Sunday is 0 and 7.
    daysOfWeek = (days | (days >> 7)) & 0x7f;
    isEitherDay = !fields[2].startsWith("*") && !fields[4].startsWith("*");
  }

  /**
   * Reads an expression.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE for {@code cron} if it is none, or means no
   *     time at all
   */
  static Cron parse(String text) {
    if (text.length() > MAX_LENGTH) {
      throw invalid(text.substring(0, MAX_LENGTH) + "…", "it is too long");
    }
    String expanded = MACROS.getOrDefault(text.strip().toLowerCase(Locale.ROOT), text);
    String[] fields = expanded.strip().toLowerCase(Locale.ROOT).split("[ \t]+", -1);
    if (fields.length != 5) {
      throw invalid(
          text, "it must have five fields: minute, hour, day of the month, month, day of the week");
    }
    Cron cron;
    try {
      cron = new Cron(fields);
    } catch (IllegalArgumentException e) {
      throw invalid(text, String.valueOf(e.getMessage()));
    }
    if (cron.next(LocalDateTime.of(2000, 1, 1, 0, 0)) == null) {
      throw invalid(text, "there is no such day");
    }
    return cron;
  }

  /**
   * A time zone of the IANA.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE for {@code time_zone}
   */
  static ZoneId zone(String name) {
    // Offsets and the like are no zones of the IANA, though Java takes them.
    if (ZoneId.getAvailableZoneIds().contains(name)) {
      return ZoneId.of(name);
    }
    throw MillraceException.invalidParameter(
        "Invalid value '%s' for parameter 'time_zone' supplied: it must be a time zone of the IANA,"
                .formatted(name)
            + " as Europe/Berlin.");
  }

  private static MillraceException invalid(String text, String reason) {
    return MillraceException.invalidParameter(
        "Invalid value '%s' for parameter 'cron' supplied: %s.".formatted(text, reason));
  }

  /** The bits of the numbers that a field means: a list of {@code *}, {@code a}, {@code a-b}. */
  private static long field(String text, int least, int most, int firstName, List<String> names) {
    long bits = 0;
    for (String part : text.split(",", -1)) {
      String[] step = part.split("/", -1);
      String[] range = step[0].split("-", -1);
      if (step.length > 2 || range.length > 2) {
        throw new IllegalArgumentException("'%s' is malformed".formatted(part));
      }
      boolean isAll = step[0].equals("*");
      int from = isAll ? least : value(range[0], least, most, firstName, names);
      int to;
      if (range.length == 2) {
        to = value(range[1], least, most, firstName, names);
      } else {
        to = isAll || step.length == 2 ? most : from;
      }
      if (to < from) {
        throw new IllegalArgumentException("'%s' ends before it begins".formatted(part));
      }
      int by = step.length == 2 ? value(step[1], 1, most, 0, List.of()) : 1;
      // From Sunday, which is 0 and 7, steps go to Saturday.
      int end = most == 7 && range.length == 1 ? Math.max(from, 6) : to;
      for (int i = from; i <= Math.min(to, end); i += by) {
        bits |= 1L << i;
      }
    }
    return bits;
  }

  private static int value(String text, int least, int most, int firstName, List<String> names) {
    int name = names.indexOf(text);
    if (name >= 0) {
      return name + firstName;
    }
    if (!text.matches("[0-9]{1,4}")) {
      throw new IllegalArgumentException("'%s' is no number".formatted(text));
    }
    int value = Integer.parseInt(text);
    if (value < least || value > most) {
      throw new IllegalArgumentException("%d is not from %d to %d".formatted(value, least, most));
    }
    return value;
  }

  /**
   * The first time behind {@code after}; by parse, there is always one.
   *
   * @param after milliseconds since the epoch, as the result
   */
  long next(long after, ZoneId zone) {
    ZoneRules rules = zone.getRules();
    Instant start = Instant.ofEpochMilli(after);
    Instant next = hours == ALL_HOURS ? nextAsTheyPass(start, rules) : nextByTheClock(start, rules);
    return next.toEpochMilli();
  }

  private static LocalDateTime local(Instant instant, ZoneOffset offset) {
    return LocalDateTime.ofInstant(instant, offset);
  }

  private LocalDateTime nextOrThrow(LocalDateTime after) {
    LocalDateTime next = next(after);
    if (next == null) {
      throw new IllegalStateException("No time behind " + after);
    }
    return next;
  }

  private Instant nextByTheClock(Instant after, ZoneRules rules) {
    LocalDateTime clock = local(after, rules.getOffset(after));
    while (true) {
      clock = nextOrThrow(clock);
      ZoneOffsetTransition change = rules.getTransition(clock);
      Instant instant;
      if (change != null && change.isGap()) {
        instant = change.getInstant();
      } else {
        // Of two offsets this is the one before the change.
        instant = clock.toInstant(rules.getOffset(clock));
      }
      if (instant.isAfter(after)) {
        return instant;
      }
    }
  }

  private Instant nextAsTheyPass(Instant after, ZoneRules rules) {
    Instant start = after;
    LocalDateTime clock = local(after, rules.getOffset(after));
    while (true) {
      Instant next = nextOrThrow(clock).toInstant(rules.getOffset(start));
      ZoneOffsetTransition change = rules.nextTransition(start);
      if (change == null || next.isBefore(change.getInstant())) {
        return next;
      }
      start = change.getInstant();
      // The minute of the change itself may be one that is meant.
      clock = change.getDateTimeAfter().minusNanos(1);
    }
  }

  /**
   * The last time up to {@code now}.
   *
   * @param first a time before it
   * @param now milliseconds since the epoch, as the result
   */
  long last(long first, long now, ZoneId zone) {
    long last = first;
    // The nearer the start, the fewer times are between it and now.
    for (long span = 60_000; last == first && now - span > first; span *= 2) {
      last = lastBehind(now - span, first, now, zone);
    }
    return last == first ? lastBehind(first, first, now, zone) : last;
  }

  private long lastBehind(long start, long first, long now, ZoneId zone) {
    long last = first;
    for (long next = next(start, zone); next <= now; next = next(next, zone)) {
      last = next;
    }
    return last;
  }

  /** The first time behind {@code after}, by a clock that is never changed; null if none comes. */
  private @Nullable LocalDateTime next(LocalDateTime after) {
    LocalDateTime start = after.truncatedTo(ChronoUnit.MINUTES).plusMinutes(1);
    LocalDate day = start.toLocalDate();
    for (int i = 0; i < MAX_DAYS; i++) {
      if (isMeant(day)) {
        int from = i == 0 ? start.getHour() : 0;
        for (int hour = first(hours, from); hour < 64; hour = first(hours, hour + 1)) {
          int minute = first(minutes, i == 0 && hour == from ? start.getMinute() : 0);
          if (minute < 64) {
            return day.atTime(hour, minute);
          }
        }
      }
      day = day.plusDays(1);
    }
    return null;
  }

  /** The first bit from {@code from} on; 64 if there is none. */
  private static int first(long bits, int from) {
    return Long.numberOfTrailingZeros(bits & (-1L << from));
  }

  private boolean isMeant(LocalDate day) {
    if (((months >> day.getMonthValue()) & 1) == 0) {
      return false;
    }
    boolean isDayOfMonth = ((daysOfMonth >> day.getDayOfMonth()) & 1) == 1;
    boolean isDayOfWeek = ((daysOfWeek >> (day.getDayOfWeek().getValue() % 7)) & 1) == 1;
    return isEitherDay ? isDayOfMonth || isDayOfWeek : isDayOfMonth && isDayOfWeek;
  }
}
