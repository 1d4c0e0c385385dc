/** What a project says of itself: MLproject files, commands, and the environments they need. */
@NullMarked
package dev.millrace.projects.spec;

import org.jspecify.annotations.NullMarked;
