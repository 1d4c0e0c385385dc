package dev.millrace.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testing.H2;
import dev.millrace.testing.Postgres;
import dev.millrace.testing.Schema;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SchemaTest {

  @Test
  void bothDatabasesHoldTheSame() {
    List<String> schema = Schema.of("registry-service", Postgres.newDatabase());
    assertThat(schema).anyMatch(line -> line.startsWith("registered_models.name "));
    assertThat(Schema.of("registry-service", H2.inMemory())).isEqualTo(schema);
  }
}
