@NullMarked
package dev.millrace.projects.spec;

import org.jspecify.annotations.NullMarked;
