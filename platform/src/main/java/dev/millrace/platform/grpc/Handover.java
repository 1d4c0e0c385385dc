package dev.millrace.platform.grpc;

import io.grpc.CallOptions;
import io.grpc.Context;
import io.grpc.stub.AbstractStub;
import org.jspecify.annotations.Nullable;

/**
 * A place at a call where the service may leave an object for its caller, if both are in one
 * process: a file that the network takes from the kernel, or a sink that takes bytes where they
 * are, instead of messages that copy them. Over TCP nothing arrives and messages do the work, so a
 * caller and a service that know handovers always know messages too.
 *
 * <p>A caller makes one for each call. A service leaves its object before it sends or asks for the
 * next message, which the caller takes as the sign to look.
 *
 * @param <T> what is left
 */
public final class Handover<T> {

  static final CallOptions.Key<@Nullable Handover<?>> OFFERED =
      CallOptions.Key.create("millrace-handover");
  static final Context.Key<Handover<?>> RECEIVED = Context.key("millrace-handover");

  private final Class<T> type;
  private volatile boolean passed;
  private @Nullable T left;

  /**
   * @param type of what the caller can use
   */
  public Handover(Class<T> type) {
    this.type = type;
  }

  /** A stub whose next call offers this place. */
  public <S extends AbstractStub<S>> S on(S stub) {
    return stub.withOption(OFFERED, this);
  }

  /** Whether the call went to a service in this process, which may leave something. */
  public boolean isPassed() {
    return passed;
  }

  /** What the service has left; null if it has not, or not yet. Who takes it owns it. */
  public synchronized @Nullable T take() {
    T taken = left;
    left = null;
    return taken;
  }

  /**
   * For a service, while it handles a call or message: the place that its caller offers for a
   * {@code type}; null if there is none.
   */
  public static <T> @Nullable Handover<T> offered(Class<T> type) {
    Handover<?> received = RECEIVED.get();
    if (received == null || received.type != type) {
      return null;
    }
    @SuppressWarnings("unchecked") // The types are the same.
    Handover<T> typed = (Handover<T>) received;
    return typed;
  }

  /** Leaves {@code object} for the caller, who owns it as soon as it takes it. */
  public synchronized void leave(T object) {
    left = object;
  }

  void pass() {
    passed = true;
  }
}
