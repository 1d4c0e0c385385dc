package dev.millrace.tracking;

import java.util.List;

/** A dataset as one run used it. */
record DatasetInputRow(DatasetRow dataset, List<PairRow> tags) {}
