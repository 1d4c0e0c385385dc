package dev.millrace.tracking;

import java.util.ArrayList;
import java.util.List;

/**
 * A run with everything that was logged to it; {@link RunStore#load} fills it.
 *
 * @param metrics the latest point of each key
 */
record RunContent(RunRow run, List<MetricRow> metrics, List<PairRow> params, List<PairRow> tags) {

  RunContent(RunRow run) {
    this(run, new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
  }
}
