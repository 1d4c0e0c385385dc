package dev.millrace.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testing.H2;
import dev.millrace.testing.Postgres;
import dev.millrace.testing.Schema;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SchemaTest {

  @Test
  void bothDatabasesHoldTheSame() {
    List<String> schema = Schema.of("tracking-store", Postgres.newDatabase());
    assertThat(schema).anyMatch(line -> line.startsWith("experiments.name "));
    assertThat(Schema.of("tracking-store", H2.inMemory())).isEqualTo(schema);
  }
}
