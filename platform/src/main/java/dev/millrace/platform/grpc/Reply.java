package dev.millrace.platform.grpc;

import io.grpc.stub.StreamObserver;

/** Answers a unary call. */
public final class Reply {

  private Reply() {}

  /** Sends {@code message} and ends the call; a method that fails throws instead. */
  public static <T> void send(StreamObserver<T> observer, T message) {
    observer.onNext(message);
    observer.onCompleted();
  }
}
