"""runs/log-batch: limits, validation order, what remains of a batch that fails half way."""

from __future__ import annotations

import json
from typing import Any

from ..dsl import Case
from .common import NO_RUN, add_model, get_run, shape_probes, with_run

PATH = "runs/log-batch"
POINT = {"key": "m", "value": 1.0, "timestamp": 1}


def metrics(count: int, prefix: str = "m") -> list[dict[str, Any]]:
    return [{"key": f"{prefix}{i}", "value": i, "timestamp": 5, "step": 0} for i in range(count)]


def pairs(count: int, prefix: str) -> list[dict[str, str]]:
    return [{"key": f"{prefix}{i}", "value": str(i)} for i in range(count)]


def cases() -> list[Case]:
    return [
        _valid(),
        _shapes(),
        _metric_items(),
        _pair_items(),
        _limits(),
        _duplicates(),
        _params_change(),
        _partial(),
        _order_of_checks(),
        _long(),
        _keys(),
        _model_metrics(),
    ]


def _batch(c: Case, note: str, **lists: Any) -> Case:
    return c.post(PATH, {"run_id": "${run}", **lists}, note)


def _valid() -> Case:
    c = with_run("valid")
    _batch(c, "nothing")
    _batch(c, "empty lists", metrics=[], params=[], tags=[])
    _batch(c, "all three", metrics=metrics(3), params=pairs(3, "p"), tags=pairs(3, "t"))
    get_run(c)
    _batch(c, "again", metrics=metrics(3), params=pairs(3, "p"), tags=pairs(3, "t"))
    _batch(
        c, "rename", tags=[{"key": "mlflow.runName", "value": "new"}, {"key": "x", "value": "1"}]
    )
    _batch(c, "status field", status="FINISHED")
    return get_run(c)


def _shapes() -> Case:
    c = with_run("shapes")
    good = {"run_id": "${run}", "metrics": [POINT], "params": pairs(1, "p"), "tags": pairs(1, "t")}
    shape_probes(c, "POST", PATH, good)
    c.post(PATH, {"run_uuid": "${run}", "metrics": [POINT]}, "by run_uuid")
    c.post(PATH, {"run_id": NO_RUN, "metrics": [POINT]}, "no run")
    c.post(PATH, {"run_id": "no run", "metrics": [POINT]}, "impossible run id")
    return get_run(c)


def _metric_items() -> Case:
    c = with_run("metric-items")
    for field in ("key", "value", "timestamp"):
        item = {k: v for k, v in POINT.items() if k != field}
        _batch(c, f"second without {field}", metrics=[POINT, item])
        for value in (None, "", "text", "7", 0, -1, 1.5, True, [], {}, "NaN", "Infinity", 1e20):
            _batch(c, f"{field}={json.dumps(value)}", metrics=[{**POINT, field: value}])
    for value in (None, "", "5", -3, 1.5, 1e20, 2**63, True, []):
        _batch(c, f"step={json.dumps(value)}", metrics=[{**POINT, "key": "s", "step": value}])
    for value in (None, 5, "x", []):
        _batch(c, f"item {value!r}", metrics=[value])
    return get_run(c)


def _pair_items() -> Case:
    c = with_run("pair-items")
    for kind in ("params", "tags"):
        for item in (
            {},
            {"key": "k"},
            {"value": "v"},
            {"key": "", "value": "v"},
            {"key": None},
            {"key": "k1", "value": ""},
            {"key": "k2", "value": None},
            {"key": 5, "value": "v"},
            {"key": "k3", "value": 5},
            {"key": "k4", "value": True},
            {"key": "k5", "value": []},
            None,
            "x",
            3,
            [],
        ):
            _batch(c, f"{kind} {json.dumps(item)}", **{kind: [{"key": "ok", "value": "1"}, item]})
    return get_run(c)


def _limits() -> Case:
    c = with_run("limits")
    for count in (1000, 1001):
        _batch(c, f"{count} metrics", metrics=metrics(count))
    for count in (100, 101):
        _batch(c, f"{count} params", params=pairs(count, "p"))
        _batch(c, f"{count} tags", tags=pairs(count, "t"))
    _batch(c, "1000 in all", metrics=metrics(800), params=pairs(100, "p"), tags=pairs(100, "t"))
    _batch(c, "1001 in all", metrics=metrics(801), params=pairs(100, "p"), tags=pairs(100, "t"))
    _batch(c, "two limits", metrics=metrics(1001), params=pairs(101, "p"))
    _batch(c, "limit and bad key", params=pairs(101, "../p"))
    _batch(c, "2 MB", tags=[{"key": f"b{i}", "value": "v" * 20000} for i in range(100)])
    return get_run(c)


def _duplicates() -> Case:
    c = with_run("duplicates")
    same = {"key": "p", "value": "1"}
    _batch(c, "same param twice", params=[same, same])
    _batch(c, "param with two values", params=[same, {"key": "p", "value": "2"}])
    _batch(c, "two dup keys", params=pairs(2, "q") + pairs(2, "q") + pairs(1, "q"))
    _batch(c, "same tag twice", tags=[{"key": "t", "value": "1"}, {"key": "t", "value": "2"}])
    _batch(c, "same metric twice", metrics=[POINT, POINT])
    _batch(c, "metric, two values", metrics=[POINT, {**POINT, "value": 2}])
    _batch(c, "metric, later step first", metrics=[{**POINT, "step": 9}, {**POINT, "step": 2}])
    c.get("metrics/get-history", {"run_id": "${run}", "metric_key": "m"})
    return get_run(c)


