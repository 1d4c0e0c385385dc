package dev.millrace.projects.spec;

import dev.millrace.platform.error.MillraceException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A conda environment, as a {@code conda.yaml} describes it. What it means is conda's business;
 * here it is only told apart from others.
 *
 * @param file the description, which its pip part is relative to
 * @param files the description and the requirements files that it names
 * @param root of what was fetched: all of these are below it if the environment is shared
 * @param name of the folder to keep it in: that of mlflow 3.17.2 ({@code utils/conda.py}), with a
 *     digest behind it if there are requirements files, which MLflow does not look at
 * @param isShared whether the description says all there is to know of it; what comes from files of
 *     the project or of the machine is the project's own, though another may have the same name
 */
public record CondaEnv(Path file, List<Path> files, Path root, String name, boolean isShared) {

  /** A path, a file: URL, a variable, conda's own folder of builds, or the file of a package. */
  private static final Pattern LOCAL =
      Pattern.compile(
          "(?i)[./~].*|local|local::.*"
              + "|.*(\\$|file:|[=\\['\"\\s][./~]).*"
              + "|(?!https?://).*\\.(conda|tar\\.bz2)\\b.*",
          Pattern.DOTALL);

  /** Reads a {@code conda.yaml}. */
  static CondaEnv read(Path file, ProjectFiles files) {
    String fileName = files.name(file);
    // What ends otherwise conda reads otherwise, or not at all.
    if (!fileName.endsWith(".yaml") && !fileName.endsWith(".yml")) {
      throw MillraceException.invalidParameter(
          fileName + ": conda needs a name that ends in .yaml or .yml");
    }
    String text = files.text(file);
    if (!(PythonYaml.load(text, fileName) instanceof Map<?, ?> map)) {
      throw MillraceException.invalidParameter(fileName + " must be a mapping");
    }
    Object wanted = map.containsKey("dependencies") ? map.get("dependencies") : List.of();
    if (!(wanted instanceof List<?> dependencies)) {
      throw MillraceException.invalidParameter(fileName + ": dependencies must be a list");
    }
    boolean isShared = arePublic(map.get("channels"));
    List<String> pip = new ArrayList<>();
    for (Object dependency : dependencies) {
      if (dependency instanceof Map<?, ?> part && part.containsKey("pip")) {
        pip.addAll(PythonEnv.texts(part.get("pip"), fileName, "pip"));
        isShared &= part.size() == 1;
      } else {
        isShared &= isPublic(dependency);
      }
    }
    // conda makes one file of them.
    List<String> lines = String.join("\n", pip).lines().toList();
    List<Path> named = new ArrayList<>();
    List<Requirement> requirements =
        Requirement.parse(lines, Objects.requireNonNull(file.getParent()), files, named);
    isShared &= requirements.stream().noneMatch(Requirement::isLocal);
    List<Path> all = Stream.concat(Stream.of(file), named.stream()).distinct().toList();
    isShared &= all.stream().allMatch(each -> each.startsWith(files.root()));
    String name = "mlflow-" + digest(text.replace("\r\n", "\n").replace('\r', '\n'));
    if (!named.isEmpty()) {
      // All that is in them counts: pip might take one for more than a list.
      StringBuilder digests = new StringBuilder();
      for (Path each : all) {
        digests.append(digest(files.root().relativize(each).toString()));
        digests.append(digest(files.text(each)));
      }
      name += "-" + digest(digests.toString());
    }
    return new CondaEnv(file, all, files.root(), name, isShared);
  }

  private static boolean arePublic(@Nullable Object channels) {
    return channels == null
        || (channels instanceof List<?> list && list.stream().allMatch(CondaEnv::isPublic));
  }

  private static boolean isPublic(@Nullable Object value) {
    return value instanceof String text && !LOCAL.matcher(text.strip()).matches();
  }

  private static String digest(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
