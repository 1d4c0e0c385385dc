"""runs/log-metric: values, time, step, keys, and which point becomes the latest."""

from __future__ import annotations

import itertools
import json

from ..dsl import Case, JSON_TYPE
from .common import NO_RUN, add_model, get_run, shape_probes, with_run

PATH = "runs/log-metric"
# fmt: off
KEYS = (
    "a/b", "a.b", "a b", "a:b", "/a", "a/", "a//b", "./a", "..", ".", "../a", "a#", "é", "日本",
    "a\n", "a\nb", "a\tb", "\u0000", "a%", "'a'", "", " ", "k" * 250, "k" * 251, "A", "a",
)
# fmt: on
# fmt: off
RAW_VALUES = (
    "NaN", "Infinity", "-Infinity", '"NaN"', '"Infinity"', '"-Infinity"', '"nan"', '"inf"',
    '"-inf"', '"+Infinity"', "1e400", "-1e400", "1e308", "1e-320", "5e-324", "-0.0", "-0", "0.1",
    "1", '"1.5"', '" 1 "', '"1e5"', '"0x1"', "true", "1.7976931348623157e308",
    "123456789012345678901234567890", "0.30000000000000004", "1e22", "1E5", '"1_0"', '""',
)
# fmt: on


def cases() -> list[Case]:
    return [
        _shapes(),
        _values(),
        _keys(),
        _times(),
        _latest(),
        _nan_latest(),
        _dataset(),
        _repeat(),
    ]


def _log(c: Case, note: str, **fields: object) -> Case:
    return c.post(
        PATH, {"run_id": "${run}", "key": "m", "value": 1, "timestamp": 10, **fields}, note
    )


def _shapes() -> Case:
    c = with_run("shapes")
    good = {"run_id": "${run}", "key": "m", "value": 1.5, "timestamp": 10, "step": 2}
    shape_probes(c, "POST", PATH, good)
    c.post(PATH, {**good, "run_id": NO_RUN}, "no run")
    c.post(PATH, {**good, "run_id": NO_RUN, "key": "../x"}, "no run and bad key")
    c.post(PATH, {"run_uuid": "${run}", "key": "u", "value": 1, "timestamp": 1}, "by run_uuid")
    return get_run(c)


def _values() -> Case:
    c = with_run("values")
    for number, text in enumerate(RAW_VALUES):
        raw = '{"run_id":"${run}","key":"v%d","timestamp":1,"value":%s}' % (number, text)
        c.send("POST", PATH, raw, f"value {text}", JSON_TYPE)
        c.get(
            "metrics/get-history", {"run_id": "${run}", "metric_key": f"v{number}"}, f"got {text}"
        )
    return get_run(c)


def _keys() -> Case:
    c = with_run("keys")
    for key in KEYS:
        _log(c, f"key {key[:9]!r} {len(key)}", key=key)
        c.get(
            "metrics/get-history",
            {"run_id": "${run}", "metric_key": key},
            f"get {key[:9]!r} {len(key)}",
        )
    return get_run(c)


def _times() -> Case:
    c = with_run("times")
    for value in (-1, 0, 1, 2**63 - 1, 2**63, -(2**63), 1e3, 1.5, "5", "-5", "1.0", "", "x", 1e30):
        _log(c, f"timestamp {json.dumps(value)}", key="t", timestamp=value)
        _log(c, f"step {json.dumps(value)}", key="s", step=value)
    for key in "ts":
        c.get("metrics/get-history", {"run_id": "${run}", "metric_key": key})
    return get_run(c)


def _latest() -> Case:
    """Every order of three points must end with the same latest one."""
    c = with_run("latest")
    axes = [
        {"step": s, "timestamp": t, "value": v} for s, t, v in ((1, 5, 9), (2, 4, 1), (2, 4, 3))
    ]
    for number, order in enumerate(itertools.permutations(axes)):
        for point in order:
            _log(c, f"order {number} {point}", key=f"k{number}", **point)
    get_run(c)
    _log(c, "newer time, older step", key="k0", step=1, timestamp=99, value=0)
    _log(c, "negative step", key="neg", step=-5, timestamp=1, value=0)
    _log(c, "step zero", key="neg", step=0, timestamp=0, value=7)
    return get_run(c)


def _nan_latest() -> Case:
    c = with_run("nan-latest")
    for number, order in enumerate(itertools.permutations(("NaN", 1, "-Infinity", "Infinity"), 2)):
        for value in order:
            _log(c, f"order {number} {value}", key=f"k{number}", value=value)
        c.get("metrics/get-history", {"run_id": "${run}", "metric_key": f"k{number}"})
    return get_run(c)


def _dataset() -> Case:
    c = add_model(with_run("dataset"))
    _log(c, "dataset only", key="d", dataset_name="n", dataset_digest="g")
    _log(c, "with model", key="e", model_id="${model}", dataset_name="n", dataset_digest="g")
    _log(c, "with model, no dataset", key="e", model_id="${model}", value=2)
    _log(c, "no such model", key="f", model_id="m-none")
    _log(c, "empty model", key="f", model_id="")
    for field in ("model_id", "dataset_name", "dataset_digest"):
        for value in (None, 5, True, [], {}):
            _log(c, f"{field}={json.dumps(value)}", key="g", **{field: value})
    c.get("logged-models/${model}")
    c.get("metrics/get-history", {"run_id": "${run}", "metric_key": "e"})
    return get_run(c)


def _repeat() -> Case:
    c = with_run("repeat")
    for _ in range(3):
        _log(c, "the same point", step=1)
    _log(c, "other value", step=1, value=2)
    c.get("metrics/get-history", {"run_id": "${run}", "metric_key": "m"})
    return get_run(c)
