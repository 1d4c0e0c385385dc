package dev.millrace.gateway.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Keeps foreign pages away: which Host names this server answers to, and which origins may read or
 * change something. Rules and words are those of mlflow 3.17.2 ({@code security_utils.py}, {@code
 * fastapi_security.py} and Starlette's CORS middleware).
 */
public final class Origins {

  private static final Set<String> UNCHECKED_PATHS = Set.of("/health", "/version");
  private static final Set<String> CHANGING = Set.of("POST", "PUT", "DELETE", "PATCH");
  private static final Set<String> LOCAL_HOSTS = Set.of("localhost", "127.0.0.1", "::1");
  private static final Pattern LOCAL_ORIGIN =
      Pattern.compile("http://(localhost|127\\.0\\.0\\.1|\\[::1])(:[0-9]+)?");

  /** Asked first, an origin is compared by case; later it is not. */
  private static final Pattern LOCAL_ORIGIN_IN_ANY_CASE =
      Pattern.compile(LOCAL_ORIGIN.pattern(), Pattern.CASE_INSENSITIVE);

  private static final List<String> METHODS =
      List.of("GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH");
  private static final String ANY = "*";

  private final Names hosts;
  private final Names origins;

  /**
   * @param hosts allowed values of Host, port included, {@code *} standing for any text; none means
   *     local and private addresses
   * @param origins allowed values of Origin, {@code *} as above; none means local ones
   */
  public Origins(List<String> hosts, List<String> origins) {
    this.hosts = Names.of(hosts.isEmpty() ? localAndPrivate() : hosts);
    this.origins = Names.of(origins);
  }

  /** Names as written, and patterns in which a star stands for any text. */
  private record Names(boolean any, Set<String> exact, List<Pattern> patterns) {

    static Names of(List<String> names) {
      return new Names(
          names.contains(ANY),
          names.stream().filter(n -> !n.contains(ANY)).collect(Collectors.toUnmodifiableSet()),
          names.stream().filter(n -> n.contains(ANY)).map(Names::pattern).toList());
    }

    boolean contain(String name) {
      return any
          || exact.contains(name)
          || patterns.stream().anyMatch(p -> p.matcher(name).matches());
    }

    private static Pattern pattern(String name) {
      List<String> parts = new ArrayList<>();
      for (String part : name.split("\\*", -1)) {
        parts.add(Pattern.quote(part));
      }
      return Pattern.compile(String.join(".*", parts), Pattern.DOTALL);
    }
  }

  /** Answers what must not or need not reach {@code next}, and marks the other answers. */
  public Handler guard(Handler next) {
    return request -> {
      String path = Percent.decodePath(request.path());
      if (!UNCHECKED_PATHS.contains(path) && !isAllowedHost(request.header("Host"))) {
        return plain(403, "Invalid Host header - possible DNS rebinding attack detected");
      }
      String origin = request.header("Origin");
      if (origin == null) {
        return next.handle(request).with("Vary", "Origin");
      }
      String asked = request.header("Access-Control-Request-Method");
      if (asked != null && request.method().equals("OPTIONS")) {
        return preflight(origin, asked, request.header("Access-Control-Request-Headers"));
      }
      Response response =
          isApi(path) && isForeignChange(origin, request.method())
              ? plain(403, "Cross-origin request blocked")
              : next.handle(request);
      return response.with(readable(origin));
    };
  }

  /** Whether a path belongs to the APIs, where foreign pages may not change anything. */
  static boolean isApi(String path) {
    return path.startsWith("/api/") || path.startsWith("/ajax-api/");
  }

  private boolean isAllowedHost(@Nullable String host) {
    return hosts.any || (host != null && !host.isEmpty() && hosts.contain(host));
  }

  private boolean isForeignChange(String origin, String method) {
    return !origin.isEmpty()
        && CHANGING.contains(method.toUpperCase(Locale.ROOT))
        && !isLocal(origin)
        && !origins.contain(origin);
  }

  /** What lets a page of an allowed origin read the answer. */
  private Map<String, String> readable(String origin) {
    Map<String, String> headers = new TreeMap<>();
    headers.put("Vary", "Origin");
    headers.put("Access-Control-Expose-Headers", ANY);
    if (origins.any) {
      headers.put("Access-Control-Allow-Origin", ANY);
    } else {
      headers.put("Access-Control-Allow-Credentials", "true");
      if (LOCAL_ORIGIN_IN_ANY_CASE.matcher(origin).matches() || origins.contain(origin)) {
        headers.put("Access-Control-Allow-Origin", origin);
      }
    }
    return headers;
  }

  private Response preflight(String origin, String method, @Nullable String headers) {
    List<String> failures = new ArrayList<>();
    boolean allowed = LOCAL_ORIGIN.matcher(origin).matches() || origins.contain(origin);
    if (!allowed) {
      failures.add("origin");
    }
    if (!METHODS.contains(method)) {
      failures.add("method");
    }
    Response response =
        failures.isEmpty()
            ? plain(200, "OK")
            : plain(400, "Disallowed CORS " + String.join(", ", failures));
    Map<String, String> more = new TreeMap<>();
    more.put("Vary", "Origin");
    more.put("Access-Control-Allow-Methods", String.join(", ", METHODS));
    more.put("Access-Control-Max-Age", "600");
    if (!origins.any) {
      more.put("Access-Control-Allow-Credentials", "true");
    }
    if (allowed) {
      more.put("Access-Control-Allow-Origin", origins.any ? ANY : origin);
    }
    if (headers != null) {
      more.put("Access-Control-Allow-Headers", headers);
    }
    return response.with(more);
  }

  /** Whether an origin, of any scheme, names this machine. */
  private static boolean isLocal(String origin) {
    int slashes = origin.indexOf("//");
    if (slashes < 0) {
      return false;
    }
    String authority = origin.substring(slashes + 2).split("[/?#]", 2)[0];
    String host = authority.substring(authority.lastIndexOf('@') + 1);
    int bracket = host.indexOf(']');
    if (host.startsWith("[") && bracket > 0) {
      host = host.substring(1, bracket);
    } else if (host.indexOf(':') >= 0) {
      host = host.substring(0, host.indexOf(':'));
    }
    return LOCAL_HOSTS.contains(host.toLowerCase(Locale.ROOT));
  }

  private static List<String> localAndPrivate() {
    List<String> hosts = new ArrayList<>();
    for (String host : List.of("localhost", "127.0.0.1", "[::1]", "0.0.0.0")) {
      hosts.add(host);
      hosts.add(host + ":*");
    }
    hosts.addAll(List.of("192.168.*", "10.*", "fc00:*", "fd00:*"));
    for (int second = 16; second < 32; second++) {
      hosts.add("172." + second + ".*");
    }
    return hosts;
  }

  private static Response plain(int status, String text) {
    return Response.text(status, "text/plain; charset=utf-8", text);
  }
}
