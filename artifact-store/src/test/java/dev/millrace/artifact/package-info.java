/** Tests of the artifact store. */
@NullMarked
package dev.millrace.artifact;

import org.jspecify.annotations.NullMarked;
