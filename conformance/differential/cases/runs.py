"""Runs: create, get, update, delete, restore."""

from __future__ import annotations

import json

from ..dsl import Case
from .common import NO_EXPERIMENT, NO_RUN, WRONG, add_run, get_run, query_probes
from .common import shape_probes, with_experiment, with_run

# fmt: off
STATUSES = (
    "RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED", "running", "BOGUS", "", 1, 2, 3, 4, 5,
    0, 6, -1, "3", 1.0, 2.5, True, None, [], {},
)
# fmt: on


def cases() -> list[Case]:
    return [
        _create(),
        _create_shapes(),
        _names(),
        _create_tags(),
        _get(),
        _status(),
        _update(),
        _update_shapes(),
        _times(),
        _delete_restore(),
        _deleted_writes(),
        _id_shapes(),
    ]


def _create() -> Case:
    c = with_experiment("create")
    full = {
        "experiment_id": "${exp}",
        "user_id": "ann",
        "run_name": "first",
        "start_time": 1234567890123,
        "tags": [{"key": "mlflow.user", "value": "bob"}, {"key": "t", "value": ""}],
    }
    c.post("runs/create", full, "all fields").bind("run", "run.info.run_id")
    get_run(c)
    c.post("runs/create", {"experiment_id": "${exp}"}, "only experiment").bind(
        "a", "run.info.run_id"
    )
    get_run(c, "a")
    c.post("runs/create", {"experiment_id": NO_EXPERIMENT}, "no such experiment")
    c.post("runs/create", {"experiment_id": "${exp}", "run_name": "first"}, "same name again")
    return c.get("experiments/get", {"experiment_id": "${exp}"})


def _create_shapes() -> Case:
    c = with_experiment("create-shapes")
    good = {"experiment_id": "${exp}", "run_name": "r", "start_time": 5, "user_id": "u"}
    for field in ("start_time", "run_name", "user_id"):
        c.post("runs/create", {k: v for k, v in good.items() if k != field}, f"without {field}")
        for value in WRONG:
            c.post("runs/create", {**good, field: value}, f"{field}={json.dumps(value)}")
    for value in (None, 1, 1.5, True, [], {}, "x", "1.5", ["1"]):
        c.post("runs/create", {**good, "experiment_id": value}, f"experiment_id={value!r}")
    for value in (
        None,
        "x",
        {},
        ["x"],
        [None],
        [{}],
        [{"key": "a"}],
        [{"value": "a"}],
        [{"key": 1, "value": "v"}],
        [{"key": "k", "value": 2}],
    ):
        c.post("runs/create", {**good, "tags": value}, f"tags={value!r}")
    return c


def _names() -> Case:
    c = with_experiment("names")
    tag = {"key": "mlflow.runName", "value": "from tag"}
    c.post("runs/create", {"experiment_id": "${exp}", "tags": [tag]}, "name from tag")
    c.post(
        "runs/create", {"experiment_id": "${exp}", "tags": [tag], "run_name": ""}, "empty and tag"
    )
    c.post(
        "runs/create", {"experiment_id": "${exp}", "tags": [tag], "run_name": "from tag"}, "equal"
    )
    c.post(
        "runs/create", {"experiment_id": "${exp}", "tags": [tag], "run_name": "other"}, "unequal"
    )
    c.post("runs/create", {"experiment_id": "${exp}", "tags": [{**tag, "value": ""}]}, "empty tag")
    c.post(
        "runs/create", {"experiment_id": "${exp}", "tags": [tag, {**tag, "value": "2"}]}, "two tags"
    )
    for name in (
        " ",
        "ünï 日本 🚀",
        "a/b",
        "../x",
        "n" * 250,
        "n" * 251,
        "n" * 8001,
        "tab\tnl\n",
        "nul\u0000x",
    ):
        c.post(
            "runs/create",
            {"experiment_id": "${exp}", "run_name": name},
            f"{name[:9]!r} {len(name)}",
        )
        c.bind("r", "run.info.run_id")
        get_run(c, "r")
    add_run(c)
    for name in ("renamed", "", "ünï", "n" * 251, "n" * 9000):
        c.post(
            "runs/update",
            {"run_id": "${run}", "run_name": name},
            f"rename {name[:9]!r} {len(name)}",
        )
        get_run(c)
        c.post(
            "runs/set-tag",
            {"run_id": "${run}", "key": "mlflow.runName", "value": "tag" + name},
            f"rename by tag {name[:9]!r}",
        )
        get_run(c)
    c.post(
        "runs/set-tag", {"run_id": "${run}", "key": "mlflow.runName", "value": ""}, "empty name tag"
    )
    c.post("runs/delete-tag", {"run_id": "${run}", "key": "mlflow.runName"}, "drop name tag")
    get_run(c)
    c.post("runs/update", {"run_id": "${run}", "run_name": "back"}, "rename without tag")
    return get_run(c)


def _create_tags() -> Case:
    c = with_experiment("create-tags")
    lists = {
        "none": [],
        "same twice": [("a", "1"), ("a", "1")],
        "other value": [("a", "1"), ("a", "2")],
        "bad key": [("../a", "1")],
        "long key": [("k" * 251, "1")],
        "long value": [("a", "v" * 8001)],
        "long": [("a", "v" * 20000)],
        "many": [(f"k{i}", str(i)) for i in range(150)],
        "empty key": [("", "v")],
        "unicode": [("ключ", "знач")],
        "nul": [("a", "\u0000")],
    }
    for note, pairs in lists.items():
        tags = [{"key": key, "value": value} for key, value in pairs]
        c.post("runs/create", {"experiment_id": "${exp}", "run_name": "r", "tags": tags}, note)
    return c


