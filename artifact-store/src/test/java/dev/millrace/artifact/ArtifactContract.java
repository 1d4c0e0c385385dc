package dev.millrace.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.millrace.platform.call.Caller;
import dev.millrace.platform.error.ErrorCode;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.proto.ArtifactInfo;
import dev.millrace.proto.ArtifactTarget;
import dev.millrace.proto.ByteRange;
import dev.millrace.proto.DownloadArtifactRequest;
import dev.millrace.proto.FileInfo;
import dev.millrace.proto.GetArtifactCapabilitiesRequest;
import dev.millrace.proto.GetArtifactInfoRequest;
import dev.millrace.proto.ListArtifactsRequest;
import dev.millrace.proto.ListArtifactsResponse;
import dev.millrace.proto.ListLoggedModelArtifactsRequest;
import dev.millrace.proto.ListOwnedArtifactsRequest;
import dev.millrace.proto.ListStoredArtifactsRequest;
import dev.millrace.proto.UploadArtifactRequest;
import dev.millrace.proto.UploadArtifactResponse;
import io.grpc.stub.BlockingClientCall;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every store of artifacts does. */
abstract class ArtifactContract {

  private @Nullable Client opened;

  /** A new, empty store. */
  abstract Storage newStorage();

  /** Whether clients may be sent to the store itself. */
  abstract boolean isDirect();

  @BeforeEach
  void open() {
    opened = new Client(newStorage(), false);
  }

  @AfterEach
  void close() {
    client().close();
  }

  final Client client() {
    if (opened == null) {
      throw new IllegalStateException();
    }
    return opened;
  }

  @Test
  final void keepsWhatWasPut() {
    byte[] binary = Client.bytes(300_000);
    client().put("d/binary", binary);
    client().put("d/empty", "");
    client().put("d/text", "first");
    client().put("d/text", "second");
    assertThat(client().get("d/text")).isEqualTo("second");
    assertThat(client().get("d/empty")).isEmpty();
    assertThat(whole("d/binary").bytes()).isEqualTo(ByteString.copyFrom(binary));
  }

  @Test
  final void takesBytesAsTheyAreFromItsOwnProcess() throws Exception {
    byte[] binary = Client.bytes(300_000);
    client().putDirectly(Client.inRoot("d/whole"), binary, binary.length);
    client().putDirectly(Client.inRoot("d/unannounced"), binary, -1);
    client().putDirectly(Client.inRoot("d/empty"), new byte[0], 0);
    assertThat(whole("d/whole").bytes()).isEqualTo(ByteString.copyFrom(binary));
    assertThat(whole("d/unannounced").bytes()).isEqualTo(ByteString.copyFrom(binary));
    assertThat(client().get("d/empty")).isEmpty();
    assertThatThrownBy(() -> client().putDirectly(Client.inRoot("d/less"), binary, 300_001))
        .satisfies(code(ErrorCode.INVALID_PARAMETER_VALUE))
        .hasMessage("The upload ended after 300000 of 300001 bytes.");
    assertThatThrownBy(() -> client().putDirectly(Client.inRoot("../x"), binary, -1))
        .hasMessage("Invalid path");
    Client.Direct upload = client().beginDirectly(Client.inRoot("d/cut"), 2);
    assertThat(upload.sink().write(ByteBuffer.wrap(new byte[1]))).isTrue();
    upload.call().cancel("expected by the test", null);
    for (int i = 0; i < 2000 && upload.sink().write(ByteBuffer.wrap(new byte[1])); i++) {
      // The store hears of it a little later.
      Thread.sleep(10);
    }
    assertThat(upload.sink().write(ByteBuffer.wrap(new byte[1]))).isFalse();
    assertThat(client().names("d")).containsExactly("empty", "unannounced", "whole");
  }

