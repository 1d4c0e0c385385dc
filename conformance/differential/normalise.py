"""Turns an HTTP reply into a document in which only meaningful differences are left."""

from __future__ import annotations

import hashlib
import json
import re
import time
from typing import Any

from .dsl import Step
from .symbols import Symbols
from .transport import Reply

SERVER_TIMES = {
    "creation_time",
    "last_update_time",
    "creation_timestamp",
    "last_updated_timestamp",
    "creation_timestamp_ms",
    "last_updated_timestamp_ms",
}
LIFE_TIMES = (
    ("creation_time", "last_update_time"),
    ("creation_timestamp", "last_updated_timestamp"),
    ("creation_timestamp_ms", "last_updated_timestamp_ms"),
)
UNORDERED = {
    "tags",
    "params",
    "model_inputs",
    "model_outputs",
    "dataset_summaries",
    "latest_versions",
}
PAGE = re.compile(rb"\s*<!doctype html", re.IGNORECASE)
SET_HEADERS = {"allow", "vary", "access-control-allow-methods", "access-control-allow-headers"}
DAY_MILLISECONDS = 86_400_000
LONG_BODY = 4000


def document(reply: Reply, step: Step, symbols: Symbols, base_url: str) -> dict[str, Any]:
    """The comparable form: status, media type, the headers that matter, and the body."""
    result: dict[str, Any] = {"status": reply.status}
    body = _body(reply, step, symbols)
    # An error page may be empty.
    if reply.body or step.method == "HEAD" or body == "<page>":
        result["type"] = reply.mime
    if "allow" in reply.headers:
        result["allow"] = _header("allow", reply.headers["allow"])
    if "location" in reply.headers:
        target = symbols.text(reply.headers["location"].replace(base_url, ""), step.label)
        result["location"] = target
    for name in step.compared_headers:
        value = _header(name.lower(), reply.headers.get(name.lower(), ""))
        result["header " + name] = symbols.text(value.replace(base_url, ""), name)
    result["body"] = body
    return result


def _header(name: str, value: str) -> str:
    """Where a header is a set of words, neither their order nor their repetition matters."""
    if name in SET_HEADERS:
        return ", ".join(sorted({word.strip() for word in value.split(",")}))
    return value


def _body(reply: Reply, step: Step, symbols: Symbols) -> Any:
    if reply.mime == "text/html" and (reply.status >= 400 or PAGE.match(reply.body)):
        return "<page>"
    if reply.mime == "application/json" and reply.body:
        try:
            value = json.loads(reply.body)
        except ValueError:
            return {"not JSON": reply.body[:LONG_BODY].decode(errors="replace")}
        value = _value(value, "", step.label.split()[0], symbols)
        for key in step.unordered if isinstance(value, dict) else ():
            _sort(value.get(key))
        return _loosened(value, step)
    if reply.mime == "multipart/byteranges":
        boundary = reply.body.split(b"\r\n")[0].lstrip(b"-")
        return reply.body.replace(boundary, b"<boundary>").decode(errors="backslashreplace")
    if len(reply.body) > LONG_BODY:
        return {"length": len(reply.body), "sha256": hashlib.sha256(reply.body).hexdigest()}
    return symbols.text(reply.body.decode(errors="backslashreplace"), step.label)


def _value(value: Any, key: str, place: str, symbols: Symbols, parent: str = "") -> Any:
    if isinstance(value, dict):
        result = {
            name: _value(value[name], name, f"{place}.{name}", symbols, key)
            for name in sorted(value, key=lambda name: (name != "experiment_id", name))
        }
        for created, changed in LIFE_TIMES:
            if created in value and value[created] == value.get(changed):
                result[changed] = "<as created>"
        return result
    if isinstance(value, list):
        items = [_value(x, key, f"{place}.{i}", symbols, parent) for i, x in enumerate(value)]
        if key in UNORDERED or (key == "metrics" and parent == "data"):
            _sort(items)
        return items
    if key in SERVER_TIMES and isinstance(value, int) and not isinstance(value, bool):
        recent = abs(value - time.time() * 1000) < DAY_MILLISECONDS
        return "<time>" if recent else value
    if key == "next_page_token" and isinstance(value, str):
        return "<token>" if value else value
    if isinstance(value, str):
        if key in ("experiment_id", "experiment_ids"):
            return symbols.experiment(value, place)
        return symbols.text(value, place)
    return value


def _sort(items: Any) -> None:
    if isinstance(items, list):
        items.sort(key=lambda item: json.dumps(item, sort_keys=True))


def _loosened(value: Any, step: Step) -> Any:
    """Reduces a message to what a loose step still asks of it."""
    if not step.loose_reason or not isinstance(value, dict):
        return value
    for field in ("message", "detail"):
        if isinstance(value.get(field), str):
            missing = [name for name in step.loose_names if name not in value[field]]
            says = "names " + ", ".join(step.loose_names) if not missing else f"lacks {missing}"
            value[field] = f"<loose: {says}>" if value[field] else ""
    return value
