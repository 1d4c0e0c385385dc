package dev.millrace.projects.spec;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.error.PythonText;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.composer.Composer;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.StreamReader;

/**
 * YAML as PyYAML's {@code safe_load} reads it: scalars by {@link YamlScalar}, a key that is there
 * twice has its last value, and {@code <<} merges. Sets, ordered maps and pairs are refused: no
 * project needs one.
 */
final class PythonYaml {

  /** Aliases are values of their own here: a file that means more than this is an attack. */
  private static final int MAX_NODES = 100_000;

  private static final int MAX_DEPTH = 100;

  private int nodes;
  private int depth;

  private PythonYaml() {}

  /**
   * Reads the one document of a text.
   *
   * @param name of the file, for messages
   * @return null, a scalar (see {@link YamlScalar#value}), List or Map of such
   * @throws MillraceException INVALID_PARAMETER_VALUE if it is no such YAML
   */
  static @Nullable Object load(String text, String name) {
    LoaderOptions options = new LoaderOptions();
    options.setMaxAliasesForCollections(1000);
    options.setNestingDepthLimit(MAX_DEPTH);
    try {
      Node root =
          new Composer(
                  new ParserImpl(new StreamReader(text), options), new YamlScalar.Kinds(), options)
              .getSingleNode();
      return root == null ? null : new PythonYaml().value(root);
    } catch (MarkedYAMLException e) {
      String where =
          e.getProblemMark() == null
              ? ""
              : " (line %d, column %d)"
                  .formatted(e.getProblemMark().getLine() + 1, e.getProblemMark().getColumn() + 1);
      throw MillraceException.invalidParameter(
          "%s is not valid YAML: %s%s".formatted(name, e.getProblem(), where));
    } catch (YAMLException e) {
      throw MillraceException.invalidParameter(
          "%s is not valid YAML: %s".formatted(name, e.getMessage()));
    }
  }

  /** The value as Python's {@code str} prints it. */
  static String text(@Nullable Object value) {
    return switch (value) {
      case String text -> text;
      case PythonTime time -> time.text();
      case null, default -> PythonText.of(value);
    };
  }

  /** What Python holds for true. */
  static boolean truth(@Nullable Object value) {
    return switch (value) {
      case null -> false;
      case Boolean truth -> truth;
      case String text -> !text.isEmpty();
      case BigInteger number -> number.signum() != 0;
      case Double number -> number != 0;
      case byte[] bytes -> bytes.length > 0;
      case Collection<?> list -> !list.isEmpty();
      case Map<?, ?> map -> !map.isEmpty();
      default -> true;
    };
  }

  private @Nullable Object value(Node node) {
    if (++nodes > MAX_NODES || ++depth > MAX_DEPTH) {
      throw new YAMLException("it is too large, or contains itself");
    }
    Object value =
        switch (node) {
          case ScalarNode scalar -> scalar(scalar);
          case SequenceNode sequence when sequence.getTag().equals(Tag.SEQ) -> list(sequence);
          case MappingNode mapping when mapping.getTag().equals(Tag.MAP) -> map(mapping);
          default ->
              throw refused(node, "values of the tag " + node.getTag() + " are not supported");
        };
    depth--;
    return value;
  }

  private @Nullable Object scalar(ScalarNode node) {
    try {
      return YamlScalar.value(node.getTag(), node.getValue());
    } catch (IllegalArgumentException e) {
      throw refused(node, "'%s': %s".formatted(node.getValue(), e.getMessage()));
    }
  }

  private List<@Nullable Object> list(SequenceNode node) {
    List<@Nullable Object> list = new ArrayList<>();
    for (Node element : node.getValue()) {
      list.add(value(element));
    }
    return list;
  }

  private Map<@Nullable Object, @Nullable Object> map(MappingNode node) {
    Map<@Nullable Object, @Nullable Object> map = new LinkedHashMap<>();
    Map<@Nullable Object, @Nullable Object> keys = new HashMap<>();
    for (NodeTuple entry : entries(node)) {
      Object key =
          entry.getKeyNode().getTag().equals(YamlScalar.VALUE_TAG)
              ? "="
              : value(entry.getKeyNode());
      if (key instanceof List || key instanceof Map) {
        throw refused(entry.getKeyNode(), "found unhashable key");
      }
      Object first = keys.putIfAbsent(normal(key), key);
      map.put(first == null ? key : first, value(entry.getValueNode()));
    }
    return map;
  }

  /** Keys that are one for Python: 1, 1.0 and True. */
  private static @Nullable Object normal(@Nullable Object key) {
    return switch (key) {
      case Boolean truth -> truth ? BigInteger.ONE : BigInteger.ZERO;
      case Double number when Double.isFinite(number) && number == Math.rint(number) ->
          new BigDecimal(number).toBigInteger();
      case null, default -> key;
    };
  }

  /** What is merged comes first, and is overwritten by what stands beside. */
  private List<NodeTuple> entries(MappingNode node) {
    List<NodeTuple> merged = new ArrayList<>();
    List<NodeTuple> own = new ArrayList<>();
    for (NodeTuple entry : node.getValue()) {
      if (entry.getKeyNode().getTag().equals(Tag.MERGE)) {
        merge(entry.getValueNode(), merged);
      } else {
        own.add(entry);
      }
    }
    merged.addAll(own);
    return merged;
  }

  private void merge(Node node, List<NodeTuple> merged) {
    if (++nodes > MAX_NODES || ++depth > MAX_DEPTH) {
      throw new YAMLException("it is too large, or contains itself");
    }
    switch (node) {
      case MappingNode mapping -> merged.addAll(entries(mapping));
      case SequenceNode sequence -> {
        // Of several, the first has the last word.
        for (Node element : sequence.getValue().reversed()) {
          if (!(element instanceof MappingNode mapping)) {
            throw refused(element, "expected a mapping for merging");
          }
          merge(mapping, merged);
        }
      }
      default -> throw refused(node, "expected a mapping or list of mappings for merging");
    }
    nodes += merged.size();
    depth--;
  }

  private static YAMLException refused(Node node, String problem) {
    return new YAMLException(
        "%s (line %d, column %d)"
            .formatted(
                problem, node.getStartMark().getLine() + 1, node.getStartMark().getColumn() + 1));
  }
}