  @Test
  final void jobsChangeOnlyTheArtifactsOfWhatTheyMayChange() {
    String run = "a".repeat(32);
    String other = "b".repeat(32);
    String model = "m-" + "c".repeat(32);
    for (String id : List.of(run, other)) {
      client().lookups.put(id, "mlflow-artifacts:/7/" + id + "/artifacts");
    }
    client().lookups.put(model, "mlflow-artifacts:/7/models/" + model + "/artifacts");
    client().lookups.letChange(run);
    client().lookups.letChange(model);
    client().put("7/" + other + "/artifacts/kept", "x");
    new Caller("anna", run)
        .context()
        .run(
            () -> {
              client().put("7/" + run + "/artifacts/d/" + other + "/artifacts/f", "x");
              client().put("7/models/" + model + "/artifacts/f", "x");
              client().put(Client.ofRun(run, "g"), new byte[1], 1);
              client().delete("7/" + run + "/artifacts/g");
              assertThat(client().get("7/" + other + "/artifacts/kept")).isEqualTo("x");
              for (String path :
                  List.of(
                      "7/" + other + "/artifacts/f",
                      "7/" + other + "/artifacts/" + run + "/artifacts/f",
                      "7/" + run + "/other/f",
                      // Below the name of a run, but not where that run keeps its artifacts.
                      "8/" + run + "/artifacts/f",
                      "x/7/" + run + "/artifacts/f",
                      "7/models/" + run + "/artifacts/f",
                      "f")) {
                assertThatThrownBy(() -> client().put(path, "x"))
                    .satisfies(code(ErrorCode.PERMISSION_DENIED));
                assertThatThrownBy(() -> client().delete(path))
                    .satisfies(code(ErrorCode.PERMISSION_DENIED));
              }
              byte[] bytes = new byte[10];
              assertThatThrownBy(
                      () -> client().putDirectly(Client.ofRun(other, "f"), bytes, bytes.length))
                  .satisfies(code(ErrorCode.PERMISSION_DENIED));
              assertThatThrownBy(
                      () ->
                          client()
                              .put(Client.below("mlflow-artifacts:/7", "f"), bytes, bytes.length))
                  .satisfies(code(ErrorCode.PERMISSION_DENIED));
              assertThatThrownBy(() -> client().put("7/" + run + "/artifacts/../f", "x"))
                  .satisfies(code(ErrorCode.INVALID_PARAMETER_VALUE));
            });
    assertThat(client().names("7/" + other + "/artifacts")).containsExactly("kept");
    assertThat(client().names("7/" + run + "/artifacts")).containsExactly("d/");
  }

  @Test
  final void describesFiles() {
    client().put("1/r/artifacts/a b.json", "{}");
    ArtifactInfo info = info("1/r/artifacts/./a%20b.json");
    assertThat(info.getSize()).isEqualTo(2);
    assertThat(info.getPath()).isEqualTo("1/r/artifacts/./a b.json");
    assertThat(info.getContentType()).isEqualTo("text/plain");
    assertThat(info.getLastModified())
        .isBetween(System.currentTimeMillis() - 60_000, System.currentTimeMillis() + 60_000);
    assertThat(info.getEtag()).isNotEmpty().doesNotContain("\"");
    assertThat(whole("1/r/artifacts/./a b.json").info().getArtifact()).isEqualTo(info);
    client().put("1/r/artifacts/a b.json", "[]");
    assertThat(info("1/r/artifacts/a b.json").getEtag()).isNotEqualTo(info.getEtag());
  }

  @ParameterizedTest
  @CsvSource({
    "0, 9, 0, 10",
    "0, 0, 0, 1",
    "90, , 90, 10",
    "99, 200, 99, 1",
    "0, , 0, 100",
    ", 5, 95, 5",
    ", 1000, 0, 100",
  })
  final void sendsRanges(@Nullable Long first, @Nullable Long last, int offset, int length) {
    byte[] bytes = Client.bytes(100);
    client().put("r", bytes);
    Client.Downloaded part = client().download(Client.inRoot("r"), range(first, last));
    assertThat(part.info().getOffset()).isEqualTo(offset);
    assertThat(part.info().getLength()).isEqualTo(length);
    assertThat(part.info().getArtifact().getSize()).isEqualTo(100);
    assertThat(part.bytes()).isEqualTo(ByteString.copyFrom(bytes, offset, length));
  }