def _params_change() -> Case:
    c = with_run("params-change")
    _batch(c, "first", params=[{"key": "a", "value": "1"}, {"key": "b", "value": "it's"}])
    _batch(c, "one changed", params=[{"key": "a", "value": "2"}, {"key": "c", "value": "3"}])
    _batch(c, "two changed", params=[{"key": "a", "value": "2"}, {"key": "b", "value": '"\n'}])
    _batch(c, "changed to empty", params=[{"key": "a", "value": ""}])
    _batch(c, "changed to nothing", params=[{"key": "a"}])
    _batch(c, "same again", params=[{"key": "a", "value": "1"}])
    _batch(c, "long", params=[{"key": "l", "value": "x" * 6001}])
    _batch(c, "long again", params=[{"key": "l", "value": "x" * 7000}])
    return get_run(c)


def _partial() -> Case:
    c = with_run("partial")
    _batch(c, "base", params=[{"key": "a", "value": "1"}])
    clash, tag = [{"key": "a", "value": "2"}], [{"key": "t", "value": "v"}]
    _batch(c, "param clash", metrics=[POINT], params=clash, tags=tag)
    get_run(c)
    _batch(
        c, "bad tag", metrics=[POINT], params=pairs(1, "n"), tags=[{"key": "../t", "value": "v"}]
    )
    get_run(c)
    _batch(
        c,
        "unknown model",
        metrics=[{**POINT, "model_id": "m-none"}],
        params=pairs(1, "o"),
        tags=tag,
    )
    return get_run(c)


def _order_of_checks() -> Case:
    c = with_run("order-of-checks")
    bad, long = {"key": "../x", "value": "1"}, [{"key": "k" * 251, "value": "v"}]
    bad_point = {**POINT, "key": "../m"}
    c.post(PATH, {"run_id": NO_RUN, "params": [bad]}, "no run, bad param")
    c.post(PATH, {"run_id": "a b", "params": [bad]}, "bad run, bad param")
    c.post(PATH, {"run_id": NO_RUN, "params": pairs(101, "p")}, "no run, too many")
    _batch(c, "metric before param", metrics=[bad_point], params=[bad], tags=[bad])
    _batch(c, "param before tag", params=[bad], tags=[bad])
    _batch(c, "name before limit", params=pairs(100, "p") + [bad])
    _batch(c, "limit before duplicates", params=pairs(100, "p") + pairs(1, "p"))
    _batch(c, "bad name before length", params=[{"key": "../" + "k" * 251, "value": "v"}])
    _batch(c, "long metric", metrics=[{**POINT, "key": "k" * 251}])
    _batch(c, "long param", params=long)
    _batch(c, "long tag", tags=long)
    _batch(c, "negative time, long key", metrics=[{**POINT, "key": "k" * 251, "timestamp": -1}])
    _batch(c, "missing before bad name", metrics=[bad_point, {"key": "m"}])
    return get_run(c)


def _long() -> Case:
    c = with_run("long")
    for length in (5999, 6000, 6001, 8000, 8001, 20000):
        _batch(
            c,
            f"values of {length}",
            params=[{"key": f"p{length}", "value": "v" * length}],
            tags=[{"key": f"t{length}", "value": "ü" * length}],
        )
    _batch(
        c,
        "keys of 250",
        metrics=[{**POINT, "key": "m" * 250}],
        params=[{"key": "p" * 250, "value": "v"}],
        tags=[{"key": "t" * 250, "value": "v"}],
    )
    return get_run(c)


def _keys() -> Case:
    c = with_run("keys")
    for key in (
        "a/b",
        "a.b",
        "a b",
        "a:b",
        "/a",
        "a/",
        "a//b",
        "./a",
        "..",
        ".",
        "a#",
        "é",
        "a\n",
        "a\nb",
        "\u0000",
        "a%",
        "'a'",
        "(a)",
        "日本",
    ):
        _batch(c, f"metric {key!r}", metrics=[{**POINT, "key": key}])
        _batch(c, f"param {key!r}", params=[{"key": key, "value": "v"}])
        _batch(c, f"tag {key!r}", tags=[{"key": key, "value": "v"}])
    return get_run(c)


def _model_metrics() -> Case:
    c = add_model(with_run("model-metrics"))
    on_model = {**POINT, "model_id": "${model}", "dataset_name": "d", "dataset_digest": "x"}
    _batch(c, "on a model", metrics=[on_model, {**on_model, "key": "n", "step": 4}, POINT])
    get_run(c)
    c.get("logged-models/${model}")
    c.get("metrics/get-history", {"run_id": "${run}", "metric_key": "n"})
    _batch(c, "no such model", metrics=[{**POINT, "model_id": "m-none"}])
    _batch(c, "empty model", metrics=[{**POINT, "model_id": ""}])
    return get_run(c)
