package dev.millrace.artifact;

import java.util.Comparator;

/**
 * A file or directory as listed.
 *
 * @param name the last segment of its path
 * @param size in bytes; 0 for a directory
 */
record Entry(String name, boolean isDirectory, long size) {

  /** The order of names in lists: by code point, as Python sorts strings. */
  static final Comparator<Entry> BY_NAME =
      Comparator.comparing(Entry::name, Entry::compareCodePoints);

  private static int compareCodePoints(String a, String b) {
    int length = Math.min(a.length(), b.length());
    for (int i = 0; i < length; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        // Surrogates stand for code points above every other character.
        return Character.isSurrogate(x) == Character.isSurrogate(y)
            ? Character.compare(x, y)
            : Boolean.compare(Character.isSurrogate(x), Character.isSurrogate(y));
      }
    }
    return Integer.compare(a.length(), b.length());
  }
}
