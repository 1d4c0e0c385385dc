package dev.millrace.projects.spec;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A date or time of a YAML file, in Python's two spellings.
 *
 * @param text as {@code str} has it
 * @param repr as {@code repr} has it, and so a list that holds it
 */
record PythonTime(String text, String repr) {

  private static final Pattern FORM =
      Pattern.compile(
          "([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"
              + "(?:(?:[Tt]|[ \\t]+)([0-9]{1,2}):([0-9]{2}):([0-9]{2})"
              + "(?:\\.([0-9]*))?"
              + "(?:[ \\t]*(Z|([-+])([0-9]{1,2})(?::([0-9]{2}))?))?)?");

  /**
   * Reads a timestamp of YAML 1.1.
   *
   * @throws DateTimeException if there is no such time
   */
  static PythonTime parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new DateTimeException("not a timestamp");
    }
    int year = number(form, 1);
    if (year == 0) {
      throw new DateTimeException("there is no year 0");
    }
    LocalDate date = LocalDate.of(year, number(form, 2), number(form, 3));
    String day = "%d, %d, %d".formatted(year, date.getMonthValue(), date.getDayOfMonth());
    if (form.group(4) == null) {
      return new PythonTime(date.toString(), "datetime.date(" + day + ")");
    }
    String fraction = form.group(7) == null ? "" : form.group(7);
    int micros = Integer.parseInt((fraction + "000000").substring(0, 6));
    LocalDateTime time =
        date.atTime(number(form, 4), number(form, 5), number(form, 6), micros * 1000);
    String plain =
        "%s %02d:%02d:%02d%s"
            .formatted(
                date,
                time.getHour(),
                time.getMinute(),
                time.getSecond(),
                micros == 0 ? "" : ".%06d".formatted(micros));
    StringBuilder repr =
        new StringBuilder("datetime.datetime(" + day)
            .append(", ")
            .append(time.getHour())
            .append(", ")
            .append(time.getMinute());
    if (time.getSecond() != 0 || micros != 0) {
      repr.append(", ").append(time.getSecond());
    }
    if (micros != 0) {
      repr.append(", ").append(micros);
    }
    if (form.group(8) == null) {
      return new PythonTime(plain, repr.append(')').toString());
    }
    int minutes = 0;
    if (form.group(9) != null) {
      int minute = form.group(11) == null ? 0 : number(form, 11);
      minutes = (number(form, 10) * 60 + minute) * (form.group(9).equals("-") ? -1 : 1);
    }
    if (Math.abs(minutes) >= 24 * 60) {
      throw new DateTimeException("an offset of a day");
    }
    return new PythonTime(plain + offset(minutes), repr + ", tzinfo=" + zone(minutes) + ")");
  }

  @Override
  public String toString() {
    return repr;
  }

  private static String offset(int minutes) {
    int size = Math.abs(minutes);
    return "%s%02d:%02d".formatted(minutes < 0 ? "-" : "+", size / 60, size % 60);
  }

  /** Python keeps an offset as days and a positive rest. */
  private static String zone(int minutes) {
    if (minutes == ZoneOffset.UTC.getTotalSeconds()) {
      return "datetime.timezone.utc";
    }
    int seconds = minutes * 60;
    return minutes < 0
        ? "datetime.timezone(datetime.timedelta(days=-1, seconds=%d))".formatted(seconds + 86400)
        : "datetime.timezone(datetime.timedelta(seconds=%d))".formatted(seconds);
  }

  private static int number(Matcher form, int group) {
    return Integer.parseInt(form.group(group));
  }
}
