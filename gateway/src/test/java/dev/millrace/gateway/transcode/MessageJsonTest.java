package dev.millrace.gateway.transcode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Message;
import dev.millrace.gateway.http.Query;
import dev.millrace.platform.error.MillraceException;
import dev.millrace.proto.CreateExperimentRequest;
import dev.millrace.proto.CreateRunRequest;
import dev.millrace.proto.GetMetricHistoryBulkIntervalRequest;
import dev.millrace.proto.GetMetricHistoryBulkResponse;
import dev.millrace.proto.GetPresignedDownloadUrlResponse;
import dev.millrace.proto.GetRunRequest;
import dev.millrace.proto.LogBatchRequest;
import dev.millrace.proto.LogMetricRequest;
import dev.millrace.proto.LogOutputsRequest;
import dev.millrace.proto.Metric;
import dev.millrace.proto.Run;
import dev.millrace.proto.RunInfo;
import dev.millrace.proto.RunInputs;
import dev.millrace.proto.RunStatus;
import dev.millrace.proto.SearchLoggedModelsRequest;
import dev.millrace.proto.SearchRunsRequest;
import dev.millrace.proto.SetTagRequest;
import dev.millrace.proto.UpdateRunRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MessageJsonTest {

  private static final String DOCS =
      " See the API docs for more information about request parameters.";

  @Test
  void writesWhatIsSetAndNothingElse() {
    Run run =
        Run.newBuilder()
            .setInfo(
                RunInfo.newBuilder()
                    .setUserId("")
                    .setStatus(RunStatus.FINISHED)
                    .setStartTime(1795490083290L)
                    .setEndTime(0))
            .setInputs(RunInputs.getDefaultInstance())
            .build();
    assertThat(json(run))
        .isEqualTo(
            "{\"info\":{\"user_id\":\"\",\"status\":\"FINISHED\",\"start_time\":1795490083290,"
                + "\"end_time\":0},\"inputs\":{}}");
  }

  @Test
  void writesEmptyListsAndMapsOnlyWhereDeclared() {
    assertThat(json(GetMetricHistoryBulkResponse.getDefaultInstance()))
        .isEqualTo("{\"metrics\":[]}");
    assertThat(json(GetPresignedDownloadUrlResponse.getDefaultInstance()))
        .isEqualTo("{\"headers\":{}}");
    assertThat(json(GetPresignedDownloadUrlResponse.newBuilder().putHeaders("a", "b").build()))
        .isEqualTo("{\"headers\":{\"a\":\"b\"}}");
  }

  @ParameterizedTest
  @CsvSource({
    "3,3.0",
    "0.00001,1e-05",
    "NaN,'\"NaN\"'",
    "Infinity,'\"Infinity\"'",
    "-Infinity,'\"-Infinity\"'"
  })
  void writesDoublesAsPythonDoes(double value, String text) {
    assertThat(json(Metric.newBuilder().setValue(value).build()))
        .isEqualTo("{\"value\":" + text + "}");
  }

  @Test
  void readsWhatItWrites() {
    LogBatchRequest batch =
        LogBatchRequest.newBuilder()
            .setRunId("\u00fc \ud83d\ude80 \" \\ \n")
            .addMetrics(metric("a", Double.NaN))
            .addMetrics(metric("b", Double.NEGATIVE_INFINITY))
            .addMetrics(metric("c", 0.1))
            .build();
    assertThat(read(LogBatchRequest.getDefaultInstance(), json(batch))).isEqualTo(batch);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "  ",
        "null",
        "5",
        "true",
        "[]",
        "[{\"name\": \"x\"}]",
        "{\"name\": \"x\"",
        "\"[]\"",
        "{\"name\": \"x\"} {}",
        "{'name': 'x'}",
        "{\"name\": \"x\",}",
        "{\"name\": \"x\"}\u0000",
        "\"\\\"{}\\\"\"",
        "{\"name\": \"a\nb\"}",
        "{\"name\": \"x\", \"n\": 05}",
        "{\"name\": +INF}"
      })
  void whatIsNoObjectIsAnEmptyMessage(String body) {
    assertThatThrownBy(() -> read(CreateExperimentRequest.getDefaultInstance(), body))
        .isInstanceOf(MillraceException.class)
        .hasMessage("Missing value for required parameter 'name'." + DOCS);
    assertThat(read(CreateRunRequest.getDefaultInstance(), body))
        .isEqualTo(CreateRunRequest.getDefaultInstance());
  }

  @Test
  void oldClientsEncodeTwice() {
    assertThat(
            read(
                SetTagRequest.getDefaultInstance(),
                "\"{\\\"run_id\\\": \\\"r\\\", \\\"key\\\": \\\"k\\\"}\""))
        .isEqualTo(SetTagRequest.newBuilder().setRunId("r").setKey("k").build());
  }

  @Test
  void readsOtherUnicodeEncodings() {
    byte[] body = "{\"run_id\": \"r\", \"key\": \"k\"}".getBytes(StandardCharsets.UTF_16);
    assertThat(new RequestReader(SetTagRequest.getDefaultInstance()).fromBody(body).build())
        .isEqualTo(SetTagRequest.newBuilder().setRunId("r").setKey("k").build());
  }

  @Test
  void secondKeyOfTheSameFieldReplacesTheFirst() {
    String body =
        "{\"run_id\": \"r\", \"metrics\": [{\"key\": \"a\", \"value\": 1, \"timestamp\": 1,"
            + " \"step\": 5, \"step\": null, \"value\": 2}], \"params\": [{\"key\": \"p\"}],"
            + " \"params\": []}";
    assertThat(json(read(LogBatchRequest.getDefaultInstance(), body)))
        .isEqualTo(
            "{\"run_id\":\"r\",\"metrics\":[{\"key\":\"a\",\"value\":2.0,\"timestamp\":1}]}");
    assertThat(json(update("\"FINISHED\", \"status\": \"BOGUS\"")))
        .isEqualTo("{\"run_id\":\"r\",\"status\":\"FINISHED\"}");
    assertThat(json(update("\"FINISHED\", \"status\": null"))).isEqualTo("{\"run_id\":\"r\"}");
  }

  @Test
  void readsMaps() {
    GetPresignedDownloadUrlResponse type = GetPresignedDownloadUrlResponse.getDefaultInstance();
    assertThat(
            json(
                read(
                    type,
                    "{\"headers\": {\"x\": \"1\"}, \"headers\": {\"b\": \"2\", \"a\": null}}")))
        .isEqualTo("{\"headers\":{\"b\":\"2\",\"a\":\"\"}}");
    assertThatThrownBy(() -> read(type, "{\"headers\": {\"a\": 5}}"))
        .hasMessageStartingWith("Invalid value 5 for parameter 'headers.value' supplied");
  }

  @Test
  void unknownFieldsAndNullsAreIgnored() {
    String body =
        "{\"x\": {\"y\": [1, {\"z\": NaN}]}, \"run_name\": null, \"experiment_id\": \"1\","
            + " \"tags\": [{\"key\": \"a\", \"value\": null, \"q\": []}], \"Run_Name\": 5}";
    assertThat(json(read(CreateRunRequest.getDefaultInstance(), body)))
        .isEqualTo("{\"experiment_id\":\"1\",\"tags\":[{\"key\":\"a\"}]}");
  }

  @Test
  void lastOfTwoKeysWins() {
    String body =
        "{\"experiment_ids\": [\"1\", \"2\"], \"filter\": \"e\", \"experiment_ids\": [\"3\"],"
            + " \"filter\": \"f\"}";
    assertThat(json(read(SearchRunsRequest.getDefaultInstance(), body)))
        .isEqualTo("{\"experiment_ids\":[\"3\"],\"filter\":\"f\"}");
  }

  @Test
  void emptyListCountsAsGiven() {
    LogOutputsRequest type = LogOutputsRequest.getDefaultInstance();
    assertThat(json(read(type, "{\"run_id\": \"r\", \"models\": []}")))
        .isEqualTo("{\"run_id\":\"r\"}");
    for (String none : new String[] {"", ", \"models\": null", ", \"models\": \"\""}) {
      assertThatThrownBy(() -> read(type, "{\"run_id\": \"r\"" + none + "}"))
          .hasMessage("Missing value for required parameter 'models'." + DOCS);
    }
  }

  @Test
  void aliasFillsAnAbsentField() {
    UpdateRunRequest type = UpdateRunRequest.getDefaultInstance();
    assertThat(json(read(type, "{\"run_uuid\": \"u\"}"))).isEqualTo("{\"run_id\":\"u\"}");
    assertThat(json(read(type, "{\"run_uuid\": \"u\", \"run_id\": \"i\"}")))
        .isEqualTo("{\"run_id\":\"i\"}");
    assertThat(json(query(GetRunRequest.getDefaultInstance(), "run_uuid=u")))
        .isEqualTo("{\"run_id\":\"u\"}");
    assertThatThrownBy(() -> query(GetRunRequest.getDefaultInstance(), "run_uuid=u&run_id="))
        .hasMessage("Missing value for required parameter 'run_id'." + DOCS);
  }

  @Test
  void camelCaseIsReadButDoesNotCountAsGiven() {
    assertThat(json(read(CreateRunRequest.getDefaultInstance(), "{\"runName\": \"n\"}")))
        .isEqualTo("{\"run_name\":\"n\"}");
    assertThatThrownBy(
            () -> read(SetTagRequest.getDefaultInstance(), "{\"runId\": \"r\", \"key\": \"k\"}"))
        .hasMessage("Missing value for required parameter 'run_id'." + DOCS);
    assertThatThrownBy(
            () ->
                read(
                    SetTagRequest.getDefaultInstance(),
                    "{\"runId\": \"r\", \"run_id\": \"r\", \"key\": \"k\"}"))
        .hasMessage("Request specifies both 'run_id' and 'runId'; provide only one of them.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "5|5",
        "\"5\"|5",
        "5.0|5",
        "5e0|5",
        "\"5.0\"|5",
        "\"+5\"|5",
        "500e-2|5",
        "-0|0",
        "9223372036854775807|9223372036854775807",
        "9007199254740993|9007199254740993"
      })
  void readsIntegersInEverySpelling(String text, long value) {
    CreateRunRequest.Builder expected = CreateRunRequest.newBuilder().setStartTime(value);
    assertThat(read(CreateRunRequest.getDefaultInstance(), "{\"start_time\": " + text + "}"))
        .isEqualTo(expected.build());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "1.5|1.5|float",
        "true|true|bool",
        "\"x\"|\"x\"|str",
        "[1, {\"b\":2,\"a\":null}]|[1,{\"a\":null,\"b\":2}]|list",
        "{\"k\": \"\u00fc\"}|{\"k\":\"\\u00fc\"}|dict",
        "9223372036854775808|9223372036854775808|int",
        "NaN|NaN|float",
        "1e400|Infinity|float",
        "\" 5 \"|\" 5 \"|str"
      })
  void valueThatDoesNotFitNamesItsField(String text, String shown, String type) {
    assertThatThrownBy(
            () -> read(CreateRunRequest.getDefaultInstance(), "{\"start_time\": " + text + "}"))
        .hasMessage(
            "Invalid value %s for parameter 'start_time' supplied:  Hint: Value was of type '%s'.%s"
                .formatted(shown, type, DOCS));
  }

  @Test
  void valuesDeepInsideAreNamedByTheirPath() {
    String body =
        "{\"run_id\": \"r\", \"metrics\": [{\"key\": \"a\", \"value\": 1, \"timestamp\": 1},"
            + " {\"key\": \"b\", \"value\": \"1,5\", \"timestamp\": 1}], \"tags\": [5]}";
    assertThatThrownBy(() -> read(LogBatchRequest.getDefaultInstance(), body))
        .hasMessageStartingWith("Invalid value \"1,5\" for parameter 'metrics[1].value' supplied");
    assertThatThrownBy(
            () ->
                read(
                    SearchLoggedModelsRequest.getDefaultInstance(),
                    "{\"experiment_ids\": [\"1\"], \"order_by\": [\"x\"]}"))
        .hasMessageStartingWith("Invalid value \"x\" for parameter 'order_by[0]' supplied");
    assertThatThrownBy(
            () -> read(SearchRunsRequest.getDefaultInstance(), "{\"order_by\": [\"a\", 5, null]}"))
        .hasMessageStartingWith("Invalid value [\"a\",5,null] for parameter 'order_by' supplied");
  }

  @Test
  void errorsComeInTheOrderOfTheFields() {
    String body = "{\"end_time\": \"x\", \"run_name\": 5}";
    assertThatThrownBy(() -> read(UpdateRunRequest.getDefaultInstance(), body))
        .hasMessage("Missing value for required parameter 'run_id'." + DOCS);
    assertThatThrownBy(
            () ->
                read(
                    UpdateRunRequest.getDefaultInstance(),
                    "{\"run_name\": 5, \"end_time\": \"x\", \"run_id\": \"r\"}"))
        .hasMessageContaining("'end_time'");
  }

  @Test
  void itemsOfALogBatchAreChecked() {
    assertThatThrownBy(
            () ->
                read(
                    LogBatchRequest.getDefaultInstance(),
                    "{\"run_id\": \"r\", \"metrics\": [{\"key\": \"a\", \"value\": 1}]}"))
        .hasMessage("Missing value for required parameter 'metrics[0].timestamp'." + DOCS);
  }

  @Test
  void emptyStringIsMissingWhateverTheType() {
    assertThatThrownBy(
            () ->
                read(
                    LogMetricRequest.getDefaultInstance(),
                    "{\"run_id\": \"r\", \"key\": \"k\", \"value\": \"\", \"timestamp\": 1}"))
        .hasMessage("Missing value for required parameter 'value'." + DOCS);
    assertThatThrownBy(
            () ->
                read(
                    LogBatchRequest.getDefaultInstance(),
                    "{\"run_id\": \"r\", \"metrics\": [{\"key\": \"k\", \"value\": \"\"}]}"))
        .hasMessage("Missing value for required parameter 'metrics[0].value'." + DOCS);
    assertThatThrownBy(
            () ->
                read(SearchLoggedModelsRequest.getDefaultInstance(), "{\"experiment_ids\": \"\"}"))
        .hasMessage("Missing value for required parameter 'experiment_ids'." + DOCS);
  }

  @Test
  void numbersAboveTheirMaximumAreRefused() {
    assertThatThrownBy(
            () -> read(SearchRunsRequest.getDefaultInstance(), "{\"max_results\": 50001}"))
        .hasMessage(
            "Invalid value 50001 for parameter 'max_results' supplied:"
                + "  Hint: Value was of type 'int'."
                + DOCS);
  }

  @ParameterizedTest
  @CsvSource({
    "NaN,NaN",
    "'\"NaN\"',NaN",
    "Infinity,Infinity",
    "1e400,Infinity",
    "'\"-Infinity\"',-Infinity",
    "'\"1.5\"',1.5",
    "7,7",
    "true,1"
  })
  void readsDoublesInEverySpelling(String text, double value) {
    String body = "{\"value\": %s, \"run_id\": \"r\", \"key\": \"k\", \"timestamp\": 1}";
    LogMetricRequest request =
        (LogMetricRequest) read(LogMetricRequest.getDefaultInstance(), body.formatted(text));
    assertThat(Double.valueOf(request.getValue())).isEqualTo(Double.valueOf(value));
    assertThat(request.getTimestamp()).isEqualTo(1);
  }

  @Test
  void readsEveryDoubleToItsLastBit() {
    Random random = new Random(1);
    LogBatchRequest.Builder batch = LogBatchRequest.newBuilder().setRunId("r");
    for (int i = 0; i < 10_000; i++) {
      double any = Double.longBitsToDouble(random.nextLong());
      batch.addMetrics(metric("a", Double.isNaN(any) ? random.nextDouble() : any));
      batch.addMetrics(metric("b", random.nextDouble()));
    }
    assertThat(read(LogBatchRequest.getDefaultInstance(), json(batch.build())))
        .isEqualTo(batch.build());
  }

  @Test
  void halfASurrogatePairIsRefused() {
    assertThatThrownBy(
            () -> read(CreateRunRequest.getDefaultInstance(), "{\"run_name\": \"\\ud83d\"}"))
        .hasMessageStartingWith("Invalid value \"\\ud83d\" for parameter 'run_name' supplied");
  }

  @Test
  void enumsAreNamesOrNumbers() {
    for (String status : new String[] {"\"FINISHED\"", "3", "3.0", "\"3\""}) {
      assertThat(json(update(status))).isEqualTo("{\"run_id\":\"r\",\"status\":\"FINISHED\"}");
    }
    for (String unknown : new String[] {"\"BOGUS\"", "\"finished\"", "\"\"", "null"}) {
      assertThat(json(update(unknown))).isEqualTo("{\"run_id\":\"r\"}");
    }
    for (String wrong : new String[] {"99", "0", "-1", "[]", "{}", "\"99\""}) {
      assertThatThrownBy(() -> update(wrong)).hasMessageContaining("for parameter 'status'");
    }
  }

  @Test
  void nestingIsLimited() {
    String deep = "[".repeat(900) + "]".repeat(900);
    assertThat(json(read(CreateRunRequest.getDefaultInstance(), "{\"x\": " + deep + "}")))
        .isEqualTo("{}");
    String deeper = "{\"a\":".repeat(100_000);
    assertThatThrownBy(() -> read(CreateRunRequest.getDefaultInstance(), deeper))
        .hasMessage("The JSON body is nested more than 1000 levels deep.");
    assertThatThrownBy(
            () -> read(CreateRunRequest.getDefaultInstance(), "{\"run_name\": " + deeper))
        .hasMessage("The JSON body is nested more than 1000 levels deep.");
  }

  @Test
  void queriesRepeatAndAreReadLikeStrings() {
    assertThat(
            json(
                query(
                    GetMetricHistoryBulkIntervalRequest.getDefaultInstance(),
                    "run_ids=a&metric_key=k%2F+%C3%BC&run_ids=b&max_results=5&x=y")))
        .isEqualTo("{\"run_ids\":[\"a\",\"b\"],\"metric_key\":\"k/ \u00fc\",\"max_results\":5}");
    assertThatThrownBy(
            () ->
                query(
                    GetMetricHistoryBulkIntervalRequest.getDefaultInstance(),
                    "run_ids=a&metric_key=k&max_results"))
        .hasMessageStartingWith("Invalid value \"\" for parameter 'max_results' supplied");
  }

  private static Message update(String status) {
    return read(
        UpdateRunRequest.getDefaultInstance(), "{\"run_id\": \"r\", \"status\": " + status + "}");
  }

  private static Metric metric(String key, double value) {
    return Metric.newBuilder()
        .setKey(key)
        .setValue(value)
        .setTimestamp(Long.MAX_VALUE)
        .setStep(-1)
        .build();
  }

  private static Message read(Message type, String body) {
    return new RequestReader(type).fromBody(body.getBytes(StandardCharsets.UTF_8)).build();
  }

  private static Message query(Message type, String query) {
    return new RequestReader(type).fromQuery(Query.parse(query)).build();
  }

  private static String json(Message message) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      JsonOutput json = new JsonOutput(out);
      MessageWriter.of(message).write(message, json);
      json.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toString(StandardCharsets.UTF_8);
  }
}
