@NullMarked
package dev.millrace.projects.environment;

import org.jspecify.annotations.NullMarked;
