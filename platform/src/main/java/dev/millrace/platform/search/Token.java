package dev.millrace.platform.search;

/**
 * A piece of a filter that is no space.
 *
 * @param start where it begins in the filter
 * @param end where the next one may begin
 */
record Token(Kind kind, int start, int end) {

  /** What a token is by its looks. */
  enum Kind {
    /** A word that is no keyword, or anything in backticks or double quotes. */
    NAME,
    /** Anything in single quotes. */
    TEXT,
    INTEGER,
    DECIMAL,
    /** {@code =}, {@code <=}, {@code LIKE} … and look-alikes such as {@code ==}. */
    COMPARATOR,
    OPERATOR,
    DOT,
    COMMA,
    SEMICOLON,
    OPEN,
    CLOSE,
    AND,
    IN,
    IS,
    NOT,
    NULL,
    NOT_NULL,
    /** {@code ASC} or {@code DESC}. */
    DIRECTION,
    /** A comment, another keyword, or a character that belongs to nothing. */
    OTHER
  }
}
