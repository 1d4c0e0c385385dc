package dev.millrace.projects.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Archives, most of them hostile. */
final class ArchiveTest {

  private static final SourceLimits LIMITS = new SourceLimits(100_000, 50, Duration.ofSeconds(20));

  @TempDir Path temporary = Path.of("");

  @Test
  void filesFoldersAndModesAreUnpacked() throws IOException {
    ByteArrayOutputStream tar = new ByteArrayOutputStream();
    member(tar, "./", '5', 0755, "");
    member(tar, "./MLproject", '0', 0644, "name: x");
    member(tar, "./bin/run.sh", '0', 0755, "echo");
    member(tar, "empty/", '5', 0755, "");
    member(tar, "old", '\0', 0600, "x".repeat(512));
    for (byte[] archive : List.of(end(tar), gzip(end(tar)))) {
      Fetched fetched = unpack(archive);
      assertThat(Files.readString(fetched.root().resolve("MLproject"))).isEqualTo("name: x");
      assertThat(fetched.root().resolve("bin/run.sh")).isExecutable();
      assertThat(Files.isExecutable(fetched.root().resolve("MLproject"))).isFalse();
      assertThat(fetched.root().resolve("empty")).isEmptyDirectory();
      assertThat(Files.size(fetched.root().resolve("old"))).isEqualTo(512);
      assertThat(fetched.commit()).isNull();
    }
    Fetched zip = unpack(zip("a/MLproject", "name: y", "a/", ""), "a");
    assertThat(zip.project()).isEqualTo(zip.root().resolve("a"));
    assertThat(Files.readString(zip.project().resolve("MLproject"))).isEqualTo("name: y");
  }

  @Test
  void longNamesAreRead() throws IOException {
    String name = "d/".repeat(40) + "n".repeat(150);
    ByteArrayOutputStream pax = new ByteArrayOutputStream();
    String record = " path=" + name + "\n";
    member(pax, "x", 'x', 0644, (record.length() + 3) + record);
    member(pax, "short", '0', 0644, "pax");
    assertThat(Files.readString(unpack(end(pax)).root().resolve(name))).isEqualTo("pax");
    ByteArrayOutputStream gnu = new ByteArrayOutputStream();
    member(gnu, "././@LongLink", 'L', 0644, name + "\0");
    member(gnu, "short", '0', 0644, "gnu");
    member(gnu, "next", '0', 0644, "next");
    Fetched fetched = unpack(end(gnu));
    assertThat(Files.readString(fetched.root().resolve(name))).isEqualTo("gnu");
    assertThat(Files.readString(fetched.root().resolve("next"))).isEqualTo("next");
  }

  @Test
  void nothingIsWrittenElsewhere() throws IOException {
    for (String name :
        List.of(
            "../evil",
            "a/../../evil",
            "/tmp/evil",
            "a/..",
            "..",
            "a\\..\\..\\evil",
            "\\evil",
            "a/../evil")) {
      ByteArrayOutputStream tar = new ByteArrayOutputStream();
      member(tar, name, '0', 0644, "x");
      refused(end(tar), "attempts path traversal");
      refused(zip(name, "x"), "attempts path traversal");
    }
    assertThat(temporary.resolve("evil")).doesNotExist();
  }

  @Test
  void linksAndDevicesAreRefused() throws IOException {
    for (char type : new char[] {'1', '2'}) {
      ByteArrayOutputStream tar = new ByteArrayOutputStream();
      member(tar, "link", type, 0777, "");
      refused(end(tar), "is a link");
    }
    for (char type : new char[] {'3', '4', '6', 'S', 'Z'}) {
      ByteArrayOutputStream tar = new ByteArrayOutputStream();
      member(tar, "device", type, 0777, "");
      refused(end(tar), "is neither a file nor a folder");
    }
    ByteArrayOutputStream both = new ByteArrayOutputStream();
    member(both, "a", '0', 0644, "x");
    member(both, "a/b", '0', 0644, "x");
    refused(end(both), "is both a file and a folder");
    refused(zip("a/b", "x", "a", "x"), "is both a file and a folder");
    refused(zip("a", "x", "a/b/c", "x"), "is both a file and a folder");
    refused(zip("n".repeat(300), "x"), "has too long a name");
    refused(zip("n".repeat(300) + "/x", "x"), "has too long a name");
  }

