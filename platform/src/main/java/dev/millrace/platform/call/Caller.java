package dev.millrace.platform.call;

import io.grpc.Context;
import org.jspecify.annotations.Nullable;

/**
 * On whose behalf a call is made. The gateway learns it; each gRPC call carries it on, from service
 * to service.
 *
 * @param user null if unknown
 * @param run of the job that calls, which changes nothing but that run and those below it; null if
 *     no job calls
 */
public record Caller(@Nullable String user, @Nullable String run) {

  private static final Caller UNKNOWN = new Caller(null);
  private static final Context.Key<Caller> KEY = Context.keyWithDefault("caller", UNKNOWN);

  /** Somebody who is no job. */
  public Caller(@Nullable String user) {
    this(user, null);
  }

  /** The caller of what this thread is doing. */
  public static Caller current() {
    return KEY.get();
  }

  /** The current context with this caller in it. */
  public Context context() {
    return Context.current().withValue(KEY, this);
  }
}
