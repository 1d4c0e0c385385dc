package dev.millrace.gateway.http;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds the endpoint of a request by method and path.
 *
 * <p>A template is a path whose segments are literal or a variable: {@code {name}} is one segment,
 * {@code {name=**}} at the end is the rest of the path, slashes included. Variables are never
 * empty, except {@code {name=***}}: a rest that is taken as it comes, even with a slash in front. A
 * template without variables is found by one hash look-up; others by walking a tree of segments,
 * where a literal goes before a variable and a variable before a rest.
 *
 * <p>What is not an endpoint's business is answered here as mlflow 3.17.2 does it (werkzeug): the
 * path is decoded before it is matched; HEAD goes where GET goes; OPTIONS tells the methods; a path
 * that only differs by doubled slashes is redirected; else 405 is an HTML page, and 404 the answer
 * of the fallback.
 */
public final class Router implements Handler {

  private final Map<String, Map<String, Endpoint>> literals;
  private final Node root;
  private final Handler fallback;

  private Router(Map<String, Map<String, Endpoint>> literals, Node root, Handler fallback) {
    this.literals = literals;
    this.root = root;
    this.fallback = fallback;
  }

  /** Where a template's path ends. */
  private record Leaf(Endpoint endpoint, List<String> names, boolean takesAnyRest) {}

  private record Match(Leaf leaf, List<String> values) {}

  private static final class Node {
    final Map<String, Node> literal = new HashMap<>();
    @Nullable Node variable;
    final Map<String, Leaf> here = new TreeMap<>();
    final Map<String, Leaf> rest = new TreeMap<>();
  }

  /** Collects routes. */
  public static final class Builder {

    private final Map<String, Map<String, Endpoint>> literals = new HashMap<>();
    private final Node root = new Node();

    /**
     * Adds a route.
     *
     * @param method in upper case
     * @throws IllegalStateException if the route is there already
     */
    public Builder route(String method, String template, Endpoint endpoint) {
      List<String> names = new ArrayList<>();
      Node node = root;
      Map<String, Leaf> leaves = null;
      boolean anyRest = template.endsWith("=***}");
      for (String segment : template.substring(1).split("/", -1)) {
        if (leaves != null) {
          throw new IllegalStateException("The rest of a path ends it: " + template);
        }
        if (segment.startsWith("{") && segment.endsWith("**}")) {
          names.add(segment.substring(1, segment.indexOf('=')));
          leaves = node.rest;
        } else if (segment.startsWith("{") && segment.endsWith("}")) {
          names.add(segment.substring(1, segment.length() - 1));
          node.variable = node.variable == null ? new Node() : node.variable;
          node = node.variable;
        } else {
          node = node.literal.computeIfAbsent(segment, _ -> new Node());
        }
      }
      leaves = leaves == null ? node.here : leaves;
      if (leaves.putIfAbsent(method, new Leaf(endpoint, List.copyOf(names), anyRest)) != null) {
        throw new IllegalStateException("Two routes answer %s %s".formatted(method, template));
      }
      if (names.isEmpty()) {
        literals.computeIfAbsent(template, _ -> new HashMap<>()).put(method, endpoint);
      }
      return this;
    }

    /**
     * The router of what was added.
     *
     * @param fallback answers requests whose path no route has
     */
    public Router build(Handler fallback) {
      return new Router(literals, root, fallback);
    }
  }

  @Override
  public Response handle(Request request) throws IOException {
    String raw = request.path();
    String decoded = Percent.decodePath(raw);
    // Starlette, which is asked before werkzeug, finds no route for these.
    if (!raw.startsWith("/") || decoded.indexOf('\n') >= 0) {
      return Response.text(404, "application/json", "{\"detail\":\"Not Found\"}");
    }
    String path = withOneSlashInFront(decoded);
    // Werkzeug knows methods in upper case alone, however they are sent.
    String method = request.method().toUpperCase(Locale.ROOT);
    String wanted = method.equals("HEAD") ? "GET" : method;

    Map<String, Endpoint> literal = literals.get(path);
    Endpoint direct = literal == null ? null : literal.get(wanted);
    if (direct != null) {
      return direct.handle(request, Map.of());
    }
    List<String> segments = List.of(path.substring(1).split("/", -1));
    Match match = find(root, segments, 0, new ArrayList<>(), wanted);
    if (match != null) {
      return match.leaf.endpoint.handle(request, variables(match));
    }
    Set<String> allowed = new TreeSet<>();
    collect(root, segments, 0, allowed);
    if (!allowed.isEmpty()) {
      return notAllowed(path, method, allowed);
    }
    return path.contains("//") ? redirected(request, path, wanted) : fallback.handle(request);
  }

