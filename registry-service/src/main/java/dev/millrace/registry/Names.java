package dev.millrace.registry;

import dev.millrace.platform.check.KeyName;
import dev.millrace.platform.check.Limit;
import dev.millrace.platform.error.MillraceException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What names, versions, aliases and tags may look like (mlflow 3.17.2 {@code utils/validation.py}).
 */
final class Names {

  /** The alias that every model has: its highest version. */
  static final String LATEST = "latest";

  /** By code points, as MLflow's databases order aliases. */
  static final Comparator<String> ORDER =
      Comparator.comparing(name -> name.getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);

  /** The most characters of a name: indexes of PostgreSQL hold no text of any length. */
  private static final int MAX_NAME = 500;

  private static final Limit NAME = new Limit("name", MAX_NAME);
  private static final Limit NEW_NAME = new Limit("new_name", MAX_NAME);
  private static final Limit ALIAS = new Limit("Registered model alias name", 255);
  private static final Limit TAG_KEY = new Limit("key", KeyName.MAX_CHARACTERS);
  private static final Limit TAG_VALUE = new Limit("value", 100_000);

  // What Python's int() reads.
  private static final Pattern INTEGER = Pattern.compile("[+-]?\\p{Nd}+(_\\p{Nd}+)*");
  private static final int MAX_DIGITS = 4300;

  private static final Pattern VERSION_ALIAS = Pattern.compile("[vV]\\p{Nd}+\n?");

  private Names() {}

  /**
   * Checks the name of a model that shall be there.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE
   */
  static void checkModel(String name) {
    checkModel(name, "name");
  }

  /**
   * Checks the name of a new model.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE
   */
  static void checkNewModel(String name) {
    checkModel(name);
    NAME.check(name);
  }

  /**
   * Checks the new name of a model.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE
   */
  static void checkNewName(String newName) {
    checkModel(newName, "new_name");
    NEW_NAME.check(newName);
  }

  private static void checkModel(String name, String parameter) {
    if (isBlank(name)) {
      throw MillraceException.invalidParameter(
          "Missing value for required parameter '%s'.".formatted(parameter));
    }
    if (name.indexOf('/') >= 0 || name.indexOf(':') >= 0) {
      throw MillraceException.invalidParameter(
          "Invalid model name '%s'. Names cannot contain '/' or ':'.".formatted(name));
    }
    KeyName.checkPath(name, "name");
  }

  /**
   * Reads a version.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE if it is no integer
   */
  static BigInteger parseVersion(String text) {
    BigInteger number = integer(text);
    if (number == null) {
      throw MillraceException.invalidParameter(
          "Parameter 'version' must be an integer, got '%s'.".formatted(text));
    }
    return number;
  }

  /** Reads an integer as Python does; null if it is none. */
  static @Nullable BigInteger integer(String text) {
    String number = strip(text);
    // Python refuses to read more digits, too.
    if (number.length() > 2 * MAX_DIGITS || !INTEGER.matcher(number).matches()) {
      return null;
    }
    StringBuilder digits = new StringBuilder(number.length());
    number
        .codePoints()
        .filter(c -> c != '_' && c != '+')
        .forEach(
            c -> digits.append(c == '-' ? '-' : Character.forDigit(Character.digit(c, 10), 10)));
    return digits.length() > MAX_DIGITS ? null : new BigInteger(digits.toString());
  }

  /**
   * Checks an alias.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE
   */
  static void checkAlias(String alias) {
    // Python's "$", with which MLflow ends its pattern, looks past a last line feed.
    int end = alias.endsWith("\n") ? alias.length() - 1 : alias.length();
    boolean isAllowed =
        alias
            .substring(0, end)
            .codePoints()
            .allMatch(c -> c == '_' || c == '-' || KeyName.isAlphanumeric(c));
    if (!isAllowed) {
      throw MillraceException.invalidParameter(
          ("Invalid alias name: '%s'. Names may only contain alphanumerics, underscores (_), and"
                  + " dashes (-).")
              .formatted(alias));
    }
    ALIAS.check(alias);
  }

  /** Whether an alias stands for the highest version of its model. */
  static boolean isLatest(String alias) {
    return alias.toLowerCase(Locale.ROOT).equals(LATEST);
  }

  /**
   * Checks that an alias can be given to a version.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE
   */
  static void checkNotReserved(String alias) {
    if (isLatest(alias)) {
      throw MillraceException.invalidParameter(
          "'latest' alias name (case insensitive) is reserved.");
    }
    if (VERSION_ALIAS.matcher(alias).matches()) {
      throw MillraceException.invalidParameter(
          "Version alias name '%s' is reserved.".formatted(alias));
    }
  }

  /**
   * Checks the key of a tag that is looked for.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE
   */
  static void checkTagKey(String key) {
    KeyName.check(key, "key");
  }

  /**
   * Checks a tag of a model.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE
   */
  static void checkModelTag(TagRow tag) {
    checkTagKey(tag.key());
    TAG_KEY.check(tag.key());
    TAG_VALUE.check(tag.value());
  }

  /**
   * Checks a tag of a version.
   *
   * @throws MillraceException INVALID_PARAMETER_VALUE
   */
  static void checkVersionTag(TagRow tag) {
    checkTagKey(tag.key());
    TAG_KEY.check(tag.key());
    int most = TAG_VALUE.characters();
    String value = tag.value();
    if (tag.key().equals(Prompts.TEXT) && value.codePointCount(0, value.length()) > most) {
      throw MillraceException.invalidParameter(
          "Prompt text exceeds max length of %d characters.".formatted(most));
    }
    TAG_VALUE.check(value);
  }

  /** Tags by key; of two with one key the later wins. */
  static Map<String, String> byKey(List<TagRow> tags) {
    Map<String, String> values = new LinkedHashMap<>();
    tags.forEach(tag -> values.put(tag.key(), tag.value()));
    return values;
  }

  /** Whether a text is nothing but white space. */
  static boolean isBlank(String text) {
    return strip(text).isEmpty();
  }

  /** Without the white space around, as Python's {@code strip} sees it. */
  private static String strip(String text) {
    int start = 0;
    int end = text.length();
    while (start < end && isSpace(text.charAt(start))) {
      start++;
    }
    while (start < end && isSpace(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(start, end);
  }

  private static boolean isSpace(char c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
  }
}
