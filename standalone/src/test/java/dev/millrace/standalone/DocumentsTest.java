package dev.millrace.standalone;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micronaut.context.env.yaml.YamlPropertySourceLoader;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The documents that can be checked against the code, checked. */
final class DocumentsTest {

  private static final Path ROOT = Path.of("..");

  @Test
  void everyModuleIsInTheReadmesTable() throws IOException {
    String readme = Files.readString(ROOT.resolve("README.md"));
    Matcher module =
        Pattern.compile("<module>([^<]+)</module>")
            .matcher(Files.readString(ROOT.resolve("pom.xml")));
    while (module.find()) {
      assertThat(readme).contains("| `%s` |".formatted(module.group(1)));
    }
  }

  @Test
  void everyDocumentIsInTheIndex() throws IOException {
    Path docs = ROOT.resolve("docs");
    String index = Files.readString(docs.resolve("README.md"));
    try (Stream<Path> files = Files.walk(docs)) {
      files
          .filter(file -> file.toString().endsWith(".md"))
          .map(file -> docs.relativize(file).toString())
          .filter(name -> !name.equals("README.md"))
          .forEach(name -> assertThat(index).contains("(%s)".formatted(name)));
    }
  }

  /** {@code mvn … -Dgolden=write} writes the document instead of checking it. */
  @Test
  void configurationIsDocumented() throws IOException {
    Path document = ROOT.resolve("docs/configuration.md");
    String expected = configuration();
    if ("write".equals(System.getProperty("golden"))) {
      Files.writeString(document, expected);
    }
    assertThat(document).hasContent(expected);
  }

  private static String configuration() throws IOException {
    StringBuilder text = new StringBuilder();
    try (InputStream help = Main.class.getResourceAsStream("help.txt")) {
      text.append(
          """
          # Configuration

          Generated from the code: a test fails when this page is not up to date, and
          `mvn -pl standalone -am test -Dtest=DocumentsTest -Dsurefire.failIfNoSpecifiedTests=false -Dgolden=write`
          writes it.

          ## Command line

          ```
          %s```

          ## Properties

          What the command line does not cover. Each property can be set by the environment variable beside it, or, for
          a service that runs alone, by the option `--PROPERTY=VALUE`.
          """
              .formatted(new String(Objects.requireNonNull(help).readAllBytes(), UTF_8)));
    }
    for (Map.Entry<String, JsonNode> module : modules().entrySet()) {
      Map<String, Object> defaults = defaults(module.getKey());
      text.append("\n### ").append(module.getKey()).append("\n\n");
      text.append("| property | environment variable | default | meaning |\n|---|---|---|---|\n");
      for (JsonNode property : module.getValue().get("properties")) {
        String name = property.get("name").asText();
        Object value = defaults.get(name);
        text.append(
            "| `%s` | `%s` | %s | %s |\n"
                .formatted(
                    name,
                    name.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_"),
                    value == null || value.equals("") ? "" : "`" + value + "`",
                    prose(property.path("description").asText())));
      }
    }
    return text.toString();
  }

  /** What the annotation processor found out about each module's settings, by the module's name. */
  private static Map<String, JsonNode> modules() throws IOException {
    Map<String, JsonNode> modules = new TreeMap<>();
    for (URL url :
        Collections.list(
            Main.class
                .getClassLoader()
                .getResources("META-INF/spring-configuration-metadata.json"))) {
      JsonNode metadata;
      try (InputStream json = url.openStream()) {
        metadata = new ObjectMapper().readTree(json);
      }
      String group = metadata.at("/groups/0/name").asText();
      if (group.startsWith("millrace.")) {
        modules.put(group.substring("millrace.".length()), metadata);
      }
    }
    return modules;
  }

  private static Map<String, Object> defaults(String module) throws IOException {
    String file = "/application-" + module + ".yml";
    try (InputStream yml = Main.class.getResourceAsStream(file)) {
      return new YamlPropertySourceLoader().read(module, Objects.requireNonNull(yml, file));
    }
  }

  private static String prose(String javadoc) {
    return javadoc
        .replaceAll("\\s+", " ")
        .replaceAll("\\{@(?:code|link) ([^}]*)}", "`$1`")
        .replace("|", "\\|");
  }
}
