"""What every endpoint has in common: bodies, content types, queries and JSON values."""

from __future__ import annotations

import gzip
import json

from ..dsl import JSON_TYPE, Case
from . import wire_http, wire_values
from .common import get_run, with_experiment, with_run

# fmt: off
BODIES = {
    "nothing": b"", "blank": b"  ", "cut off": b'{"run_id": "${run}"',
    "two values": b'{"run_id": "${run}"} {}', "array": b"[]",
    "array of object": b'[{"run_id": "${run}"}]', "null": b"null", "number": b"5", "true": b"true",
    "string": b'"x"', "empty string": b'""',
    "encoded twice": b'"{\\"run_id\\": \\"${run}\\", \\"key\\": \\"k\\", \\"value\\": \\"twice\\"}"',
    "encoded thrice": b'"\\"{}\\""', "string of array": b'"[]"',
    "single quotes": b"{'run_id': '${run}'}", "trailing comma": b'{"run_id": "${run}",}',
    "comment": b'{"run_id": "${run}" /* c */}',
    "byte order mark": b'\xef\xbb\xbf{"run_id": "${run}", "key": "k", "value": "bom"}',
    "latin1": b'{"run_id": "${run}", "key": "k", "value": "\xfc"}',
    "utf8": '{"run_id": "${run}", "key": "k", "value": "ü 日本 🚀"}'.encode(),
    "utf16": '{"run_id": "x"}'.encode("utf-16"),
    "escapes": b'{"run_id": "${run}", "key": "k", "value": "\\u00fc\\ud83d\\ude80"}',
    "lone surrogate": b'{"run_id": "${run}", "key": "k", "value": "\\ud83d"}',
    "control character": b'{"run_id": "${run}", "key": "k", "value": "a\x01b"}',
    "raw newline": b'{"run_id": "${run}", "key": "k", "value": "a\nb"}',
    "same key twice": b'{"run_id": "none", "run_id": "${run}", "key": "k", "value": "twice"}',
    "unknown fields": b'{"run_id": "${run}", "key": "k", "value": "v", "foo": {"bar": [1, null]}, "Key": 5}',
    "camel case": b'{"runId": "${run}", "key": "k", "value": "camel"}',
    "both cases": b'{"runId": "${run}", "run_id": "${run}", "key": "k", "value": "v"}',
    "upper case": b'{"RUN_ID": "${run}", "KEY": "k"}',
    "NaN unknown": b'{"run_id": "${run}", "key": "k", "value": "v", "x": NaN}',
    "form": b"run_id=${run}&key=k", "xml": b"<x/>",
    "deep unknown": b'{"run_id": "${run}", "key": "k", "value": "deep", "x": ' + b"[" * 90 + b"]" * 90 + b"}",
    "nul after": b'{"run_id": "${run}", "key": "k", "value": "v"}\x00',
    "any field": b'{"[x]": 5, "run_id": "${run}", "key": "k", "value": "any"}',
    "@type": b'{"@type": "x", "run_id": "${run}", "key": "k", "value": "type"}',
}
# fmt: on
# fmt: off
TYPES = (
    "application/json", "application/json; charset=utf-8", "application/json;charset=latin1",
    "APPLICATION/JSON", "application/json ", "text/json", "text/plain",
    "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
    "application/vnd.api+json", "application/xml", "", "json", "*/*", "application/octet-stream",
    "application/json, text/plain", "; application/json",
)
# fmt: on


def cases() -> list[Case]:
    return [
        _bodies(),
        _log_batch_bodies(),
        _create_bodies(),
        _types(),
        _gets(),
        _get_with_body(),
        _double(),
        _ajax(),
        _gzip(),
        _parameters(),
        *wire_http.cases(),
        *wire_values.cases(),
    ]


def _bodies() -> Case:
    c = with_run("bodies")
    for note, body in BODIES.items():
        c.send("POST", "runs/set-tag", body, note, JSON_TYPE)
    return get_run(c)


def _log_batch_bodies() -> Case:
    c = with_run("log-batch-bodies")
    for note, body in BODIES.items():
        c.send("POST", "runs/log-batch", body, note, JSON_TYPE)
    return get_run(c)


def _create_bodies() -> Case:
    c = with_experiment("create-bodies")
    for note in (
        "nothing",
        "cut off",
        "array",
        "null",
        "number",
        "true",
        "array of object",
        "encoded twice",
        "unknown fields",
    ):
        c.send("POST", "runs/create", BODIES[note], note, JSON_TYPE)
    for path in (
        "experiments/create",
        "experiments/search",
        "runs/search",
        "logged-models/search",
        "logged-models",
        "runs/outputs",
    ):
        for note in ("nothing", "array", "null", "number"):
            c.send("POST", path, BODIES[note], f"{path} {note}", JSON_TYPE)
    return c


