/**
 * MLflow's filter and ordering language: text to {@link dev.millrace.platform.search.Term terms} to
 * {@link dev.millrace.platform.search.Condition conditions} that a noun's {@link
 * dev.millrace.platform.search.Vocabulary vocabulary} has checked. What the conditions mean in SQL
 * is said in {@code platform.sql}.
 */
@NullMarked
package dev.millrace.platform.search;

import org.jspecify.annotations.NullMarked;
