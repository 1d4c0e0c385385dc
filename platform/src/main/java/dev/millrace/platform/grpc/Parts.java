package dev.millrace.platform.grpc;

import com.google.protobuf.Message;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Iterator;
import java.util.function.Function;

/**
 * Answers that come in parts, so that nobody has to hold them whole: messages of one type which
 * merged, as protobuf merges, are the answer. A list goes on from part to part; what is no list is
 * in the last.
 */
public final class Parts {

  private Parts() {}

  /**
   * Answers a call with parts, each made when its caller has taken those before it. Who goes away
   * gets no more of them.
   *
   * @param parts at least one; what it throws fails the call
   * @param message makes the message of a part
   */
  public static <P, T> void send(
      StreamObserver<T> observer, Iterator<P> parts, Function<? super P, ? extends T> message) {
    ServerCallStreamObserver<T> caller = (ServerCallStreamObserver<T>) observer;
    // Without a handler, a part that is on its way when its caller leaves would count as an error.
    caller.setOnCancelHandler(() -> {});
    caller.setOnReadyHandler(
        () -> {
          while (parts.hasNext() && caller.isReady()) {
            caller.onNext(message.apply(parts.next()));
            if (!parts.hasNext()) {
              caller.onCompleted();
            }
          }
        });
  }

  /** The whole answer, for a caller that knows it to be small. */
  public static <T extends Message> T merge(Iterator<T> parts) {
    T first = parts.next();
    if (!parts.hasNext()) {
      return first;
    }
    Message.Builder whole = first.toBuilder();
    parts.forEachRemaining(whole::mergeFrom);
    @SuppressWarnings("unchecked") // A builder of a message of this type makes such messages.
    T merged = (T) whole.build();
    return merged;
  }
}