  @Test
  void bombsAreRefused() throws IOException {
    byte[] zeros = new byte[1 << 20];
    ByteArrayOutputStream tar = new ByteArrayOutputStream();
    member(tar, "zeros", '0', 0644, new String(zeros, StandardCharsets.US_ASCII));
    refused(gzip(end(tar)), "is larger than 100000 bytes");
    refused(
        zip("zeros", new String(zeros, StandardCharsets.US_ASCII)), "is larger than 100000 bytes");
    ByteArrayOutputStream many = new ByteArrayOutputStream();
    for (int i = 0; i < 60; i++) {
      member(many, "f" + i, '5', 0755, "");
    }
    refused(end(many), "has more than 50 files");
    ByteArrayOutputStream headers = new ByteArrayOutputStream();
    for (int i = 0; i < 60; i++) {
      member(headers, "x", 'x', 0644, "6 a=b\n");
    }
    refused(end(headers), "has more than 50 files");
  }

  @Test
  void damagedArchivesAreRefused() throws IOException {
    refused(new byte[0], "neither a zip nor a tar");
    refused("hello".getBytes(StandardCharsets.US_ASCII), "neither a zip nor a tar");
    refused(gzip("hello".getBytes(StandardCharsets.US_ASCII)), "neither a zip nor a tar");
    refused(new byte[] {0x1f, (byte) 0x8b}, "cannot be read");
    ByteArrayOutputStream tar = new ByteArrayOutputStream();
    member(tar, "a", '0', 0644, "x".repeat(2000));
    byte[] whole = end(tar);
    refused(Arrays.copyOf(whole, 1000), "damaged");
    byte[] zipped = gzip(whole);
    refused(Arrays.copyOf(zipped, zipped.length / 2), "");
    byte[] flipped = whole.clone();
    flipped[10] ^= 1;
    refused(flipped, "neither a zip nor a tar");
    byte[] good = zip("a", "hello hello hello");
    refused(Arrays.copyOf(good, good.length - 10), "damaged");
    byte[] bad = good.clone();
    bad[35] ^= 0x55;
    refused(bad, "damaged");
    ByteArrayOutputStream huge = new ByteArrayOutputStream();
    member(huge, "x", 'x', 0644, "x".repeat(70_000));
    refused(end(huge), "an extended header is too long");
    for (String record :
        List.of(
            "x",
            "5 a\n",
            "99 a=b\n",
            "0 a=b\n",
            "999999999 a=b\n",
            "18 size=99999999999999999999\n")) {
      ByteArrayOutputStream pax = new ByteArrayOutputStream();
      member(pax, "x", 'x', 0644, record);
      member(pax, "a", '0', 0644, "x");
      refused(end(pax), "damaged");
    }
  }

  private int archives;

  private Fetched unpack(byte[] archive) throws IOException {
    return unpack(archive, null);
  }

  private Fetched unpack(byte[] archive, @org.jspecify.annotations.Nullable String subdirectory)
      throws IOException {
    int number = ++archives;
    Path file = Files.write(temporary.resolve("archive" + number), archive);
    Path into = Files.createDirectories(temporary.resolve("into" + number));
    return new Archive(file, subdirectory, LIMITS).fetch(into);
  }

  private void refused(byte[] archive, String message) {
    assertThatThrownBy(() -> unpack(archive))
        .isInstanceOfSatisfying(
            MillraceException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_PARAMETER_VALUE))
        .satisfies(e -> assertThat(Objects.requireNonNull(e.getMessage())).contains(message));
  }

  private static void member(OutputStream out, String name, char type, int mode, String content)
      throws IOException {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    byte[] header = new byte[512];
    put(header, 0, name);
    put(header, 100, "%07o".formatted(mode));
    put(header, 124, "%011o".formatted(bytes.length));
    put(header, 257, "ustar\00000");
    header[156] = (byte) type;
    Arrays.fill(header, 148, 156, (byte) ' ');
    int sum = 0;
    for (byte b : header) {
      sum += b & 0xff;
    }
    put(header, 148, "%06o\0 ".formatted(sum));
    out.write(header);
    out.write(bytes);
    out.write(new byte[(512 - bytes.length % 512) % 512]);
  }

  private static void put(byte[] header, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(bytes, 0, header, at, bytes.length);
  }

  private static byte[] end(ByteArrayOutputStream tar) {
    return Arrays.copyOf(tar.toByteArray(), tar.size() + 1024);
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  private static byte[] zip(String... namesAndTexts) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      for (int i = 0; i < namesAndTexts.length; i += 2) {
        zip.putNextEntry(new ZipEntry(namesAndTexts[i]));
        zip.write(namesAndTexts[i + 1].getBytes(StandardCharsets.UTF_8));
        zip.closeEntry();
      }
    }
    return out.toByteArray();
  }
}
