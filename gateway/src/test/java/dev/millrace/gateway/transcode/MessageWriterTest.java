package dev.millrace.gateway.transcode;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.millrace.proto.Contracts;
import dev.millrace.proto.Experiment;
import dev.millrace.proto.GetMetricHistoryResponse;
import dev.millrace.proto.Metric;
import dev.millrace.proto.RunInfo;
import io.grpc.ServiceDescriptor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Compares with what Jackson and protobuf's reflection write. */
class MessageWriterTest {

  /** Longer than the writer's buffer. */
  private static final int LONG = 20_000;

  private static final List<String> TEXTS =
      List.of(
          "",
          "plain",
          "\u0000\u0001\b\t\n\u000b\f\r\u001f",
          "\"quoted\" \\ / \u007f",
          "\u0080\u07ff\u0800\ud7ff\ue000\uffff",
          "\ud83d\ude80 and \ud800\udc00\udbff\udfff",
          "a".repeat(LONG),
          "\u00fc".repeat(LONG),
          "\ud83d\ude80".repeat(LONG),
          "x\n".repeat(LONG));

  private static final List<Long> INTEGERS =
      List.of(0L, 7L, 10L, -1L, -10L, 99L, 1795490083290L, Long.MAX_VALUE, Long.MIN_VALUE);

  private static final List<Double> DOUBLES =
      List.of(
          0.0,
          -0.0,
          1.0,
          -5.0,
          0.1,
          1e-5,
          1e15,
          1e16,
          999_999_999_999_999.0,
          -1_000_000_000_000_000.0,
          9_007_199_254_740_994.0,
          1.7976931348623157e308,
          Double.MIN_VALUE,
          Double.NaN,
          Double.POSITIVE_INFINITY,
          Double.NEGATIVE_INFINITY);

  @ParameterizedTest
  @MethodSource("answers")
  void writesWhatReflectionWrites(Message answer) throws IOException {
    for (int seed = 0; seed < 20; seed++) {
      Message.Builder message = answer.newBuilderForType();
      fill(message, new Random(seed), 0);
      assertSame(message.build());
    }
  }

  @Test
  void writesEveryTextAndNumber() throws IOException {
    for (String text : TEXTS) {
      assertSame(Experiment.newBuilder().setName(text).setExperimentId(text).build());
    }
    for (long power = 1; power > 0 && power < Long.MAX_VALUE / 10; power *= 10) {
      assertSame(Metric.newBuilder().setTimestamp(power - 1).setStep(-power).build());
    }
    for (long number : INTEGERS) {
      assertSame(Metric.newBuilder().setTimestamp(number).setStep(-number).build());
    }
    for (double number : DOUBLES) {
      assertSame(Metric.newBuilder().setValue(number).build());
    }
    assertSame(RunInfo.newBuilder().setStatusValue(99).build());
  }

  @Test
  void writesHalvesOfSurrogatePairsAsEscapes() throws IOException {
    assertThat(written(Metric.newBuilder().setKey("\ud83d").setRunId("a\ude80b").build()))
        .isEqualTo("{\"key\":\"\\uD83D\",\"run_id\":\"a\\uDE80b\"}");
  }

  @ParameterizedTest
  @ValueSource(ints = {8170, 8180, 8190, 8191, 8192, 8193, 8200})
  void losesNothingWhereItsBufferEnds(int length) throws IOException {
    for (String next : List.of("", "\n", "\ud83d\ude80", "\u0800", "abc")) {
      Metric metric =
          Metric.newBuilder()
              .setKey("a".repeat(length) + next)
              .setValue(0.123456789)
              .setTimestamp(Long.MIN_VALUE)
              .build();
      assertSame(
          GetMetricHistoryResponse.newBuilder().addMetrics(metric).addMetrics(metric).build());
    }
  }

  private static void assertSame(Message message) throws IOException {
    ByteArrayOutputStream expected = new ByteArrayOutputStream();
    ReflectiveWriter.write(message, expected);
    assertThat(written(message)).isEqualTo(expected.toString(StandardCharsets.UTF_8));
  }

  private static String written(Message message) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    JsonOutput json = new JsonOutput(out);
    MessageWriter.of(message).write(message, json);
    json.flush();
    return out.toString(StandardCharsets.UTF_8);
  }

  /** Sets some fields to something. */
  private static void fill(Message.Builder message, Random random, int depth) {
    for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
      // A map has no key twice.
      int count = random.nextInt(field.isMapField() ? 2 : 4);
      if (field.isRepeated()) {
        for (int i = 0; i < count; i++) {
          message.addRepeatedField(field, value(message, field, random, depth));
        }
      } else if (count > 0) {
        message.setField(field, value(message, field, random, depth));
      }
    }
  }

  private static Object value(
      Message.Builder message, FieldDescriptor field, Random random, int depth) {
    return switch (field.getJavaType()) {
      case STRING -> TEXTS.get(random.nextInt(6));
      case LONG -> random.nextBoolean() ? random.nextLong() : INTEGERS.get(random.nextInt(9));
      case INT -> random.nextInt();
      case DOUBLE -> random.nextBoolean() ? random.nextDouble() : DOUBLES.get(random.nextInt(16));
      case BOOLEAN -> random.nextBoolean();
      case ENUM ->
          field
              .getEnumType()
              .getValues()
              .get(random.nextInt(field.getEnumType().getValues().size()));
      case MESSAGE -> {
        Message.Builder inner = message.newBuilderForField(field);
        if (depth < 4) {
          fill(inner, random, depth + 1);
        }
        yield inner.build();
      }
      case FLOAT, BYTE_STRING -> throw new AssertionError(field);
    };
  }

  /** An empty answer of every rpc that has a route. */
  static Stream<Message> answers() {
    return Stream.of(
            Contracts.TRACKING_STORE,
            Contracts.ARTIFACT_STORE,
            Contracts.REGISTRY_SERVICE,
            Contracts.PROJECTS_RUNNER)
        .flatMap((List<ServiceDescriptor> services) -> Binding.of(services).stream())
        .map(binding -> Prototype.of(binding.rpc().getResponseMarshaller()))
        .distinct();
  }
}
