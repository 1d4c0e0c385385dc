/** Artifacts: their bytes, on a local disk or in S3, and the rules that guard them. */
@NullMarked
package dev.millrace.artifact;

import org.jspecify.annotations.NullMarked;
