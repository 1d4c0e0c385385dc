package dev.millrace.projects.environment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A program that stands in for conda, which no package registry has: it takes the one call that is
 * made of it, notes it, and makes a folder with the layout of conda's environments, with the
 * machine's Python. docs/decisions/conda.md tells what was tried with the real one.
 */
public final class CondaProgram {

  private final Path program;
  private final Path calls;

  /**
   * Writes it.
   *
   * @param folder for what it notes
   * @param name of the program
   * @param midway what it does in the middle, for bash; {@code $PREFIX} is the environment
   */
  public CondaProgram(Path folder, String name, String midway) throws IOException {
    program = folder.resolve(name);
    calls = folder.resolve("calls");
    Files.writeString(
        program,
        """
        #!/bin/bash
        echo "$@ in $PWD: "$(find . -type f | sort) >> 'CALLS'
        echo "$(basename "$0") says $1"
        while [ "$#" -gt 0 ]; do
          case "$1" in
            --prefix) PREFIX=$2; shift 2;;
            --file) FILE=$2; shift 2;;
            *) shift;;
          esac
        done
        [ -f "$FILE" ] && [ ! -e "$PREFIX" ] || exit 8
        mkdir -p "$PREFIX/conda-meta" "$PREFIX/bin" || exit 9
        MIDWAY
        echo > "$PREFIX/conda-meta/history"
        printf '#!/bin/sh\\nexec "%s" "$@"\\n' "$(command -v python3)" > "$PREFIX/bin/python"
        chmod +x "$PREFIX/bin/python"
        """
            .replace("CALLS", calls.toString())
            .replace("MIDWAY", midway));
    assertThat(program.toFile().setExecutable(true)).isTrue();
  }

  /** Where it is. */
  public Path path() {
    return program;
  }

  /** What it was asked, in which folder, and what files are there. */
  List<String> calls() throws IOException {
    return Files.exists(calls) ? Files.readAllLines(calls) : List.of();
  }
}