  @ParameterizedTest
  @CsvSource({"100, , 100", "5, 2, 100", ", 0, 100", ", 5, 0", "0, 0, 0", "-1, 4, 100"})
  final void refusesRangesOutside(@Nullable Long first, @Nullable Long last, int size) {
    client().put("r", Client.bytes(size));
    assertThatThrownBy(() -> client().download(Client.inRoot("r"), range(first, last)))
        .satisfies(code(ErrorCode.INVALID_PARAMETER_VALUE))
        .hasMessageContaining("of the artifact");
  }

  @Test
  final void listsDirectories() {
    for (String path :
        List.of("z", "a", "B", "10", "9", "d/b", "d/sub/c", "d.txt", "\ud83d\ude80", "\uff41")) {
      client().put(path, "xy");
    }
    client().put("d/empty", "");
    assertThat(client().names(""))
        .containsExactly("10", "9", "B", "a", "d/", "d.txt", "z", "\uff41", "\ud83d\ude80");
    for (String spelling : List.of("d", "d/", "./d", "d//")) {
      assertThat(client().names(spelling)).containsExactly("b", "empty", "sub/");
    }
    assertThat(client().names("d/b")).isEmpty();
    assertThat(client().names("none")).isEmpty();
    assertThat(client().names("none/below")).isEmpty();
    List<FileInfo> files =
        client()
            .calls()
            .listStoredArtifacts(ListStoredArtifactsRequest.newBuilder().setPath("d").build())
            .getFilesList();
    assertThat(files.get(0).getFileSize()).isEqualTo(2);
    assertThat(files.get(1).hasFileSize()).isFalse();
    assertThat(files.get(2).hasFileSize()).isFalse();
  }

  @Test
  final void listsWhatBelongsToARun() {
    client().lookups.put("r1", "mlflow-artifacts:/7/r1/artifacts");
    client().put(Client.ofRun("r1", "d/a b.txt"), new byte[3], 3);
    client().put(Client.ofRun("r1", "top"), new byte[1], -1);
    assertThat(client().names("7/r1/artifacts")).containsExactly("d/", "top");
    ListArtifactsResponse top = list("r1", null);
    assertThat(top.getRootUri()).isEqualTo("mlflow-artifacts:/7/r1/artifacts");
    assertThat(Client.named(top.getFilesList())).containsExactly("d/", "top");
    assertThat(Client.named(list("r1", "d").getFilesList())).containsExactly("d/a b.txt");
    assertThat(Client.named(list("r1", "d/").getFilesList())).containsExactly("d/a b.txt");
    assertThat(Client.named(list("r1", "./d").getFilesList())).containsExactly("./d/a b.txt");
    assertThat(list("r1", "top").getFilesList()).isEmpty();
    assertThat(whole(Client.ofRun("r1", "d/a b.txt")).bytes().size()).isEqualTo(3);
    assertThatThrownBy(() -> list("r2", null))
        .satisfies(code(ErrorCode.RESOURCE_DOES_NOT_EXIST))
        .hasMessage("Run with id=r2 not found");
    // The path is looked at first.
    assertThatThrownBy(() -> list("r2", "..")).hasMessage("Invalid path");
  }