  private Response notAllowed(String path, String method, Set<String> methods) {
    Set<String> allowed = new TreeSet<>(methods);
    allowed.add("OPTIONS");
    if (allowed.contains("GET")) {
      allowed.add("HEAD");
    }
    String allow = String.join(", ", allowed);
    if (method.equals("OPTIONS")) {
      // mlflow 3.17.2 security.py takes the content away from OPTIONS on its APIs.
      return (Origins.isApi(path) ? Response.of(204) : Response.text(200, Pages.TYPE, ""))
          .with("Allow", allow);
    }
    return Pages.methodNotAllowed().with("Allow", allow);
  }

  private Response redirected(Request request, String path, String method) throws IOException {
    List<String> segments = List.of(path.replaceAll("/{2,}", "/").substring(1).split("/", -1));
    if (find(root, segments, 0, new ArrayList<>(), method) != null) {
      String query = request.query();
      return Pages.moved()
          .with(
              "Location",
              request.path().replaceAll("/{2,}", "/") + (query == null ? "" : "?" + query));
    }
    Set<String> allowed = new TreeSet<>();
    collect(root, segments, 0, allowed);
    return allowed.isEmpty() ? fallback.handle(request) : notAllowed(path, method, allowed);
  }

  private static @Nullable Match find(
      Node node, List<String> segments, int at, List<String> values, String method) {
    if (at == segments.size()) {
      Leaf leaf = node.here.get(method);
      return leaf == null ? null : new Match(leaf, values);
    }
    String segment = segments.get(at);
    Node literal = node.literal.get(segment);
    if (literal != null) {
      Match match = find(literal, segments, at + 1, values, method);
      if (match != null) {
        return match;
      }
    }
    if (node.variable != null && !segment.isEmpty()) {
      List<String> more = new ArrayList<>(values);
      more.add(segment);
      Match match = find(node.variable, segments, at + 1, more, method);
      if (match != null) {
        return match;
      }
    }
    Leaf leaf = node.rest.get(method);
    if (leaf == null || (segment.isEmpty() && !leaf.takesAnyRest)) {
      return null;
    }
    List<String> more = new ArrayList<>(values);
    more.add(String.join("/", segments.subList(at, segments.size())));
    return new Match(leaf, more);
  }

  /** The methods of every template that fits. */
  private static void collect(Node node, List<String> segments, int at, Set<String> methods) {
    if (at == segments.size()) {
      methods.addAll(node.here.keySet());
      return;
    }
    String segment = segments.get(at);
    Node literal = node.literal.get(segment);
    if (literal != null) {
      collect(literal, segments, at + 1, methods);
    }
    if (node.variable != null && !segment.isEmpty()) {
      collect(node.variable, segments, at + 1, methods);
    }
    node.rest.forEach(
        (method, leaf) -> {
          if (!segment.isEmpty() || leaf.takesAnyRest) {
            methods.add(method);
          }
        });
  }

  private static Map<String, String> variables(Match match) {
    Map<String, String> variables = new HashMap<>();
    for (int i = 0; i < match.values.size(); i++) {
      variables.put(match.leaf.names.get(i), match.values.get(i));
    }
    return variables;
  }

  private static String withOneSlashInFront(String path) {
    int slashes = 0;
    while (slashes < path.length() && path.charAt(slashes) == '/') {
      slashes++;
    }
    return slashes == 1 ? path : "/" + path.substring(slashes);
  }
}
