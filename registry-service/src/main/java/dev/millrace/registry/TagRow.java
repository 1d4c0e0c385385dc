package dev.millrace.registry;

/** A tag of a registered model or of a model version. */
record TagRow(String key, String value) {}
