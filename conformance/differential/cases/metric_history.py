"""Metric history: get-history, get-history-bulk and get-history-bulk-interval."""

from __future__ import annotations

from typing import Any

from ..dsl import Case
from .common import NO_RUN, add_model, add_run, query_probes, with_experiment

AJAX = "/ajax-api/2.0/mlflow/"
BULK = AJAX + "metrics/get-history-bulk"
INTERVAL = AJAX + "metrics/get-history-bulk-interval"


def cases() -> list[Case]:
    return [
        _history(),
        _paging(),
        _ties(),
        _bulk(),
        _interval(),
        _sampling(),
        _same_step(),
        _extra(),
    ]


def _two_runs(name: str) -> Case:
    """Two runs whose ids sort either way: the bulk form orders by run id, so use one at a time."""
    c = add_run(add_run(with_experiment(name), "a"), "b")
    for run, count in (("a", 25), ("b", 7)):
        points = [
            {"key": "m", "value": (i * 7) % 11, "timestamp": 100 + (i * 5) % 13, "step": i - 3}
            for i in range(count)
        ]
        c.post("runs/log-batch", {"run_id": "${%s}" % run, "metrics": points}, f"points of {run}")
    return c


def _history() -> Case:
    c = _two_runs("history")
    good = {"run_id": "${a}", "metric_key": "m"}
    path = "metrics/get-history"
    c.get(path, good)
    query_probes(c, path, good)
    c.get(path, {"run_uuid": "${a}", "metric_key": "m"}, "by run_uuid")
    c.get(path, {**good, "metric_key": "none"}, "no such metric")
    c.get(path, {**good, "metric_key": "../x"}, "impossible metric")
    c.get(path, {**good, "run_id": NO_RUN}, "no such run")
    for value in ("0", "-1", "1", "25", "26", "1000000", "x", "", "1.5", "99999999999"):
        c.get(path, {**good, "max_results": value}, f"max_results {value!r}")
    return c


def _paging() -> Case:
    c = _two_runs("paging")
    for size in (1, 4, 5, 25):
        c.get(
            "metrics/get-history",
            {"run_id": "${a}", "metric_key": "m", "max_results": size},
            f"pages of {size}",
        ).pages()
    for token in (
        "x",
        "eyJvZmZzZXQiOiAyfQ==",
        "eyJvZmZzZXQiOiAxMDAwfQ==",
        "e30=",
        "W10=",
        "bnVsbA==",
    ):
        c.get(
            "metrics/get-history",
            {"run_id": "${a}", "metric_key": "m", "max_results": 3, "page_token": token},
            f"token {token}",
        )
        if token in ("W10=", "bnVsbA=="):
            c.loose("a page token that is no object is a crash, not a message")
    return c


def _ties() -> Case:
    c = add_run(with_experiment("ties"))
    points = [
        ("NaN", 1, 1),
        (3, 1, 1),
        (-1, 1, 1),
        ("Infinity", 1, 1),
        (3, 1, 0),
        (3, 0, 9),
        (2, 2, -1),
    ]
    for value, time, step in points:
        c.post(
            "runs/log-metric",
            {"run_id": "${run}", "key": "m", "value": value, "timestamp": time, "step": step},
            f"point {value} {time} {step}",
        )
    c.get("metrics/get-history", {"run_id": "${run}", "metric_key": "m"})
    c.get(BULK, {"run_id": "${run}", "metric_key": "m"})
    return c.get(INTERVAL, {"run_ids": "${run}", "metric_key": "m"})


def _bulk() -> Case:
    c = _two_runs("bulk")
    good = {"run_id": "${a}", "metric_key": "m"}
    c.get(BULK, good)
    query_probes(c, BULK, good)
    c.get(BULK, {**good, "run_id": ["${a}", "${a}"]}, "same run twice")
    c.get(BULK, {**good, "run_id": ["${a}", NO_RUN]}, "one unknown run")
    c.get(BULK, {**good, "run_id": NO_RUN}, "unknown run")
    c.get(BULK, {**good, "metric_key": "none"}, "unknown metric")
    c.get(BULK, {"run_ids": "${a}", "metric_key": "m"}, "other spelling")
    for value in ("0", "1", "5", "-1", "30000", "x", "1.5", ""):
        c.get(BULK, {**good, "max_results": value}, f"max_results {value!r}")
    for count in (100, 101):
        ids = ["${b}"] + [f"{i:032d}" for i in range(count - 1)]
        c.get(BULK, {"run_id": ids, "metric_key": "m"}, f"{count} runs")
    c.get("metrics/get-history-bulk", good, "not below /api")
    return c


