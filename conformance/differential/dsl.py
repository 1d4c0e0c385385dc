"""The small language the cases are written in.

A case is a list of HTTP requests in order. Strings may hold ${name}: `${u}` is a prefix unique to
the run of the whole test (so a server which is not fresh can be used), every other name is a value
that an earlier step bound from each server's own answer.
"""

from __future__ import annotations

import dataclasses
import json
import urllib.parse
from typing import Any

API = "/api/2.0/mlflow/"
JSON_TYPE = {"Content-Type": "application/json"}


@dataclasses.dataclass
class Step:
    """One request, and how its two answers are to be compared."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes | None
    label: str
    binds: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    loose_reason: str = ""
    loose_names: tuple[str, ...] = ()
    compared_headers: tuple[str, ...] = ()
    unordered: tuple[str, ...] = ()
    follow_pages: bool = False
    pause_before: float = 0.0


def query_string(params: dict[str, Any] | list[tuple[str, Any]]) -> str:
    """Percent-encodes like the MLflow clients; placeholders survive to be filled in later."""
    pairs = params.items() if isinstance(params, dict) else params
    flat = []
    for key, value in pairs:
        for item in value if isinstance(value, (list, tuple)) else [value]:
            flat.append((key, str(item).lower() if isinstance(item, bool) else str(item)))
    return urllib.parse.urlencode(flat, quote_via=urllib.parse.quote, safe="${}")


class Case:
    """A named sequence of steps; every method adds to or refines the last step and chains."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.steps: list[Step] = []
        self.needs_fresh_store = False
        self._pause = 0.0

    def fresh(self) -> "Case":
        """Only valid on a store nothing was ever written to."""
        self.needs_fresh_store = True
        return self

    def post(self, path: str, body: Any = None, note: str = "", **options: Any) -> "Case":
        return self._json("POST", path, body, note, **options)

    def patch(self, path: str, body: Any = None, note: str = "", **options: Any) -> "Case":
        return self._json("PATCH", path, body, note, **options)

    def delete(self, path: str, body: Any = None, note: str = "", **options: Any) -> "Case":
        return self._json("DELETE", path, body, note, **options)

    def get(self, path: str, params: Any = None, note: str = "", headers: Any = None) -> "Case":
        target = path + ("?" + query_string(params) if params else "")
        return self.send("GET", target, None, note, headers)

    def put(self, path: str, body: bytes, note: str = "", headers: Any = None) -> "Case":
        return self.send("PUT", path, body, note, headers)

    def send(
        self,
        method: str,
        path: str,
        body: bytes | str | None = None,
        note: str = "",
        headers: dict[str, str] | None = None,
    ) -> "Case":
        """Sends exactly these bytes: for everything that is not a well-formed JSON request."""
        target = path if path.startswith("/") or path == "*" else API + path
        data = body.encode() if isinstance(body, str) else body
        label = f"{len(self.steps) + 1:02d} {method} {note or path.split('?')[0]}"
        step = Step(method, target, dict(headers or {}), data, label, pause_before=self._pause)
        self._pause = 0.0
        self.steps.append(step)
        return self

    def bind(self, name: str, path: str) -> "Case":
        """Keeps the value at a dotted path of the answer as ${name}, one per server."""
        self.steps[-1].binds.append((name, path))
        return self

    def loose(self, reason: str, *names: str) -> "Case":
        """The message need not be equal, only be there and mention each of `names`."""
        self.steps[-1].loose_reason = reason
        self.steps[-1].loose_names = names
        return self

    def headers(self, *names: str) -> "Case":
        """Response headers to compare in addition to the usual ones."""
        self.steps[-1].compared_headers += names
        return self

    def unordered(self, *keys: str) -> "Case":
        """Lists whose order the server does not define in this answer, though elsewhere it does."""
        self.steps[-1].unordered += keys
        return self

    def pages(self) -> "Case":
        """Follows next_page_token to the end on both servers and compares page by page."""
        self.steps[-1].follow_pages = True
        return self

    def pause(self, seconds: float = 0.003) -> "Case":
        """Keeps server timestamps (in milliseconds) of neighbouring steps apart."""
        self._pause = seconds
        return self

    def _json(self, method: str, path: str, body: Any, note: str, headers: Any = None) -> "Case":
        data = json.dumps({} if body is None else body)
        return self.send(method, path, data, note, {**JSON_TYPE, **(headers or {})})


def case(name: str) -> Case:
    return Case(name)
