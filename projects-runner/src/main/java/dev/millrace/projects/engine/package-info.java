/** Where commands run: started once under a name, found again by it, ended for certain. */
@NullMarked
package dev.millrace.projects.engine;

import org.jspecify.annotations.NullMarked;
