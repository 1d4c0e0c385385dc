"""runs/log-parameter (spelled log-parameter on the wire)."""

from __future__ import annotations

from ..dsl import Case
from .common import NO_RUN, get_run, shape_probes, with_run
from .metrics import KEYS

PATH = "runs/log-parameter"
# fmt: off
VALUES = (
    "", " ", "v", "ünï 日本 🚀", "x" * 500, "x" * 6000, "x" * 6001, "🚀" * 6001, "line\nfeed",
    "nul\u0000x", "'\"", "1", "None",
)
# fmt: on


def cases() -> list[Case]:
    return [_shapes(), _keys(), _values(), _change()]


def _log(c: Case, note: str, **fields: object) -> Case:
    return c.post(PATH, {"run_id": "${run}", "key": "p", "value": "v", **fields}, note)


def _shapes() -> Case:
    c = with_run("shapes")
    good = {"run_id": "${run}", "key": "s", "value": "v"}
    shape_probes(c, "POST", PATH, good)
    c.post(PATH, {**good, "run_id": NO_RUN}, "no run")
    c.post(PATH, {**good, "run_id": NO_RUN, "key": "../x"}, "no run and bad key")
    c.post(PATH, {"run_uuid": "${run}", "key": "u", "value": "v"}, "by run_uuid")
    return get_run(c)


def _keys() -> Case:
    c = with_run("keys")
    for key in KEYS:
        _log(c, f"key {key[:9]!r} {len(key)}", key=key)
    return get_run(c)


def _values() -> Case:
    c = with_run("values")
    for number, value in enumerate(VALUES):
        _log(c, f"value {value[:9]!r} {len(value)}", key=f"v{number}", value=value)
        _log(c, f"again {value[:9]!r} {len(value)}", key=f"v{number}", value=value)
    return get_run(c)


def _change() -> Case:
    c = with_run("change")
    for value in ("1", "1", "2", "", "1.0", "it's", 'say "x"', "x" * 6001):
        _log(c, f"value {value[:9]!r}", value=value)
    _log(c, "key in other case", key="P", value="2")
    c.post(PATH, {"run_id": "${run}", "key": "none"}, "no value")
    c.post(PATH, {"run_id": "${run}", "key": "none", "value": "late"}, "value after none")
    return get_run(c)
