package dev.millrace.projects.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FetchedLogTest {

  @TempDir Path folder = Path.of("");

  private final List<String> printed = new ArrayList<>();

  /** As a kubelet gives it: from the second of that time on. */
  private FetchedLog.Pieces since(@Nullable Instant time) {
    StringBuilder text = new StringBuilder();
    for (String line : printed) {
      Instant at = Instant.parse(line.substring(0, line.indexOf(' ')));
      if (time == null || !at.isBefore(time.truncatedTo(ChronoUnit.SECONDS))) {
        text.append(line).append('\n');
      }
    }
    return lines(text.toString());
  }

  private static PodLines lines(String text) {
    return new PodLines(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
  }

  private FetchedLog log() {
    return new FetchedLog(folder.resolve("a"), 1000);
  }

  private String text() throws IOException {
    return log().read(0, 10_000).text();
  }

  @Test
  void eachLineComesOnceAlsoToTheNextProcess() throws IOException {
    printed.add("2026-11-26T01:00:00.1Z one");
    printed.add("2026-11-26T01:00:00.12Z two");
    log().pull(this::since);
    // Times are no texts: .12 is later than .1, and Z sorts behind digits.
    printed.add("2026-11-26T01:00:00.12Z two again");
    printed.add("2026-11-26T01:00:00.123456789Z  indented");
    log().pull(this::since);
    log().pull(this::since);
    printed.add("2026-11-26T01:00:05Z ä 日本");
    printed.add("2026-11-26T01:00:05Z ");
    log().pull(this::since);
    log().pull(this::since);
    assertThat(text()).isEqualTo("one\ntwo\ntwo again\n indented\nä 日本\n\n");
  }

  @Test
  void whatAKubeletSaysItselfIsNoOutput() throws IOException {
    printed.add("2026-11-26T01:00:00Z one");
    log().pull(_ -> lines("unable to retrieve container logs\n"));
    log().pull(this::since);
    assertThat(text()).isEqualTo("one\n");
  }

  @Test
  void aClockThatIsPutBackLosesNothing() throws IOException {
    printed.add("2026-11-26T01:00:00.5Z one");
    printed.add("2026-11-26T01:00:00.3Z two");
    log().pull(this::since);
    printed.add("2026-11-26T01:00:00.4Z three");
    log().pull(this::since);
    printed.add("2026-11-26T01:00:00.6Z four");
    log().pull(this::since);
    assertThat(text()).isEqualTo("one\ntwo\nthree\nfour\n");
  }

  @Test
  void whatAKilledProcessHadNotCountedComesAgain() throws IOException {
    printed.add("2026-11-26T01:00:00Z one");
    log().pull(this::since);
    Files.writeString(folder.resolve("a/log"), "two\nthr", StandardOpenOption.APPEND);
    printed.add("2026-11-26T01:00:01Z two");
    printed.add("2026-11-26T01:00:02Z three");
    log().pull(this::since);
    assertThat(text()).isEqualTo("one\ntwo\nthree\n");
  }

  @Test
  void notesStayWhereTheyWereMade() throws IOException {
    log().note("[prepared]");
    printed.add("2026-11-26T01:00:00Z one");
    log().pull(this::since);
    log().note("[stuck]");
    printed.add("2026-11-26T01:00:01Z two");
    log().pull(this::since);
    assertThat(text()).isEqualTo("[prepared]\none\n[stuck]\ntwo\n");
  }

  @Test
  void aFullLogSaysSoAndAsksForNothingMore() throws IOException {
    for (int i = 10; i < 60; i++) {
      printed.add("2026-11-26T01:00:%dZ %s".formatted(i, "x".repeat(99)));
    }
    log().pull(this::since);
    assertThat(text().lines()).hasSize(11).last().asString().contains("the log is full");
    log()
        .pull(
            _ -> {
              throw new AssertionError("asked");
            });
  }

  @Test
  void whatCannotBeReadChangesNothing() throws IOException {
    printed.add("2026-11-26T01:00:00Z one");
    log().pull(this::since);
    assertThatThrownBy(
            () ->
                log()
                    .pull(
                        _ -> {
                          throw new IOException("expected by the test");
                        }))
        .hasMessage("expected by the test");
    log().pull(this::since);
    assertThat(text()).isEqualTo("one\n");
  }
}
