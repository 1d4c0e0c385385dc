package dev.millrace.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.registry.DeliveryLanes.Receiver;
import org.junit.jupiter.api.Test;

final class DeliveryLanesTest {

  private final DeliveryLanes lanes = new DeliveryLanes(8);

  @Test
  void whoAnswersGetsMore() {
    assertThat(lanes.free(1)).isEqualTo(1);
    Receiver known = lanes.start(1, 1);
    assertThat(lanes.free(1)).isZero();
    lanes.end(1, known, true);
    assertThat(lanes.free(1)).isEqualTo(4);
    known = lanes.start(1, 3);
    assertThat(lanes.free(1)).isEqualTo(1);
    lanes.end(1, known, false);
    assertThat(lanes.free(1)).isZero();
    lanes.end(1, known, false);
    lanes.end(1, known, false);
    assertThat(lanes.free(1)).isEqualTo(1);
  }

  @Test
  void whoDoesNotAnswerTakesHalfOfItAtMost() {
    for (long webhook = 1; webhook <= 8; webhook++) {
      assertThat(lanes.free(webhook)).isEqualTo(1);
      assertThat(lanes.start(webhook, 1)).isEqualTo(Receiver.UNKNOWN);
    }
    assertThat(lanes.free(9)).isZero();
    for (long webhook = 1; webhook <= 8; webhook++) {
      lanes.end(webhook, Receiver.UNKNOWN, false);
    }
    for (long webhook = 1; webhook <= 4; webhook++) {
      assertThat(lanes.free(webhook)).isEqualTo(1);
      assertThat(lanes.start(webhook, 1)).isEqualTo(Receiver.SILENT);
    }
    assertThat(lanes.free(5)).isZero();
    assertThat(lanes.free(9)).isEqualTo(1);
    lanes.end(9, lanes.start(9, 1), true);
    assertThat(lanes.free(9)).isEqualTo(4);
    lanes.end(1, Receiver.SILENT, true);
    assertThat(lanes.free(5)).isEqualTo(1);
  }

  @Test
  void nobodyGetsMoreThanThereIs() {
    for (long webhook = 1; webhook <= 3; webhook++) {
      lanes.end(webhook, lanes.start(webhook, 1), true);
    }
    assertThat(lanes.start(1, 4)).isEqualTo(Receiver.ANSWERS);
    assertThat(lanes.start(2, 3)).isEqualTo(Receiver.ANSWERS);
    assertThat(lanes.free(3)).isEqualTo(1);
    assertThat(lanes.start(3, 1)).isEqualTo(Receiver.ANSWERS);
    assertThat(lanes.free(2)).isZero();
    assertThat(lanes.free(4)).isZero();
  }

  @Test
  void retryAfterHasBounds() {
    assertThat(DeliveryRunner.retryAfter(null)).isZero();
    assertThat(DeliveryRunner.retryAfter("2")).isEqualTo(2000);
    assertThat(DeliveryRunner.retryAfter(" 999999999999999999 ")).isEqualTo(3_600_000);
    assertThat(DeliveryRunner.retryAfter("-5")).isZero();
    assertThat(DeliveryRunner.retryAfter("soon")).isZero();
    assertThat(DeliveryRunner.retryAfter("Wed, 21 Oct 2015 07:28:00 GMT")).isZero();
    assertThat(DeliveryRunner.retryAfter("Sat, 21 Oct 2215 07:28:00 GMT")).isEqualTo(3_600_000);
  }
}
