"""What every endpoint has in common below its body: paths, methods, hosts, origins, headers."""

from __future__ import annotations

from ..dsl import API, JSON_TYPE, Case, case

GET_BY_NAME = "experiments/get-by-name"
# fmt: off
PATHS = (
    "/api/2.0/mlflow/none", "/api/2.0/mlflow", "/api/2.0/mlflow/", "/api/2.0/mlflow/runs",
    "/api/3.0/mlflow/runs/get", "/api/1.0/mlflow/runs/get", "/api/2.0/preview/mlflow/runs/get",
    "/2.0/mlflow/runs/get", "/api", "/api/", "/ajax-api/", "/ajax-api/2.0/mlflow/none", "/none",
    "/favicon.ico", "/robots.txt", "/api/2.0/mlflow/runs/get/", "/api/2.0/mlflow/Runs/Get",
    "/api/2.0//mlflow/runs/get", "//api/2.0/mlflow/runs/get", "/api/2.0/mlflow/./runs/get",
    "/api/2.0/mlflow/x/../runs/get", "/api/2.0/mlflow/runs%2Fget", "/api/2.0/mlflow/%72uns/get",
    "/api/2.0/mlflow/runs/get%00", "/api/2.0/mlflow/runs/get;x=1", "/api/2.0/mlflow/runs/get?",
    "/api/2.0/mlflow/runs/get#x", "/api/2.0/mlflow/runs/get%20", "/api/2.0/mlflow/unified-traces",
    "/api/2.0/mlflow/get-online-trace-details",
)
# fmt: on
# fmt: off
METHODS = (
    "GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "CONNECTX", "get",
)
# fmt: on
# fmt: off
ENDPOINTS = (
    "experiments/create", "experiments/get", "experiments/search", "runs/create", "runs/get",
    "runs/log-batch", "runs/search", "logged-models", "logged-models/m-x", "logged-models/m-x/tags",
    "metrics/get-history", "artifacts/list", "logged-models/search",
)
# fmt: on
# fmt: off
HOSTS = (
    "localhost", "localhost:1", "127.0.0.1", "127.0.0.1:80", "127.0.0.2", "[::1]", "[::1]:5000",
    "0.0.0.0", "10.1.2.3", "10.1.2.3:5000", "192.168.0.1", "172.16.0.1", "172.32.0.1", "8.8.8.8",
    "evil.example", "evil.example:5000", "localhost.evil.example", "evil.localhost", "",
    "LOCALHOST", "127.0.0.1.evil.example", "[fe80::1]", "169.254.1.1", "a b", "localhost:",
    "user@localhost", "[fd00::1]", "host.docker.internal",
)
# fmt: on
# fmt: off
ORIGINS = (
    "http://localhost", "http://localhost:3000", "https://localhost", "http://127.0.0.1:8080",
    "http://[::1]:1", "http://evil.example", "https://evil.example:443", "null", "",
    "http://localhost.evil.example", "http://10.0.0.1", "file://", "localhost", "HTTP://LOCALHOST",
)
# fmt: on


def cases() -> list[Case]:
    return [
        _methods(),
        _paths(),
        _hosts(),
        _origins(),
        _preflight(),
        _workspace(),
        _response_headers(),
        _long_urls(),
    ]


def _methods() -> Case:
    c = case("methods")
    for path in ENDPOINTS:
        for method in METHODS:
            if (method, path) != ("POST", "runs/create"):
                c.send(method, path, b"" if method != "HEAD" else None, f"{method} {path}")
    for path in ("/health", "/version", "/", "/graphql", "/api/3.0/mlflow/server-info"):
        for method in ("POST", "PUT", "DELETE", "OPTIONS"):
            c.send(method, path, b"", f"{method} {path}")
    return c


def _paths() -> Case:
    c = case("paths")
    for path in PATHS:
        c.send("GET", path, None, f"GET {path}")
        c.send("POST", path, "{}", f"POST {path}", JSON_TYPE)
    return c


