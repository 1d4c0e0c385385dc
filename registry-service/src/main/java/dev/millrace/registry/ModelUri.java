package dev.millrace.registry;

import dev.millrace.platform.check.Uri;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a {@code models:/} URI names: a logged model by its id, or a registered model and of it a
 * version, the latest of a stage, or what an alias names; the latest of all if none of these is
 * given (mlflow 3.17.2 {@code store/artifact/utils/models.py}).
 */
record ModelUri(
    @Nullable String modelId,
    @Nullable String name,
    @Nullable String version,
    @Nullable String stage,
    @Nullable String alias) {

  /** Reads a URI; null if it is none of this kind. */
  static @Nullable ModelUri parse(String text) {
    Uri uri = Uri.parseWithoutFragment(text);
    String path = uri.path();
    if (!uri.scheme().equals("models") || !path.startsWith("/")) {
      return null;
    }
    int start = 0;
    while (start < path.length() && path.charAt(start) == '/') {
      start++;
    }
    List<String> parts = List.of(path.substring(start).split("/", -1));
    String first = parts.getFirst();
    if (parts.size() > 2 || Names.isBlank(first)) {
      return null;
    }
    if (parts.size() == 2) {
      return ofSuffix(first, parts.get(1));
    }
    int at = first.lastIndexOf('@');
    if (at < 0) {
      return new ModelUri(first, null, null, null, null);
    }
    String alias = first.substring(at + 1);
    return Names.isBlank(alias)
        ? null
        : new ModelUri(null, first.substring(0, at), null, null, alias);
  }

  private static @Nullable ModelUri ofSuffix(String name, String suffix) {
    if (Names.isBlank(suffix)) {
      return null;
    }
    if (suffix.codePoints().allMatch(Character::isDigit)) {
      return new ModelUri(null, name, suffix, null, null);
    }
    return Names.isLatest(suffix)
        ? new ModelUri(null, name, null, null, null)
        : new ModelUri(null, name, null, suffix, null);
  }
}
