"""runs/log-model, which 2.x clients use to note a model in a tag of the run."""

from __future__ import annotations

import json

from ..dsl import Case
from .common import NO_RUN, get_run, shape_probes, with_run

MODEL = {
    "artifact_path": "model",
    "flavors": {"python_function": {"loader_module": "x", "model_path": "m.pkl"}},
    "utc_time_created": "2024-01-02 03:04:05.678901",
    "run_id": "${run}",
    "model_uuid": "abc",
    "mlflow_version": "2.22.0",
    "signature": None,
}
PATH = "runs/log-model"


def cases() -> list[Case]:
    return [_valid(), _shapes(), _missing()]


def _log(c: Case, model: object, note: str) -> Case:
    return c.post(PATH, {"run_id": "${run}", "model_json": json.dumps(model)}, note)


def _valid() -> Case:
    c = with_run("valid")
    _log(c, MODEL, "first")
    get_run(c)
    _log(c, {**MODEL, "artifact_path": "second"}, "second")
    _log(c, MODEL, "first again")
    _log(c, {**MODEL, "metadata": {"a": 1}, "model_size_bytes": 5}, "more fields")
    return get_run(c)


def _shapes() -> Case:
    c = with_run("shapes")
    shape_probes(
        c, "POST", PATH, {"run_id": "${run}", "model_json": json.dumps(MODEL)}, ("run_id",)
    )
    for value in (None, "", 5, True, [], {}, "x", "{", "5", "[]", "null", '"x"', "{}"):
        c.post(PATH, {"run_id": "${run}", "model_json": value}, f"model_json={value!r}")
    c.post(PATH, {"run_id": NO_RUN, "model_json": json.dumps(MODEL)}, "no run")
    c.post(PATH, {"run_uuid": "${run}", "model_json": json.dumps(MODEL)}, "by run_uuid")
    return get_run(c)


def _missing() -> Case:
    c = with_run("missing")
    for field in (
        "artifact_path",
        "flavors",
        "utc_time_created",
        "run_id",
        "model_uuid",
        "signature",
    ):
        _log(c, {k: v for k, v in MODEL.items() if k != field}, f"without {field}")
    _log(c, {}, "empty")
    _log(c, {"flavors": {}}, "only flavors")
    _log(c, {**MODEL, "flavors": 5}, "flavors a number")
    _log(c, {**MODEL, "utc_time_created": 5}, "time a number")
    return get_run(c)
