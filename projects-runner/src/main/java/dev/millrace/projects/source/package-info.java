/** Where the code of projects comes from: Git repositories and archives, all of them strangers'. */
@NullMarked
package dev.millrace.projects.source;

import org.jspecify.annotations.NullMarked;
