@NullMarked
package dev.millrace.projects.source;

import org.jspecify.annotations.NullMarked;