def _hosts() -> Case:
    c = case("hosts")
    for host in HOSTS:
        for path in (API + GET_BY_NAME + "?experiment_name=Default%20none", "/health"):
            c.send("GET", path, None, f"{path[:12]} host {host!r}", {"Host": host})
    return c


def _origins() -> Case:
    c = case("origins")
    for origin in ORIGINS:
        for method, path, body in (
            ("POST", API + "runs/delete", "{}"),
            ("GET", API + GET_BY_NAME + "?experiment_name=none", None),
            ("POST", "/ajax-api/2.0/mlflow/runs/delete", "{}"),
            ("PUT", "/api/2.0/mlflow-artifacts/artifacts/..%2fx", "x"),
            ("POST", "/graphql", "{}"),
            ("DELETE", API + "logged-models/m-x", "{}"),
        ):
            c.send(
                method,
                path,
                body,
                f"{method} {path[:30]} from {origin!r}",
                {**JSON_TYPE, "Origin": origin},
            )
            c.headers("Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Vary")
    return c


def _preflight() -> Case:
    c = case("preflight")
    for origin in ORIGINS:
        for path in (
            API + "runs/create",
            "/api/2.0/mlflow-artifacts/artifacts/x",
            "/health",
            "/none",
        ):
            c.send(
                "OPTIONS",
                path,
                None,
                f"{path[-12:]} from {origin!r}",
                {
                    "Origin": origin,
                    "Access-Control-Request-Method": "POST",
                    "Access-Control-Request-Headers": "content-type, x-own",
                },
            )
            c.headers(
                "Access-Control-Allow-Origin",
                "Access-Control-Allow-Methods",
                "Access-Control-Allow-Headers",
                "Access-Control-Allow-Credentials",
                "Access-Control-Max-Age",
            )
    c.send("OPTIONS", API + "runs/create", None, "no origin")
    c.send(
        "OPTIONS", API + "runs/create", None, "no method asked for", {"Origin": "http://localhost"}
    )
    c.send(
        "OPTIONS",
        API + "runs/create",
        None,
        "TRACE asked for",
        {"Origin": "http://localhost", "Access-Control-Request-Method": "TRACE"},
    )
    return c.send("OPTIONS", "*", None, "server wide")


def _workspace() -> Case:
    c = case("workspace")
    for name in ("default", "other", "", " "):
        for path in (
            API + GET_BY_NAME + "?experiment_name=none",
            "/health",
            "/version",
            "/api/3.0/mlflow/server-info",
            "/none",
            "/api/2.0/mlflow-artifacts/artifacts?path=none",
        ):
            c.send(
                "GET", path, None, f"{path[:40]} workspace {name!r}", {"X-MLflow-Workspace": name}
            )
        c.send(
            "POST",
            "runs/delete",
            "{}",
            f"POST workspace {name!r}",
            {**JSON_TYPE, "X-MLflow-Workspace": name},
        )
    return c


def _response_headers() -> Case:
    c = case("response-headers")
    names = (
        "X-Content-Type-Options",
        "X-Frame-Options",
        "Vary",
        "Cache-Control",
        "Content-Encoding",
        "Access-Control-Allow-Origin",
        "Strict-Transport-Security",
        "Set-Cookie",
    )
    for path in (
        API + GET_BY_NAME + "?experiment_name=none",
        "/health",
        "/version",
        "/none",
        "/api/3.0/mlflow/server-info",
    ):
        c.get(path).headers(*names)
        c.get(
            path,
            None,
            f"{path} asking for gzip",
            {"Accept-Encoding": "gzip", "Accept": "text/html"},
        ).headers(*names)
        c.send("HEAD", path)
    return c


def _long_urls() -> Case:
    c = case("long-urls")
    for length in (1000, 4000, 16000, 60000):
        c.get(GET_BY_NAME, {"experiment_name": "n" * length}, f"name of {length}")
    c.get(GET_BY_NAME, {"experiment_name": "x"}, "header of 8000", {"X-Own": "v" * 8000})
    return c.get(
        GET_BY_NAME,
        {"experiment_name": "x"},
        "many headers",
        {f"X-Own-{i}": "v" for i in range(90)},
    )