def _get() -> Case:
    c = with_run("get")
    query_probes(c, "runs/get", {"run_id": "${run}"})
    c.get("runs/get", {"run_uuid": "${run}"}, "by run_uuid")
    c.get("runs/get", {"run_uuid": "${run}", "run_id": NO_RUN}, "run_id wins?")
    c.get("runs/get", {"run_uuid": NO_RUN, "run_id": "${run}"}, "run_uuid wins?")
    c.get("runs/get", {"run_uuid": "${run}", "run_id": ""}, "empty run_id")
    for run in (NO_RUN, "x", "a/b", "ü", "a" * 300, "..", "%00", "'; drop table runs"):
        c.get("runs/get", {"run_id": run}, f"get {run[:20]!r}")
    return c


def _status() -> Case:
    c = with_run("status")
    for status in STATUSES:
        c.post("runs/update", {"run_id": "${run}", "status": status}, f"status {status!r}")
        get_run(c)
    return c


def _update() -> Case:
    c = with_run("update")
    c.post("runs/update", {"run_id": "${run}"}, "nothing to do")
    c.post(
        "runs/update", {"run_uuid": "${run}", "status": "FINISHED", "end_time": 99}, "by run_uuid"
    )
    c.post("runs/update", {"run_id": "${run}", "status": "RUNNING"}, "back to running")
    get_run(c)
    c.post("runs/update", {"run_id": NO_RUN, "status": "FINISHED"}, "no run")
    c.post("runs/update", {"run_id": NO_RUN, "run_uuid": "${run}", "status": "FAILED"}, "both ids")
    return get_run(c)


def _update_shapes() -> Case:
    c = with_run("update-shapes")
    good = {"run_id": "${run}", "status": "FINISHED", "end_time": 7, "run_name": "n"}
    shape_probes(c, "POST", "runs/update", good)
    return get_run(c)


def _times() -> Case:
    c = with_experiment("times")
    for value in (
        0,
        -1,
        1,
        2**31,
        2**53 + 1,
        2**63 - 1,
        2**63,
        -(2**63),
        "12",
        "-3",
        "1.0",
        "0x10",
        " 5",
        1e3,
        1.5,
        1e20,
    ):
        c.post(
            "runs/create",
            {"experiment_id": "${exp}", "run_name": "r", "start_time": value},
            f"start {value!r}",
        ).bind("run", "run.info.run_id")
        c.post(
            "runs/update",
            {"run_id": "${run}", "end_time": value, "status": "FINISHED"},
            f"end {value!r}",
        )
        get_run(c)
    return c


def _delete_restore() -> Case:
    c = with_run("delete-restore")
    for path in ("restore", "delete", "delete", "restore"):
        c.post(f"runs/{path}", {"run_id": "${run}"})
        get_run(c)
    for path in ("delete", "restore"):
        c.post(f"runs/{path}", {"run_id": NO_RUN}, f"{path} no run")
        c.post(f"runs/{path}", {"run_uuid": "${run}"}, f"{path} by run_uuid")
        shape_probes(c, "POST", f"runs/{path}", {"run_id": NO_RUN})
    return get_run(c)


def _deleted_writes() -> Case:
    c = with_run("deleted-writes")
    c.post("runs/set-tag", {"run_id": "${run}", "key": "k", "value": "v"})
    c.post("runs/delete", {"run_id": "${run}"})
    run = {"run_id": "${run}"}
    point = {"key": "m", "value": 1, "timestamp": 1}
    c.post("runs/log-metric", {**run, **point})
    c.post("runs/log-parameter", {**run, "key": "p", "value": "v"})
    c.post("runs/set-tag", {**run, "key": "t", "value": "v"})
    c.post("runs/set-tag", {**run, "key": "mlflow.runName", "value": "v"}, "name tag")
    c.post("runs/delete-tag", {**run, "key": "k"})
    c.post("runs/delete-tag", {**run, "key": "none"}, "delete missing tag")
    c.post("runs/update", {**run, "status": "FINISHED"})
    c.post("runs/log-batch", {**run}, "empty batch")
    c.post("runs/log-batch", {**run, "metrics": [point]}, "metrics")
    c.post("runs/log-batch", {**run, "metrics": [{**point, "key": "../x"}]}, "invalid metric")
    c.post("runs/log-inputs", {**run, "datasets": []}, "no inputs")
    c.post("runs/outputs", {**run, "models": [{"model_id": "m", "step": 0}]}, "outputs")
    c.post("runs/log-model", {**run, "model_json": "{}"}, "log model")
    c.get("metrics/get-history", {**run, "metric_key": "m"})
    c.get("artifacts/list", run)
    return get_run(c)


def _id_shapes() -> Case:
    c = with_run("id-shapes")
    for run in ("x", "a b", "ü", "a/b", "r" * 256, "r" * 257, "-a", "_a", "..", " ", "a\n"):
        note = f"{run[:9]!r} {len(run)}"
        c.post("runs/set-tag", {"run_id": run, "key": "k", "value": "v"}, f"set-tag {note}")
        c.post("runs/log-batch", {"run_id": run}, f"log-batch {note}")
        c.post("runs/log-inputs", {"run_id": run}, f"log-inputs {note}")
        c.post("runs/delete", {"run_id": run}, f"delete {note}")
    return c
