package dev.millrace.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OptionsTest {

  @Test
  void optionOutranksVariableOutranksThatOfMlflow() throws StartException {
    Map<String, String> mlflow = Map.of("MLFLOW_PORT", "1");
    Map<String, String> both = Map.of("MLFLOW_PORT", "1", "MILLRACE_PORT", "2");

    assertThat(parse(mlflow)).containsEntry("millrace.gateway.port", "1");
    assertThat(parse(both)).containsEntry("millrace.gateway.port", "2");
    assertThat(parse(both, "--port", "3")).containsEntry("millrace.gateway.port", "3");
    assertThat(parse(both, "--port=4")).containsEntry("millrace.gateway.port", "4");
    assertThat(parse(Map.of("MILLRACE_PORT", ""))).doesNotContainKey("millrace.gateway.port");
  }

  @Test
  void aWebUiCanBeTurnedOff() throws StartException {
    Map<String, String> found = Map.of("MILLRACE_UI", "/somewhere");
    assertThat(parse(found)).containsEntry("millrace.gateway.ui", "/somewhere");
    assertThat(parse(found, "--ui", "none")).containsEntry("millrace.gateway.ui", "");
  }

  @Test
  void aWebUiThatTheLauncherFindsIsUsedIfNobodySaysElse(@TempDir Path folder) throws Exception {
    Path found = Files.writeString(folder.resolve("found"), "/found\n");
    Map<String, String> launcher = Map.of("MILLRACE_FOUND_UI", found.toString());
    assertThat(parse(launcher)).containsEntry("millrace.gateway.ui", "/found");
    assertThat(parse(launcher, "--ui", "/mine")).containsEntry("millrace.gateway.ui", "/mine");
    Map<String, String> both = new HashMap<>(launcher);
    both.put("MILLRACE_UI", "");
    assertThat(parse(both)).doesNotContainKey("millrace.gateway.ui");
    Files.writeString(found, "");
    assertThat(parse(launcher)).doesNotContainKey("millrace.gateway.ui");
    Files.delete(found);
    assertThatThrownBy(() -> parse(launcher))
        .isInstanceOf(StartException.class)
        .hasMessageStartingWith("MILLRACE_FOUND_UI cannot be read: ");
  }

  @Test
  void dataFolderIsAbsoluteAndOnlyNeededForWhatIsNotElsewhere() throws StartException {
    Options none = Options.parse(List.of(), Map.of());
    assertThat(none.data()).isEqualTo(Path.of("millrace-data").toAbsolutePath());
    assertThat(none.useDataFolder()).isTrue();

    List<String> database = List.of("--database-url", "postgresql://localhost/x");
    assertThat(Options.parse(database, Map.of()).useDataFolder()).isTrue();
    assertThat(Options.parse(database, Map.of("MILLRACE_ARTIFACTS", "s3://b")).useDataFolder())
        .isFalse();
  }

  @Test
  void wrongCommandLinesNameTheOption() {
    assertRefused("unknown option '--prot'; see --help", "--prot", "1");
    assertRefused("unknown option 'run'; see --help", "run");
    assertRefused("option --port needs a value; see --help", "--port");
    assertRefused("--data needs a value", "--data", " ");
    assertRefused("--port has to be a number from 0 to 65535, not 'x'", "--port", "x");
    assertRefused("--port has to be a number from 0 to 65535, not '65536'", "--port", "65536");
  }

  @Test
  void helpTellsOfEveryOptionAndVariable() throws Exception {
    String help;
    try (var text = Main.class.getResourceAsStream("help.txt")) {
      assertThat(text).isNotNull();
      help = new String(text.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    }
    for (Option option : Option.values()) {
      assertThat(help).contains("  " + option.flag() + " ").contains(option.variables());
    }
  }

  private static Map<String, Object> parse(Map<String, String> environment, String... arguments)
      throws StartException {
    return Options.parse(List.of(arguments), environment).properties();
  }

  private static void assertRefused(String line, String... arguments) {
    assertThatThrownBy(() -> Options.parse(List.of(arguments), Map.of()))
        .isInstanceOf(StartException.class)
        .hasMessage(line)
        .extracting(e -> ((StartException) e).exitCode())
        .isEqualTo(2);
  }
}
