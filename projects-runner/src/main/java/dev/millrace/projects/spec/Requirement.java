package dev.millrace.projects.spec;

import dev.millrace.platform.error.MillraceException;
import dev.millrace.platform.error.PythonText;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A line of a requirements file, as mlflow 3.17.2 {@code utils/requirements_utils.py} reads it.
 *
 * @param isConstraint whether it only limits versions
 */
record Requirement(String line, boolean isConstraint) implements Comparable<Requirement> {

  private static final int MAX_FILES = 100;

  /** What is longer is not looked into, which would take as long as its square. */
  private static final int MAX_LENGTH = 10_000;

  /**
   * What names files of the machine: a path, a file: URL, or an option that takes one, also where
   * it is written otherwise than MLflow reads it.
   */
  private static final Pattern LOCAL =
      Pattern.compile(
          "(?i)[./~].*"
              + "|.*(@|=|\\s)\\s*(file:|[./~]).*"
              + "|(-.*\\s)?(-[rcef]|--(requirem|c|ed|f)).*"
              + "|[^\\s;@<>=!~\\[]*[/\\\\].*"
              + "|[^\\s;]*\\.(whl|tar\\.gz|zip)(\\s|;|\\[|$).*",
          Pattern.DOTALL);

  private static final Pattern URL =
      Pattern.compile("(?i)([^\\s@]+\\s*@\\s*)?(git\\+)?(https?|ssh)://.*");

  /** Reads lines, and the files that they refer to. */
  static List<Requirement> parse(List<String> lines, ProjectFiles files) {
    return parse(lines, files.folder(), files, new ArrayList<>());
  }

  /**
   * Reads lines, and the files that they refer to.
   *
   * @param folder that these are relative to
   * @param read gets these files
   */
  static List<Requirement> parse(
      List<String> lines, Path folder, ProjectFiles files, List<Path> read) {
    List<Requirement> found = new ArrayList<>();
    parse(lines, false, folder, files, found, read);
    return List.copyOf(found);
  }

  private static void parse(
      List<String> lines,
      boolean constraint,
      Path folder,
      ProjectFiles files,
      List<Requirement> found,
      List<Path> read) {
    for (String line : joined(lines)) {
      if (line.startsWith("#") || line.isEmpty()) {
        continue;
      }
      boolean isFile = line.startsWith("-r ") || line.startsWith("--requirement ");
      if (isFile || line.startsWith("-c ") || line.startsWith("--constraint ")) {
        // Files may name each other in a circle.
        if (read.size() >= MAX_FILES) {
          throw MillraceException.invalidParameter(
              "The requirements refer to more than %d files".formatted(MAX_FILES));
        }
        String name = line.split("\\s+", 2)[1];
        Path file = files.find(folder.resolve(name), "requirements file", name);
        read.add(file);
        Path parent = file.getParent();
        parse(
            files.text(file).lines().toList(),
            !isFile,
            parent == null ? folder : parent,
            files,
            found,
            read);
      } else {
        found.add(new Requirement(line, constraint));
      }
    }
  }

  private static List<String> joined(List<String> lines) {
    List<String> joined = new ArrayList<>();
    StringBuilder begun = new StringBuilder();
    boolean open = false;
    for (String raw : lines) {
      String line = raw.strip();
      int comment = line.indexOf(" #");
      if (comment >= 0) {
        line = line.substring(0, comment).stripTrailing();
      }
      open = line.endsWith("\\");
      begun.append(open ? line.replaceAll("\\\\+$", "") : line);
      if (!open) {
        joined.add(begun.toString());
        begun.setLength(0);
      }
    }
    if (open) {
      joined.add(begun.toString());
    }
    return joined;
  }

  boolean isLocal() {
    return line.length() > MAX_LENGTH
        || (!URL.matcher(line).matches() && LOCAL.matcher(line).matches());
  }

  /** By code points, as Python compares texts. */
  @Override
  public int compareTo(Requirement other) {
    int[] mine = line.codePoints().toArray();
    int[] its = other.line.codePoints().toArray();
    int order = Arrays.compare(mine, its);
    return order != 0 ? order : Boolean.compare(isConstraint, other.isConstraint);
  }

  /** As Python prints MLflow's class, which the names of environments depend on. */
  @Override
  public String toString() {
    return "_Requirement(req_str=%s, is_constraint=%s)"
        .formatted(PythonText.of(line), PythonText.of(isConstraint));
  }
}