def _interval() -> Case:
    c = _two_runs("interval")
    good: dict[str, Any] = {"run_ids": "${a}", "metric_key": "m", "max_results": 320}
    c.get(INTERVAL, good)
    query_probes(c, INTERVAL, good)
    c.get(INTERVAL, {**good, "run_ids": ["${b}", "${a}"]}, "in the order asked for")
    c.get(INTERVAL, {**good, "run_ids": ["${a}", NO_RUN]}, "one unknown run")
    c.get(INTERVAL, {**good, "metric_key": "none"}, "unknown metric")
    c.get(INTERVAL, {"run_id": "${a}", "metric_key": "m"}, "other spelling")
    for value in ("0", "1", "2", "3", "10", "2500", "2501", "-1", "x", "1.5", ""):
        c.get(INTERVAL, {**good, "max_results": value}, f"max_results {value!r}")
    for start, end in (
        ("0", "5"),
        ("5", "0"),
        ("3", "3"),
        ("-3", "0"),
        ("100", "200"),
        ("x", "5"),
        ("1.5", "3"),
        ("", ""),
    ):
        c.get(INTERVAL, {**good, "start_step": start, "end_step": end}, f"steps {start!r} {end!r}")
    c.get(INTERVAL, {**good, "start_step": "0"}, "only start")
    c.get(INTERVAL, {**good, "end_step": "5"}, "only end")
    for count in (100, 101):
        c.get(INTERVAL, {"run_ids": ["${b}"] * count, "metric_key": "m"}, f"{count} runs")
    return c.get("metrics/get-history-bulk-interval", good, "below /api")


def _sampling() -> Case:
    c = add_run(with_experiment("sampling"))
    points = [{"key": "m", "value": i * i % 17, "timestamp": i, "step": i} for i in range(937)]
    c.post("runs/log-batch", {"run_id": "${run}", "metrics": points}, "937 points")
    for size in (1, 2, 3, 5, 7, 10, 100, 320, 468, 469, 500, 936, 937, 938):
        c.get(INTERVAL, {"run_ids": "${run}", "metric_key": "m", "max_results": size}, f"of {size}")
        c.get(
            INTERVAL,
            {
                "run_ids": "${run}",
                "metric_key": "m",
                "max_results": size,
                "start_step": 100,
                "end_step": 200,
            },
            f"of {size} in 100..200",
        )
    return c


def _same_step() -> Case:
    c = add_run(with_experiment("same-step"))
    points = [{"key": "m", "value": i % 13, "timestamp": i % 7, "step": i % 3} for i in range(300)]
    c.post("runs/log-batch", {"run_id": "${run}", "metrics": points}, "300 points")
    for size in (1, 2, 9, 50, 91, 300):
        c.get(INTERVAL, {"run_ids": "${run}", "metric_key": "m", "max_results": size}, f"of {size}")
    c.get(BULK, {"run_id": "${run}", "metric_key": "m", "max_results": 50})
    return c.get("metrics/get-history", {"run_id": "${run}", "metric_key": "m"})


def _extra() -> Case:
    c = add_model(add_run(with_experiment("extra")))
    point = {
        "key": "m",
        "value": 1,
        "timestamp": 1,
        "model_id": "${model}",
        "dataset_name": "d",
        "dataset_digest": "g",
    }
    c.post("runs/log-batch", {"run_id": "${run}", "metrics": [point]})
    c.get("metrics/get-history", {"run_id": "${run}", "metric_key": "m"})
    c.get(BULK, {"run_id": "${run}", "metric_key": "m"})
    c.get(INTERVAL, {"run_ids": "${run}", "metric_key": "m"})
    c.post("runs/delete", {"run_id": "${run}"})
    c.get("metrics/get-history", {"run_id": "${run}", "metric_key": "m"}, "of a deleted run")
    c.get(BULK, {"run_id": "${run}", "metric_key": "m"}, "bulk of a deleted run")
    return c.get(INTERVAL, {"run_ids": "${run}", "metric_key": "m"}, "interval of a deleted run")
