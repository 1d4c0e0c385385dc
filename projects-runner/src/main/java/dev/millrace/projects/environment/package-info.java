/** The Python environments that commands of projects run in. */
@NullMarked
package dev.millrace.projects.environment;

import org.jspecify.annotations.NullMarked;
