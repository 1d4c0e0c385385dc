/** All services in one JVM: composition by classpath, a command line and start messages. */
@NullMarked
package dev.millrace.standalone;

import org.jspecify.annotations.NullMarked;
