package dev.millrace.gateway.raw;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gateway.raw.Selection.Malformed;
import dev.millrace.gateway.raw.Selection.OutOfReach;
import dev.millrace.gateway.raw.Selection.Parts;
import dev.millrace.gateway.raw.Selection.Whole;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Of a file of 100 bytes; the expectations were taken from mlflow 3.17.2. */
class RangesTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "bytes=0-9|0-9|0-9",
        "bytes=90-|90-99|90-99",
        "bytes=-5|95-99|95-99",
        "bytes=99-200|99-99|99-99",
        "bytes=0-99999999999999999999|0-99|0-99",
        "BYTES=0-4|0-4|0-4",
        "bytes= 0 - 4 |0-4|0-4",
        "bytes=100-|416|416",
        "bytes=99999999999999999999-|416|416",
        "bytes=-0|416|416",
        "bytes=-1000|0-99|416",
        "bytes=5-2|Range header: start must be less than end|416",
        "bytes=0-9,20-29|0-9 20-29|416",
        "bytes=20-29,0-9,5-12,13-14|0-14 20-29|416",
        "bytes=0-9,x,-,3|0-9|416",
        "bytes=a-b|Range header: range must be requested|416",
        "bytes=|Range header: range must be requested|416",
        "bytes=+1-4|1-4|416",
        "bytes=--5|416|416",
        "items=0-5|Only support bytes range|416",
        "bytes|Malformed range header.|416",
      })
  void areReadInTwoWays(String header, String starlette, String werkzeug) {
    assertThat(told(Ranges.starlette(header, 100))).isEqualTo(starlette);
    assertThat(told(Ranges.werkzeug(header, 100))).isEqualTo(werkzeug);
  }

  @Test
  void nothingHasNoPart() {
    assertThat(told(Ranges.starlette("bytes=0-", 0))).isEqualTo("416");
    assertThat(told(Ranges.werkzeug("bytes=0-", 0))).isEqualTo("whole");
  }

  @Test
  void tooManyPartsAreTheWhole() {
    String many = "bytes=0-0" + ",2-2".repeat(100);
    assertThat(told(Ranges.starlette(many, 100))).isEqualTo("whole");
  }

  private static String told(Selection selection) {
    return switch (selection) {
      case Whole() -> "whole";
      case OutOfReach() -> "416";
      case Malformed(String complaint) -> complaint;
      case Parts(var spans) ->
          spans.stream()
              .map(span -> span.first() + "-" + span.last())
              .collect(Collectors.joining(" "));
    };
  }
}
