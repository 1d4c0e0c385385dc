package dev.millrace.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Types under which mlflow 3.17.2 sends files; the expectations were taken from it. */
class ContentTypesTest {

  @ParameterizedTest
  @CsvSource({
    "a.txt, text/plain",
    "T.TXT, text/plain",
    "b.json, text/plain",
    "d.yml, text/plain",
    "MLmodel, text/plain",
    "mlproject, text/plain",
    "MLproject, application/octet-stream",
    "mlmodel, application/octet-stream",
    "u.js, text/plain",
    "w.ipynb, text/plain",
    "h.html, text/html",
    "i.svg, image/svg+xml",
    "i.svgz, image/svg+xml",
    "f.png, image/png",
    "F.PNG, image/png",
    "v.css, text/css",
    "r.tar.gz, application/x-tar",
    "r.tgz, application/x-tar",
    "data.csv.gz, text/csv",
    "y.wasm, application/wasm",
    "z.mp4, video/mp4",
    "j.pkl, application/octet-stream",
    "x.bin, application/octet-stream",
    ".hidden, application/octet-stream",
    "..png, application/octet-stream",
    "noextension, application/octet-stream",
    "'', application/octet-stream",
  })
  void guessesByName(String name, String type) {
    assertThat(ContentTypes.of(name)).isEqualTo(type);
  }
}
