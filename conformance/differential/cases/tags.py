"""runs/set-tag and runs/delete-tag."""

from __future__ import annotations

from ..dsl import Case
from .common import NO_RUN, get_run, shape_probes, with_run
from .metrics import KEYS

# fmt: off
VALUES = (
    "", "v", "ünï 日本 🚀", "x" * 5000, "x" * 8000, "x" * 8001, "🚀" * 8001, "x" * 100_000,
    "line\nfeed", "nul\u0000x", "<b>",
)
# fmt: on


def cases() -> list[Case]:
    return [_shapes(), _keys(), _values(), _delete(), _system()]


def _set(c: Case, note: str, **fields: object) -> Case:
    return c.post("runs/set-tag", {"run_id": "${run}", "key": "t", "value": "v", **fields}, note)


def _shapes() -> Case:
    c = with_run("shapes")
    good = {"run_id": "${run}", "key": "s", "value": "v"}
    shape_probes(c, "POST", "runs/set-tag", good)
    shape_probes(c, "POST", "runs/delete-tag", good, ("run_id", "key"))
    for path in ("runs/set-tag", "runs/delete-tag"):
        c.post(path, {**good, "run_id": NO_RUN}, f"{path} no run")
        c.post(path, {**good, "run_id": NO_RUN, "key": "../x"}, f"{path} no run and bad key")
        c.post(path, {"run_uuid": "${run}", "key": "s", "value": "v"}, f"{path} by run_uuid")
    return get_run(c)


def _keys() -> Case:
    c = with_run("keys")
    for key in KEYS:
        _set(c, f"key {key[:9]!r} {len(key)}", key=key)
    get_run(c)
    for key in KEYS:
        body = {"run_id": "${run}", "key": key}
        c.post("runs/delete-tag", body, f"delete {key[:9]!r} {len(key)}")
    return get_run(c)


def _values() -> Case:
    c = with_run("values")
    for value in VALUES:
        _set(c, f"value {value[:9]!r} {len(value)}", value=value)
        get_run(c)
    return c


def _delete() -> Case:
    c = with_run("delete")
    _set(c, "set")
    for note in ("delete", "delete again"):
        c.post("runs/delete-tag", {"run_id": "${run}", "key": "t"}, note)
    c.post("runs/delete-tag", {"run_id": "${run}", "key": "T"}, "never there")
    return get_run(c)


def _system() -> Case:
    c = with_run("system")
    for key in (
        "mlflow.user",
        "mlflow.source.name",
        "mlflow.source.type",
        "mlflow.parentRunId",
        "mlflow.note.content",
        "mlflow.log-model.history",
        "mlflow.runName",
        "mlflow.x",
    ):
        _set(c, f"set {key}", key=key, value="1")
    return get_run(c)
