package dev.millrace.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class VersionListTest {

  @Test
  void looksLikeMlflows() {
    String one = VersionList.append(null, "förest \"1\"", 1);
    assertThat(one).isEqualTo("[{\"name\": \"f\\u00f6rest \\\"1\\\"\", \"version\": 1}]");
    assertThat(VersionList.append(one, "b", 12))
        .isEqualTo(
            "[{\"name\": \"f\\u00f6rest \\\"1\\\"\", \"version\": 1}, {\"name\": \"b\","
                + " \"version\": 12}]");
  }

  @Test
  void sameVersionIsListedOnce() {
    String list = VersionList.append(VersionList.append(null, "ä", 1), "b", 2);
    assertThat(VersionList.append(list, "ä", 1)).isEqualTo(list);
    assertThat(VersionList.append(list, "b", 2)).isEqualTo(list);
    assertThat(VersionList.append(list, "b", 1)).isNotEqualTo(list);
  }

  @Test
  void whatOthersWroteStays() {
    String list = " [ {\"version\":\"1\",\"name\":\"a\",\"x\":[{\"name\":\"b\"}]}, 7, [1] ] ";
    assertThat(VersionList.append(list, "a", 1))
        .isEqualTo(
            " [ {\"version\":\"1\",\"name\":\"a\",\"x\":[{\"name\":\"b\"}]}, 7, [1] , {\"name\":"
                + " \"a\", \"version\": 1}]");
  }

  @Test
  void whatIsNoListGivesWay() {
    for (String text : List.of("", "[]", " [ ] ", "{}", "[1", "null", "7", "[1] x", "nonsense")) {
      assertThat(VersionList.append(text, "a", 1)).isEqualTo("[{\"name\": \"a\", \"version\": 1}]");
    }
  }

  @Test
  void fullListStays() {
    String full = "[\"" + "x".repeat(1_048_560) + "\"]";
    assertThat(VersionList.append(full, "a", 1)).isEqualTo(full);
  }
}
