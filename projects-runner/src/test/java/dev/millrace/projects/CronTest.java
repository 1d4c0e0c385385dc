package dev.millrace.projects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Times by expressions; where clocks are not changed, croniter tells what is right. */
final class CronTest {

  private static final ZoneId UTC = ZoneId.of("UTC");
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

  @Test
  void timesAreThoseThatCroniterFinds() throws IOException {
    SoftAssertions softly = new SoftAssertions();
    int count = 0;
    for (String line : table()) {
      List<String> fields = List.of(line.split("\\|", -1));
      Cron cron = Cron.parse(fields.get(0));
      long at = LocalDateTime.parse(fields.get(1)).toInstant(ZoneOffset.UTC).toEpochMilli();
      for (String expected : fields.subList(2, fields.size())) {
        at = cron.next(at, UTC);
        softly.assertThat(Instant.ofEpochMilli(at).toString()).as(line).isEqualTo(expected + "Z");
        count++;
      }
    }
    softly.assertAll();
    assertThat(count).isGreaterThan(2000);
  }

  private static List<String> table() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(CronTest.class.getResourceAsStream("/golden/cron.txt"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }

  @Test
  void aTimeThatTheClockLeapsOverComesWhenItLeaps() {
    // On 2026-03-29 at 01:00 UTC clocks went from 02:00 to 03:00.
    assertThat(times("30 2 * * *", BERLIN, "2026-03-27T12:00:00Z", 3))
        .containsExactly("2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z");
    assertThat(times("*/20 2,3 * * *", BERLIN, "2026-03-29T00:00:00Z", 4))
        .as("once, however many there are in the gap")
        .containsExactly(
            "2026-03-29T01:00:00Z",
            "2026-03-29T01:20:00Z",
            "2026-03-29T01:40:00Z",
            "2026-03-30T00:00:00Z");
  }

  @Test
  void aTimeThatTheClockShowsTwiceComesOnce() {
    // On 2026-10-25 at 01:00 UTC clocks went from 03:00 to 02:00.
    assertThat(times("30 2 * * *", BERLIN, "2026-10-24T12:00:00Z", 2))
        .containsExactly("2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z");
    assertThat(times("30 2 * * *", BERLIN, "2026-10-25T01:10:00Z", 1))
        .as("also if it is asked for between the two")
        .containsExactly("2026-10-26T01:30:00Z");
  }

  @Test
  void whatComesInEveryHourFollowsTheHours() {
    assertThat(times("30 * * * *", BERLIN, "2026-03-29T00:00:00Z", 3))
        .containsExactly("2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z", "2026-03-29T02:30:00Z");
    assertThat(times("0 * * * *", BERLIN, "2026-10-24T23:30:00Z", 4))
        .containsExactly(
            "2026-10-25T00:00:00Z",
            "2026-10-25T01:00:00Z",
            "2026-10-25T02:00:00Z",
            "2026-10-25T03:00:00Z");
    // Half an hour only: clocks of Lord Howe go from 02:00 to 01:30.
    assertThat(times("45 * * * *", ZoneId.of("Australia/Lord_Howe"), "2026-04-04T14:30:00Z", 3))
        .containsExactly("2026-04-04T14:45:00Z", "2026-04-04T15:15:00Z", "2026-04-04T16:15:00Z");
  }

  @Test
  void aDayMeansTheDayOfTheZone() {
    assertThat(times("0 9 * * mon", ZoneId.of("Asia/Kolkata"), "2026-11-26T00:00:00Z", 1))
        .containsExactly("2026-11-30T03:30:00Z");
    // Clocks of Beirut leap at midnight.
    assertThat(times("0 0 29 3 *", ZoneId.of("Asia/Beirut"), "2026-03-01T00:00:00Z", 1))
        .containsExactly("2026-03-28T22:00:00Z");
  }

  @Test
  void aDayThatIsRareComes() {
    assertThat(times("0 0 29 2 */7", UTC, "2026-01-01T00:00:00Z", 2))
        .containsExactly("2032-02-29T00:00:00Z", "2060-02-29T00:00:00Z");
  }

  @Test
  void ofWhatWasMissedTheLastIsFound() {
    assertThat(last("* * * * *", "2020-01-01T00:00:00Z", "2026-11-26T10:17:42Z"))
        .isEqualTo("2026-11-26T10:17:00Z");
    assertThat(last("0 3 * * *", "2026-11-01T03:00:00Z", "2026-11-26T02:59:59Z"))
        .isEqualTo("2026-11-25T03:00:00Z");
    assertThat(last("0 3 1 * *", "2026-11-01T03:00:00Z", "2026-11-26T02:59:59Z"))
        .as("none since")
        .isEqualTo("2026-11-01T03:00:00Z");
    assertThat(last("0 3 * * *", "2026-11-01T03:00:00Z", "2026-11-02T03:00:00Z"))
        .as("now is not too late")
        .isEqualTo("2026-11-02T03:00:00Z");
    assertThat(last("0 3 * * *", "2026-11-02T03:00:00Z", "2026-11-02T03:00:00Z"))
        .isEqualTo("2026-11-02T03:00:00Z");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "* * * *",
        "* * * * * *",
        "@reboot",
        "60 * * * *",
        "-1 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * 32 * *",
        "* * * 0 *",
        "* * * 13 *",
        "* * * * 8",
        "5-3 * * * *",
        "*/0 * * * *",
        "*/-1 * * * *",
        "*/ * * * *",
        "/5 * * * *",
        "1-2-3 * * * *",
        "1/2/3 * * * *",
        "1, * * * *",
        "* * * foo *",
        "* * jan * *",
        "0 0 30 2 *",
        "0 0 31 4,6,9,11 *",
        "1.5 * * * *",
        "99999999999999999999 * * * *",
        "٣ * * * *"
      })
  void whatIsNoneIsRefused(String text) {
    assertThatThrownBy(() -> Cron.parse(text))
        .isInstanceOfSatisfying(
            MillraceException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.INVALID_PARAMETER_VALUE);
              assertThat(e.text())
                  .startsWith("Invalid value '%s' for parameter 'cron' supplied: ".formatted(text));
            });
  }

  @Test
  void aTextThatIsTooLongIsNotRead() {
    assertThatThrownBy(() -> Cron.parse("*,".repeat(1000) + "* * * * *"))
        .hasMessageContaining("it is too long");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Mars/Phobos", "+02:00", "GMT+2", "europe/berlin", "../UTC"})
  void aZoneThatTheIanaDoesNotKnowIsRefused(String name) {
    assertThatThrownBy(() -> Cron.zone(name))
        .isInstanceOfSatisfying(
            MillraceException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.INVALID_PARAMETER_VALUE);
              assertThat(e.text()).contains("parameter 'time_zone'");
            });
  }

  private static List<String> times(String cron, ZoneId zone, String after, int count) {
    List<String> times = new ArrayList<>();
    long at = Instant.parse(after).toEpochMilli();
    for (int i = 0; i < count; i++) {
      at = Cron.parse(cron).next(at, zone);
      times.add(Instant.ofEpochMilli(at).toString());
    }
    return times;
  }

  private static String last(String cron, String first, String now) {
    return Instant.ofEpochMilli(
            Cron.parse(cron)
                .last(Instant.parse(first).toEpochMilli(), Instant.parse(now).toEpochMilli(), UTC))
        .toString();
  }
}