  @Test
  final void listsByOwner() {
    client().lookups.put("r1", "mlflow-artifacts:/7/r1/artifacts");
    client().lookups.put("m-1", "mlflow-artifacts:/7/models/m-1/artifacts");
    client().put(Client.ofRun("r1", "d/a"), new byte[3], 3);
    client().put(Client.ofRun("r1", "d/e/b"), new byte[1], 1);
    client().put("7/models/m-1/artifacts/MLmodel", "x");
    assertThat(owned(Client.ofRun("r1", "d"))).containsExactly("a", "e/");
    assertThat(owned(Client.ofRun("r1", ""))).containsExactly("d/");
    assertThat(owned(Client.ofRun("r1", "d/a"))).isEmpty();
    assertThat(owned(ArtifactTarget.newBuilder().setModelId("m-1").build()))
        .containsExactly("MLmodel");
    assertThat(owned(Client.below("runs:/r1/d", ""))).containsExactly("a", "e/");
    assertThat(owned(Client.below("mlflow-artifacts:/7/r1", "artifacts/d/e"))).containsExactly("b");
    assertThat(owned(Client.inRoot("7/r1/artifacts"))).containsExactly("d/");
    assertThatThrownBy(() -> owned(Client.ofRun("r1", "../x"))).hasMessage("Invalid path");
    assertThatThrownBy(() -> owned(Client.below("file:///etc", "")))
        .satisfies(code(ErrorCode.INVALID_PARAMETER_VALUE));
  }

  private List<String> owned(ArtifactTarget target) {
    ListOwnedArtifactsRequest request =
        ListOwnedArtifactsRequest.newBuilder().setTarget(target).build();
    return Client.named(
        Client.attempt(() -> client().calls().listOwnedArtifacts(request)).getFilesList());
  }

  @Test
  final void listsWhatBelongsToAModel() {
    client().lookups.put("m-1", "mlflow-artifacts:/7/models/m-1/artifacts");
    client()
        .put(
            ArtifactTarget.newBuilder().setModelId("m-1").setPath("MLmodel").build(),
            new byte[1],
            1);
    ListLoggedModelArtifactsRequest request =
        ListLoggedModelArtifactsRequest.newBuilder().setModelId("m-1").build();
    assertThat(Client.named(client().calls().listLoggedModelArtifacts(request).getFilesList()))
        .containsExactly("MLmodel");
  }

