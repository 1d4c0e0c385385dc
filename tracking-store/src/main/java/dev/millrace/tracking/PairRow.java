package dev.millrace.tracking;

/** A param or tag of a run. */
record PairRow(String key, String value) {}