def _types() -> Case:
    c = with_run("types")
    body = '{"run_id": "${run}", "key": "k", "value": "v"}'
    for kind in TYPES:
        c.send("POST", "runs/set-tag", body, f"type {kind!r}", {"Content-Type": kind})
    c.send("POST", "runs/set-tag", body, "no type")
    c.send("DELETE", "logged-models/m-x/tags/k", body, "DELETE of a tag, no type")
    c.send("PATCH", "logged-models/m-x", "{}", "PATCH without type")
    c.send("POST", "runs/log-batch", body, "log-batch without type")
    return c.send("POST", "experiments/search", "{}", "search without type")


def _gets() -> Case:
    c = with_run("gets")
    for query in (
        "run_id=${run}&run_id=x",
        "run_id=x&run_id=${run}",
        "run_id=${run}&foo=bar",
        "run_id",
        "run_id=",
        "RUN_ID=${run}",
        "runId=${run}",
        "run_id=%22${run}%22",
        "run_id=${run}%20",
        "run_id=+${run}",
        "&&run_id=${run}&&",
        "run_id=${run};x=1",
        "run_id[]=${run}",
        "run_id=${run}%00",
        "run_id=%FF",
        "run_id=%zz",
        "?run_id=${run}",
        "run%5Fid=${run}",
        "=x",
        "foo=bar",
    ):
        c.send("GET", f"runs/get?{query}", None, f"query {query}")
    return c


def _get_with_body() -> Case:
    c = with_run("get-with-body")
    body = '{"run_id": "${run}"}'
    c.send("GET", "runs/get", body, "JSON body, no query", JSON_TYPE)
    c.send("GET", "runs/get", body, "JSON body, no query, no type")
    c.send("GET", "runs/get?run_id=none", body, "body and query", JSON_TYPE)
    c.send("GET", "runs/get?foo=bar", body, "body and other query", JSON_TYPE)
    c.send("GET", "runs/get", None, "neither")
    c.send("GET", "runs/get", None, "neither, JSON type", JSON_TYPE)
    c.send(
        "POST", "runs/set-tag?run_id=${run}&key=k&value=query", "{}", "POST with a query", JSON_TYPE
    )
    return c.send(
        "POST",
        "runs/set-tag?run_id=none",
        '{"run_id": "${run}", "key": "k", "value": "v"}',
        "POST with both",
        JSON_TYPE,
    )


def _double() -> Case:
    c = with_run("double")
    inner = json.dumps({"run_id": "${run}", "key": "d", "value": "v", "timestamp": 1})
    for path in ("runs/set-tag", "runs/log-parameter", "runs/update", "runs/log-batch"):
        c.send("POST", path, json.dumps(inner), f"{path} encoded twice", JSON_TYPE)
    return get_run(c)


def _ajax() -> Case:
    c = with_run("ajax")
    ajax = "/ajax-api/2.0/mlflow/"
    c.get(ajax + "runs/get", {"run_id": "${run}"})
    c.post(ajax + "runs/set-tag", {"run_id": "${run}", "key": "k", "value": "v"})
    c.post(ajax + "runs/log-batch", {"run_id": "${run}", "params": [{"key": "p", "value": "v"}]})
    c.post(ajax + "runs/search", {"experiment_ids": ["${exp}"]})
    c.get(ajax + "experiments/get", {"experiment_id": "${exp}"})
    c.get(ajax + "metrics/get-history", {"run_id": "${run}", "metric_key": "m"})
    return c.post(ajax + "experiments/create", {"name": "${u}-ajax"})


def _gzip() -> Case:
    c = with_run("gzip")
    packed = gzip.compress(b'{"run_id": "x", "key": "k", "value": "v"}', mtime=0)
    for encoding in ("gzip", "deflate", "identity", "br"):
        c.send(
            "POST",
            "runs/set-tag",
            packed,
            f"packed, called {encoding}",
            {**JSON_TYPE, "Content-Encoding": encoding},
        )
        c.send(
            "POST",
            "runs/set-tag",
            '{"run_id": "${run}", "key": "k", "value": "v"}',
            f"plain, called {encoding}",
            {**JSON_TYPE, "Content-Encoding": encoding},
        )
    chunks = b'8\r\n{"run_id\r\n4\r\n":"x\r\n2\r\n"}\r\n0\r\n\r\n'
    return c.send(
        "POST", "runs/delete", chunks, "chunked", {**JSON_TYPE, "Transfer-Encoding": "chunked"}
    )


def _parameters() -> Case:
    c = with_run("parameters")
    for value in ("ACTIVE_ONLY", "1", "", "x"):
        c.get(
            "experiments/search",
            {"view_type": value, "max_results": 1, "filter": "name = '${u}'"},
            f"view_type {value!r}",
        )
    return c
