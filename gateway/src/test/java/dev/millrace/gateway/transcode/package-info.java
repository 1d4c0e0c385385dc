@NullMarked
package dev.millrace.gateway.transcode;

import org.jspecify.annotations.NullMarked;
