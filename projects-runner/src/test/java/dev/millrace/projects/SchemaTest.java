package dev.millrace.projects;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testing.H2;
import dev.millrace.testing.Postgres;
import dev.millrace.testing.Schema;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SchemaTest {

  @Test
  void bothDatabasesHoldTheSame() {
    List<String> schema = Schema.of("projects-runner", Postgres.newDatabase());
    assertThat(schema).anyMatch(line -> line.startsWith("jobs.job_id "));
    assertThat(Schema.of("projects-runner", H2.inMemory())).isEqualTo(schema);
  }
}
