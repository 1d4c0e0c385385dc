package dev.millrace.registry;

import dev.millrace.platform.check.ArtifactHosts;
import dev.millrace.platform.error.MillraceException;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * What whoever runs the server allows as sources of model versions.
 *
 * @param hosts which hosts they may name
 * @param pattern what must be found in them (mlflow 3.17.2 {@code environment_variables.py},
 *     MLFLOW_CREATE_MODEL_VERSION_SOURCE_VALIDATION_REGEX); null for anything
 */
record SourcePolicy(ArtifactHosts hosts, @Nullable Pattern pattern) {

  /** How many characters the search for the pattern may look at, again and again. */
  private static final int MAX_LOOKS = 10_000_000;

  /**
   * @throws IllegalArgumentException if the pattern is malformed
   */
  static SourcePolicy of(RegistryConfiguration configuration) {
    Set<String> schemes = new HashSet<>();
    for (String scheme : configuration.allowedArtifactSchemes().split(",", -1)) {
      if (!scheme.isBlank()) {
        schemes.add(scheme.strip().toLowerCase(Locale.ROOT));
      }
    }
    String regex = configuration.sourcePattern();
    try {
      return new SourcePolicy(
          new ArtifactHosts(configuration.defaultArtifactRoot(), schemes),
          regex.isEmpty() ? null : Pattern.compile(regex));
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "source-pattern is no regular expression: " + e.getMessage(), e);
    }
  }

  /**
   * Refuses a source in which the pattern is not found.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE
   */
  void checkPattern(String source) {
    if (pattern != null && !isFound(pattern, source)) {
      throw MillraceException.invalidParameter(
          "Invalid model version source: '%s'.".formatted(source));
    }
  }

  private static boolean isFound(Pattern pattern, String source) {
    try {
      return pattern.matcher(new Watched(source, new int[1])).find();
    } catch (TooManyLooks | StackOverflowError e) {
      return false;
    }
  }

  /** Ends the search of an expression that tries more than anybody wants to wait for. */
  private static final class TooManyLooks extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TooManyLooks() {
      super(null, null, false, false);
    }
  }

  /** A text that counts how often it is looked at. */
  @SuppressWarnings("ArrayRecordComponent") // The count is shared by all parts of the text.
  private record Watched(String text, int[] looks) implements CharSequence {

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public char charAt(int index) {
      if (++looks[0] > MAX_LOOKS) {
        throw new TooManyLooks();
      }
      return text.charAt(index);
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return new Watched(text.substring(start, end), looks);
    }

    @Override
    public String toString() {
      return text;
    }
  }
}
