"""Endpoints about the server itself."""

from __future__ import annotations

from ..dsl import Case, case

PATHS = (
    "/health",
    "/version",
    "/api/3.0/mlflow/server-info",
    "/ajax-api/3.0/mlflow/server-info",
    "/api/2.0/mlflow/server-info",
    "/health/",
    "/version/",
    "/metrics",
)


def cases() -> list[Case]:
    c = case("about")
    for path in PATHS:
        c.get(path)
        c.get(path, {"x": "y"}, f"{path} with a query")
        c.send("HEAD", path)
    c.send("POST", "/health", b"", "POST health")
    return [c.get("/api/2.0/mlflow/users/current"), _users()]


def _users() -> Case:
    c = case("users")
    for path in ("users/get", "users/list", "users/current"):
        c.get("/ajax-api/2.0/mlflow/" + path)
    return c
