/**
 * Turns HTTP requests into gRPC calls and back, driven by the descriptors of the contracts. Names
 * no concrete message.
 *
 * <p>MLflow's JSON is not protobuf's: int64 are numbers, fields have their proto names, what is set
 * is written even if it is empty, and requests are read by the rules of Python's protobuf and of
 * mlflow 3.17.2 {@code handlers.py}.
 */
@NullMarked
package dev.millrace.gateway.transcode;

import org.jspecify.annotations.NullMarked;
