"""Artifact paths that try to leave their directory, or that file systems dislike."""

from __future__ import annotations

from ..dsl import JSON_TYPE, Case
from .common import NO_RUN, with_run

ROOT = "/api/2.0/mlflow-artifacts/artifacts"
RUN_ROOT = ROOT + "/${exp}/${run}/artifacts"
# fmt: off
HOSTILE = (
    "..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd", "../../etc/passwd", "a/../b",
    "a/%2e%2e/b", "..", "%2e%2e", "a/..", "%252e%252e%252fx", "%25252e%25252e%25252fx",
    "..%255c..%255cx", "..%5c..%5cx", "a%5cb", "%2fetc%2fpasswd", "/etc/passwd", "//etc/passwd",
    "%2f%2fetc", "C:%5cx", "C:/x", "c:x", "a%23b", "a%2523b", "a%00b", "%00", "a%0ab", "a%0d%0ab",
    "a//b", "a/./b", "./a", ".", "%2e", "a/", "a//", "", "%20", "%20a%20", "a%20b", "a+b", "a&b",
    "a;b", "a%3Fb", "a%3ab", "a=b", "a'b", "a%22b", "a%25b", "a%2525b", "k%25step%250",
    "%E6%97%A5%E6%9C%AC.txt", "%FF%FE", "a*b", "a%7Cb", "a%3Cb%3E", "~", "~root",
    "file:%2f%2f%2fetc%2fpasswd", "file:///etc/passwd", "s3:%2f%2fbucket%2fx", "x" * 255, "x" * 256,
    "x/" * 130 + "y", "%C0%AE%C0%AE/x", "\u2025".encode().hex(), "..;/x", "...", "....//x", "a%09b",
    "con", "nul.txt", ".git/config", "-rf", "$(id)", "%24%7Bx%7D",
)
# fmt: on


def cases() -> list[Case]:
    return [
        _hostile_put(),
        _hostile_get(),
        _hostile_list(),
        _run_list_hostile(),
        _get_artifact_hostile(),
    ]


def _hostile_put() -> Case:
    c = with_run("hostile-put")
    for path in HOSTILE:
        c.put(f"{RUN_ROOT}/{path}", b"x", f"put {path[:40]}")
    c.get("artifacts/list", {"run_id": "${run}"}, "what is there")
    return c.get("artifacts/list", {"run_id": "${run}", "path": "a"}, "what is in a")


def _hostile_get() -> Case:
    c = with_run("hostile-get")
    c.put(RUN_ROOT + "/a", b"x").put(RUN_ROOT + "/b", b"y")
    for path in HOSTILE:
        c.get(f"{RUN_ROOT}/{path}", None, f"get {path[:40]}")
    for path in HOSTILE:
        if path.strip("./") and "%2e" not in path.lower() and path not in ("a/..",):
            c.send("DELETE", f"{RUN_ROOT}/{path}", None, f"delete {path[:40]}", JSON_TYPE)
    return c


def _hostile_list() -> Case:
    c = with_run("hostile-list")
    for path in HOSTILE:
        if path not in ("", "%2e", "."):
            c.send(
                "GET", f"{ROOT}?path=${{exp}}/${{run}}/artifacts/{path}", None, f"list {path[:40]}"
            )
    for path in ("/", "..", "%2f", "%2e%2e", "/etc", "file:///etc", "\\"):
        c.send("GET", f"{ROOT}?path={path}", None, f"root list {path}")
    return c


def _run_list_hostile() -> Case:
    c = with_run("run-list-hostile")
    for path in HOSTILE:
        c.send("GET", "artifacts/list?run_id=${run}&path=" + path, None, f"list {path[:40]}")
    return c.get("artifacts/list", {"run_id": NO_RUN, "path": ".."}, "no run and bad path")


def _get_artifact_hostile() -> Case:
    c = with_run("get-artifact-hostile")
    c.put(RUN_ROOT + "/a", b"x")
    for path in HOSTILE:
        c.send("GET", "/get-artifact?run_id=${run}&path=" + path, None, f"get {path[:40]}")
    return c
