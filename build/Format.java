import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The formatting gate: {@code check} fails on a Java file that google-java-format would change,
 * {@code apply} changes it. Spotless would run the formatter inside Maven's own JVM, which may be a
 * 17 that cannot parse today's Java; this runs on the toolchain's JDK.
 */
final class Format {

  private static final Set<String> SKIPPED = Set.of("target", ".git", "node_modules");

  public static void main(String[] arguments) throws IOException, FormatterException {
    boolean apply = arguments[0].equals("apply");
    Path root = Path.of(arguments[1]);
    List<Path> wrong = new ArrayList<>();
    for (Path file : sources(root)) {
      String text = Files.readString(file);
      String formatted;
      try {
        formatted = new Formatter().formatSourceAndFixImports(text);
      } catch (FormatterException e) {
        System.err.println(root.relativize(file) + ": " + e.getMessage());
        throw e;
      }
      if (!formatted.equals(text)) {
        wrong.add(root.relativize(file));
        if (apply) {
          Files.writeString(file, formatted);
        }
      }
    }
    if (apply) {
      wrong.forEach(file -> System.out.println("formatted " + file));
    } else if (!wrong.isEmpty()) {
      wrong.forEach(file -> System.err.println("not formatted: " + file));
      System.err.println("Run: mvn -q -N process-sources -Dformat=apply");
      System.exit(1);
    }
  }

  private static List<Path> sources(Path root) throws IOException {
    List<Path> files = new ArrayList<>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
            return SKIPPED.contains(dir.getFileName().toString())
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.toString().endsWith(".java")) {
              files.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    files.sort(null);
    return files;
  }
}
