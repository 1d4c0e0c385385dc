package dev.millrace.projects;

import dev.millrace.testing.H2;
import dev.millrace.testing.Postgres;
import java.time.Duration;
import org.junit.jupiter.api.Nested;

/**
 * All that holds of the queue, of jobs and of schedules holds as well where the database's clock
 * and the runners' are ten hours apart.
 */
final class ClockSkewTest {

  private static final Duration AHEAD = Duration.ofHours(10);
  private static final Duration BEHIND = AHEAD.negated();

  private static String postgres(Duration skew) {
    return SkewedClock.of(Postgres.newDatabase(), skew.toHours());
  }

  private static String h2(Duration skew) {
    return SkewedClock.of(H2.inMemory(), skew.toHours());
  }

  @Nested
  final class QueueAheadOnH2 extends QueueContract {
    @Override
    String newDatabase() {
      return h2(AHEAD);
    }

    @Override
    Duration skew() {
      return AHEAD;
    }
  }

  @Nested
  final class QueueAhead extends QueueContract {
    @Override
    String newDatabase() {
      return postgres(AHEAD);
    }

    @Override
    Duration skew() {
      return AHEAD;
    }
  }

  @Nested
  final class QueueBehind extends QueueContract {
    @Override
    String newDatabase() {
      return postgres(BEHIND);
    }

    @Override
    Duration skew() {
      return BEHIND;
    }
  }

  @Nested
  final class JobsAhead extends JobContract {
    @Override
    String newDatabase() {
      return postgres(AHEAD);
    }
  }

  @Nested
  final class JobsBehind extends JobContract {
    @Override
    String newDatabase() {
      return postgres(BEHIND);
    }
  }

  @Nested
  final class SchedulesAhead extends ScheduleContract {
    @Override
    String newDatabase() {
      return postgres(AHEAD);
    }
  }

  @Nested
  final class SchedulesBehind extends ScheduleContract {
    @Override
    String newDatabase() {
      return postgres(BEHIND);
    }
  }
}