  @Test
  final void readsBelowARootByItsUri() {
    client().lookups.put("r3", "mlflow-artifacts:/7/r3/artifacts");
    client().put(Client.ofRun("r3", "model/MLmodel"), new byte[5], 5);
    for (String root :
        List.of("mlflow-artifacts:/7/r3/artifacts/model", "runs:/r3/model", "runs:/r3/model/")) {
      assertThat(whole(Client.below(root, "MLmodel")).bytes().size()).as(root).isEqualTo(5);
    }
    assertThat(whole(Client.below("runs:/r3", "model/MLmodel")).bytes().size()).isEqualTo(5);
    assertThatThrownBy(() -> whole(Client.below("runs:/r4/model", "MLmodel")))
        .satisfies(code(ErrorCode.RESOURCE_DOES_NOT_EXIST))
        .hasMessage("Run with id=r4 not found");
    for (String root : List.of("runs:/r3/../..", "runs:/r3/%2e%2e", "runs:/r3/model#x")) {
      assertThatThrownBy(() -> whole(Client.below(root, "MLmodel")))
          .as(root)
          .hasMessage("Invalid path");
    }
    assertThatThrownBy(() -> whole(Client.below("file:///etc", "passwd")))
        .satisfies(code(ErrorCode.INVALID_PARAMETER_VALUE));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "file:///etc",
        "/etc",
        "etc",
        "",
        "http://127.0.0.1/api/2.0/mlflow-artifacts/artifacts/1",
        "https://host/x",
        "mlflow-artifacts://host:5000/1",
        "s3://elsewhere/x",
        "s3:///x",
        "gs://bucket/x",
        "ftp://host/x",
        "dbfs:/x",
        "runs:/r/x",
      })
  final void refusesLocationsElsewhere(String uri) {
    client().lookups.put("away", uri);
    assertThatThrownBy(() -> list("away", null))
        .satisfies(code(ErrorCode.INVALID_PARAMETER_VALUE))
        .hasMessage(
            "The artifact location '%s' is outside of this server's artifact store".formatted(uri));
    assertThatThrownBy(() -> whole(Client.ofRun("away", "passwd")))
        .satisfies(code(ErrorCode.INVALID_PARAMETER_VALUE));
    assertThatThrownBy(() -> client().put(Client.ofRun("away", "x"), new byte[1], 1))
        .satisfies(code(ErrorCode.INVALID_PARAMETER_VALUE));
  }

  @ParameterizedTest
  @ValueSource(strings = {"mlflow-artifacts:/../x", "mlflow-artifacts:/a/%2e%2e/b"})
  final void refusesLocationsAbove(String uri) {
    client().lookups.put("above", uri);
    assertThatThrownBy(() -> list("above", null)).hasMessage("Invalid path");
  }

  @ParameterizedTest
  @ValueSource(strings = {"..", "../x", "a/../../x", "%2e%2e/x", "/etc/passwd", "C:\\x", "a#b"})
  final void refusesHostilePathsInEveryCall(String path) {
    client().lookups.put("run", "mlflow-artifacts:/run");
    assertInvalid(() -> client().put(path, "x"));
    assertInvalid(() -> client().put(Client.ofRun("run", path), new byte[1], 1));
    assertInvalid(() -> whole(path));
    assertInvalid(() -> whole(Client.ofRun("run", path)));
    assertInvalid(() -> info(path));
    assertInvalid(() -> client().names(path));
    assertInvalid(() -> list("run", path));
    assertInvalid(() -> client().delete(path));
    assertThat(client().names("")).isEmpty();
  }

  @Test
  final void keepsEveryName() {
    List<String> names =
        List.of(
            " ",
            " a ",
            "a b",
            "a&b=c",
            "a'b",
            "a\"b",
            "a+b",
            "a;b",
            "100%",
            "k%step%0",
            "a,b",
            "[a]{b}",
            "a:b",
            "a?b",
            "a*b",
            "a|b",
            "a<b>",
            "~",
            "-rf",
            "$(id)",
            "...",
            ".hidden",
            "con",
            "a\\b",
            "\u65e5\u672c",
            "\ud83d\ude80",
            "e\u0301");
    for (String name : names) {
      client().put("n/" + name, name);
    }
    for (String name : names) {
      assertThat(client().get("n/" + name)).isEqualTo(name);
    }
    assertThat(client().names("n")).containsExactlyInAnyOrderElementsOf(names);
    client().delete("n/100%");
    client().delete("n/a+b");
    assertThat(client().names("n")).hasSize(names.size() - 2);
  }

  @Test
  final void saysWhatIsNotThere() {
    client().put("d/a", "x");
    assertThatThrownBy(() -> client().get("d/none"))
        .satisfies(code(ErrorCode.RESOURCE_DOES_NOT_EXIST))
        .hasMessage("No such artifact: 'd/none'");
    assertThatThrownBy(() -> client().get("d/a/below"))
        .satisfies(code(ErrorCode.RESOURCE_DOES_NOT_EXIST))
        .hasMessage("No such artifact: 'd/a/below'");
    for (String directory : List.of("d", "d/", "", ".")) {
      assertThatThrownBy(() -> client().get(directory))
          .satisfies(code(ErrorCode.BAD_REQUEST))
          .hasMessage("Artifact path refers to a directory, not a file: '%s'".formatted(directory));
      assertThatThrownBy(() -> info(directory)).satisfies(code(ErrorCode.BAD_REQUEST));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'', BAD_REQUEST, 'Artifact path must include a filename (cannot end with ''/'').'",
    "a/, BAD_REQUEST, 'Artifact path must include a filename (cannot end with ''/'').'",
    "a/., BAD_REQUEST, \"Artifact path refers to a directory, not a file: 'a/.'\"",
    "a/./b, INVALID_PARAMETER_VALUE, \"Invalid artifact path: 'a/.'. \"",
    "./b, INVALID_PARAMETER_VALUE, \"This name would resolve to '.'\"",
    "a//b/c, INVALID_PARAMETER_VALUE, \"This name would resolve to 'a/b'\"",
    "a/.artifact.uploading.x, INVALID_PARAMETER_VALUE, \"Artifact names starting with\"",
  })
  final void refusesUploadsThatNameNoFile(String path, ErrorCode code, String message) {
    assertThatThrownBy(() -> client().put(path, "x"))
        .satisfies(code(code))
        .hasMessageContaining(message.replace("\"", "").strip());
    assertThat(client().names("")).isEmpty();
  }

  @Test
  final void deletesFilesAndTrees() {
    for (String path : List.of("a", "ab", "d/b", "d/e/c", "d.txt")) {
      client().put(path, "x");
    }
    client().delete("none");
    client().delete("none/below");
    client().delete("a/");
    assertThat(client().names("")).containsExactly("a", "ab", "d/", "d.txt");
    client().delete("a");
    client().delete("a");
    client().delete("d/");
    assertThat(client().names("")).containsExactly("ab", "d.txt");
    client().put("d/e/c", "again");
    client().delete("d");
    assertThat(client().names("")).containsExactly("ab", "d.txt");
    for (String root : List.of("", ".", "./", "./.")) {
      assertInvalid(() -> client().delete(root));
    }
    assertThat(client().names("")).hasSize(2);
  }

  @Test
  final void leavesNothingOfAnUploadThatIsCutOff() throws Exception {
    client().put("kept", "before");
    for (String path : List.of("new/file", "kept")) {
      BlockingClientCall<UploadArtifactRequest, UploadArtifactResponse> call =
          client().begin(Client.inRoot(path), -1);
      for (int i = 0; i < 20; i++) {
        call.write(Client.data(ByteString.copyFrom(new byte[64 << 10])));
      }
      call.cancel("the client went away", null);
    }
    assertThatThrownBy(() -> client().put(Client.inRoot("short"), new byte[5], 6))
        .satisfies(code(ErrorCode.INVALID_PARAMETER_VALUE))
        .hasMessage("The upload ended after 5 of 6 bytes.");
    assertThat(client().names("")).containsExactly("kept");
    assertThat(client().get("kept")).isEqualTo("before");
  }

  @Test
  final void oneOfTwoUploadsOfAFileWinsWhole() throws Exception {
    List<byte[]> contents = List.of(Client.bytes(200_000), new byte[150_000], Client.bytes(70_000));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> puts = new ArrayList<>();
      for (int i = 0; i < 24; i++) {
        byte[] content = contents.get(i % contents.size());
        puts.add(threads.submit(() -> client().put("race/one", content)));
      }
      for (int i = 0; i < 50; i++) {
        assertWholeIfThere("race/one", contents);
      }
      for (Future<?> put : puts) {
        put.get();
      }
    }
    assertWholeIfThere("race/one", contents);
    assertThat(client().names("race")).containsExactly("one");
  }

  @Test
  final void aDownloadUnderWayIsNotMixedWithAReplacement() throws Exception {
    byte[] before = Client.bytes(5_000_000);
    client().put("big", before);
    var call =
        client()
            .streams()
            .downloadArtifact(
                DownloadArtifactRequest.newBuilder().setTarget(Client.inRoot("big")).build());
    assertThat(Objects.requireNonNull(call.read()).hasInfo()).isTrue();
    client().put("big", new byte[10]);
    ByteString.Output all = ByteString.newOutput();
    for (var next = call.read(); next != null; next = call.read()) {
      next.getData().writeTo(all);
    }
    assertThat(all.toByteString()).isEqualTo(ByteString.copyFrom(before));
  }

  @Test
  final void refusesAnUploadWithoutATarget() {
    assertThatThrownBy(() -> client().put(ArtifactTarget.getDefaultInstance(), new byte[1], 1))
        .satisfies(code(ErrorCode.INVALID_PARAMETER_VALUE));
  }

  @Test
  final void tellsWhatItCanDo() {
    var capabilities =
        client()
            .calls()
            .getArtifactCapabilities(GetArtifactCapabilitiesRequest.getDefaultInstance());
    assertThat(capabilities.getMultipartUpload()).isEqualTo(isDirect());
    assertThat(capabilities.getPresignedDownload()).isEqualTo(isDirect());
  }

  /** Over TCP, whose buffers must not be the place where an artifact gathers. */
  @Test
  final void streamsBigArtifacts() {
    long size = 70L << 20;
    try (Client tcp = new Client(newStorage(), true)) {
      tcp.put(Client.inRoot("big"), new Pattern(size), -1);
      PatternCheck check = new PatternCheck();
      tcp.download(Client.inRoot("big"), ByteRange.getDefaultInstance(), check);
      assertThat(check.position).isEqualTo(size);
    }
  }

  static Consumer<Throwable> code(ErrorCode code) {
    return thrown ->
        assertThat(thrown)
            .isInstanceOfSatisfying(
                MillraceException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  final Client.Downloaded whole(String path) {
    return whole(Client.inRoot(path));
  }

  private Client.Downloaded whole(ArtifactTarget target) {
    return client().download(target, ByteRange.getDefaultInstance());
  }

  private ArtifactInfo info(String path) {
    GetArtifactInfoRequest request =
        GetArtifactInfoRequest.newBuilder().setTarget(Client.inRoot(path)).build();
    return Client.attempt(() -> client().calls().getArtifactInfo(request)).getInfo();
  }

  private ListArtifactsResponse list(String runId, @Nullable String path) {
    ListArtifactsRequest.Builder request = ListArtifactsRequest.newBuilder().setRunId(runId);
    if (path != null) {
      request.setPath(path);
    }
    return Client.attempt(() -> client().calls().listArtifacts(request.build()));
  }

  private static ByteRange range(@Nullable Long first, @Nullable Long last) {
    ByteRange.Builder range = ByteRange.newBuilder();
    if (first != null) {
      range.setFirst(first);
    }
    if (last != null) {
      range.setLast(last);
    }
    return range.build();
  }

  private static void assertInvalid(ThrowingCallable call) {
    assertThatThrownBy(call)
        .satisfies(code(ErrorCode.INVALID_PARAMETER_VALUE))
        .hasMessage("Invalid path");
  }

  private void assertWholeIfThere(String path, List<byte[]> contents) {
    if (!client().names("race").isEmpty()) {
      assertThat(contents.stream().map(ByteString::copyFrom)).contains(whole(path).bytes());
    }
  }

  /** Bytes that can be told to be in the right place. */
  private static byte at(long position) {
    return (byte) (position ^ (position >>> 11) ^ (position >>> 19));
  }

  private static final class Pattern extends InputStream {
    private final long size;
    private long position;

    Pattern(long size) {
      this.size = size;
    }

    @Override
    public int read() {
      return position == size ? -1 : at(position++) & 0xff;
    }

    @Override
    public int read(byte[] to, int offset, int length) {
      int count = (int) Math.min(length, size - position);
      for (int i = 0; i < count; i++) {
        to[offset + i] = at(position++);
      }
      return count == 0 && length > 0 ? -1 : count;
    }
  }

  private static final class PatternCheck extends OutputStream {
    private long position;

    @Override
    public void write(int b) {
      if ((byte) b != at(position)) {
        throw new AssertionError("Wrong byte at " + position);
      }
      position++;
    }
  }
}
