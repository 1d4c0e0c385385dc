@NullMarked
package dev.millrace.gateway.http;

import org.jspecify.annotations.NullMarked;
