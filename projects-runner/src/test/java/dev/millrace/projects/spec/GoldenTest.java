package dev.millrace.projects.spec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.error.PythonText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.assertj.core.api.SoftAssertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What CPython 3.11, PyYAML 6.0 and mlflow 3.17.2 make of files, templates and words. */
final class GoldenTest {

  /** Where a row differs and why is in docs/differences.md, or the row is marked. */
  private static final String REFUSED = "refused";

  @TempDir Path temporary = Path.of("");

  @Test
  void yamlIsReadAsPyYamlReadsIt() throws IOException {
    List<GoldenTable.Row> rows = GoldenTable.read("yaml.jsonl");
    assertThat(rows.size()).isGreaterThan(600);
    SoftAssertions softly = new SoftAssertions();
    for (GoldenTable.Row row : rows) {
      String text = row.text("text");
      if (row.isTaken()) {
        softly
            .assertThat(outcome(() -> PythonText.of(PythonYaml.load(text, "file"))))
            .as(PythonText.of(text))
            .isNotEqualTo(REFUSED);
        continue;
      }
      softly
          .assertThat(outcome(() -> PythonText.of(PythonYaml.load(text, "file"))))
          .as(PythonText.of(text))
          .isEqualTo(row.isRefused() ? REFUSED : row.text("repr"));
    }
    softly.assertAll();
  }

  @Test
  void wordsAreQuotedAsShlexQuotesThem() throws IOException {
    List<GoldenTable.Row> rows = GoldenTable.read("quote.jsonl");
    assertThat(rows.size()).isGreaterThan(600);
    for (GoldenTable.Row row : rows) {
      assertThat(ShellQuote.of(row.text("text"))).isEqualTo(row.text("quoted"));
    }
  }

  @Test
  void templatesAreFilledAsStrFormatFillsThem() throws IOException {
    List<GoldenTable.Row> rows = GoldenTable.read("format.jsonl");
    assertThat(rows.size()).isGreaterThan(120);
    SoftAssertions softly = new SoftAssertions();
    for (GoldenTable.Row row : rows) {
      String template = row.text("template");
      softly
          .assertThat(outcome(() -> PythonFormat.format(template, row.map("values"))))
          .as(template)
          .isEqualTo(row.isRefused() ? REFUSED : row.text("result"));
    }
    softly.assertAll();
  }

  @Test
  void commandsAreThoseOfMlflow() throws IOException {
    List<GoldenTable.Row> rows = GoldenTable.read("command.jsonl");
    assertThat(rows.size()).isGreaterThan(1000);
    SoftAssertions softly = new SoftAssertions();
    int number = 0;
    for (GoldenTable.Row row : rows) {
      Path folder = Files.createDirectories(temporary.resolve("p" + number++));
      for (Object name : row.list("files")) {
        write(folder, (String) name, "");
      }
      String mlproject = row.optionalText("mlproject");
      if (mlproject != null) {
        write(folder, "MLproject", mlproject);
      }
      softly
          .assertThat(outcome(() -> composed(folder, row)))
          .as("%s -e %s %s", mlproject, row.text("entry_point"), row.list("parameters"))
          .isEqualTo(row.isRefused() ? REFUSED : row.text("line") + "\n" + row.pairs("logged"));
    }
    softly.assertAll();
  }

  private static String composed(Path folder, GoldenTable.Row row) {
    ProjectSpec spec = ProjectSpec.read(folder);
    Command command = spec.command(row.text("entry_point"), row.pairs("parameters"));
    return command.line().replace(folder.toString(), "/FOLDER") + "\n" + command.logged();
  }

  @Test
  void environmentsHaveMlflowsNames() throws IOException {
    List<GoldenTable.Row> rows = GoldenTable.read("environment.jsonl");
    assertThat(rows.size()).isGreaterThan(60);
    SoftAssertions softly = new SoftAssertions();
    int number = 0;
    for (GoldenTable.Row row : rows) {
      Path folder = Files.createDirectories(temporary.resolve("e" + number++));
      row.map("files").forEach((name, text) -> write(folder, name, text));
      softly
          .assertThat(outcome(() -> environment(folder, row)))
          .as(row.fields().toString())
          .isEqualTo(row.isRefused() ? REFUSED : row.text("name"));
    }
    softly.assertAll();
  }

  private static String environment(Path folder, GoldenTable.Row row) {
    Environment environment =
        ProjectSpec.read(folder).environment(EnvironmentKind.of(row.text("manager")));
    return switch (environment) {
      case Environment.Virtual(EnvironmentKind _, PythonEnv python) ->
          python.name(row.text("python"));
      case Environment.Conda(CondaEnv conda) -> conda.name();
      case Environment.Local _, Environment.Docker _ -> environment.toString();
    };
  }

  /** What comes out, {@link #REFUSED} if it is refused as a wrong parameter. */
  private static @Nullable String outcome(Callable<String> call) {
    try {
      return call.call();
    } catch (MillraceException e) {
      return e.code() == ErrorCode.INVALID_PARAMETER_VALUE ? REFUSED : e.toString();
    } catch (Exception e) {
      return e.toString();
    }
  }

  private static void write(Path folder, String name, String text) {
    try {
      Path file = folder.resolve(name);
      Files.createDirectories(Objects.requireNonNull(file.getParent()));
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
