"""runs/log-inputs and runs/outputs: datasets and logged models tied to a run."""

from __future__ import annotations

import json

from ..dsl import Case
from .common import NO_MODEL, NO_RUN, add_model, add_run, get_run, shape_probes, with_run

DATASET = {"name": "iris", "digest": "d1", "source_type": "local", "source": "file"}
INPUTS = "runs/log-inputs"
OUTPUTS = "runs/outputs"


def cases() -> list[Case]:
    return [
        _datasets(),
        _dataset_fields(),
        _tags(),
        _shapes(),
        _limits(),
        _shared(),
        _models(),
        _outputs(),
    ]


def _log(c: Case, note: str, *entries: object) -> Case:
    return c.post(INPUTS, {"run_id": "${run}", "datasets": list(entries)}, note)


def _entry(*tags: tuple[str, str], **fields: object) -> dict[str, object]:
    return {"tags": [{"key": k, "value": v} for k, v in tags], "dataset": {**DATASET, **fields}}


def _datasets() -> Case:
    c = with_run("datasets")
    full = _entry(("mlflow.data.context", "train"), schema='{"a":1}', profile='{"b":2}')
    _log(c, "full", full)
    get_run(c)
    _log(c, "the same again", full)
    _log(c, "same, other tags", _entry(("mlflow.data.context", "eval")))
    _log(c, "other digest", _entry(digest="d2"))
    _log(c, "twice in one", _entry(("a", "1"), digest="d3"), _entry(("a", "2"), digest="d3"))
    _log(c, "same digest, other source", _entry(source="other"))
    _log(c, "none")
    c.post(INPUTS, {"run_id": "${run}"}, "no datasets")
    c.post("runs/search", {"experiment_ids": ["${exp}"]})
    return get_run(c)


def _dataset_fields() -> Case:
    c = with_run("dataset-fields")
    for field in ("name", "digest", "source_type", "source", "schema", "profile"):
        good = {**DATASET, "schema": "s", "profile": "p"}
        _log(c, f"without {field}", {"dataset": {k: v for k, v in good.items() if k != field}})
        for number, value in enumerate((None, "", 5, True, [], {}, "ünï 日本")):
            digest = {} if field == "digest" else {"digest": f"{field[:9]}{number}"}
            _log(c, f"{field}={json.dumps(value)}", {"dataset": {**good, **digest, field: value}})
    for entry in (
        {},
        {"tags": []},
        {"dataset": None},
        {"dataset": {}},
        {"dataset": "x"},
        "x",
        None,
        5,
        [],
    ):
        _log(c, f"entry {json.dumps(entry)}", entry)
    return get_run(c)


def _tags() -> Case:
    c = with_run("tags")
    lists = {
        "many": [(f"k{i}", "v") for i in range(30)],
        "same twice": [("a", "1"), ("a", "1")],
        "two values": [("a", "1"), ("a", "2")],
        "key 255": [("k" * 255, "v")],
        "key 256": [("k" * 256, "v")],
        "value 500": [("a", "v" * 500)],
        "value 501": [("a", "v" * 501)],
        "odd key": [("../#", "v")],
        "empty": [("", "")],
    }
    for number, (note, tags) in enumerate(lists.items()):
        _log(c, note, _entry(*tags, digest=f"t{number}"))
    for tag in ({"key": "a"}, {"value": "a"}, {}, {"key": 5, "value": "v"}, None):
        _log(
            c,
            f"tag {json.dumps(tag)}",
            {"tags": [tag], "dataset": {**DATASET, "digest": json.dumps(tag)}},
        )
    return get_run(c)


def _shapes() -> Case:
    c = add_model(with_run("shapes"))
    good = {"run_id": "${run}", "datasets": [_entry()], "models": [{"model_id": "${model}"}]}
    shape_probes(c, "POST", INPUTS, good)
    shape_probes(
        c, "POST", OUTPUTS, {"run_id": "${run}", "models": [{"model_id": "${model}", "step": 1}]}
    )
    for path in (INPUTS, OUTPUTS):
        body = {"datasets": [_entry()], "models": [{"model_id": "${model}", "step": 1}]}
        c.post(path, {"run_id": NO_RUN, **body}, f"{path} no run")
        c.post(path, {"run_uuid": "${run}", **body}, f"{path} by run_uuid")
        c.post(path, {"run_id": "a b", **body}, f"{path} impossible run")
    return get_run(c)


def _limits() -> Case:
    c = with_run("limits")
    for field, limit in (
        ("name", 500),
        ("digest", 36),
        ("source_type", 36),
        ("source", 65535),
        ("schema", 1048575),
    ):
        for extra in (0, 1):
            unique = {} if field == "digest" else {"digest": f"{field}{extra}"}
            _log(
                c, f"{field} of {limit + extra}", _entry(**{**unique, field: "x" * (limit + extra)})
            )
    _log(c, "1001 datasets", *[_entry(digest=f"m{i}") for i in range(1001)])
    return get_run(c)


def _shared() -> Case:
    c = add_run(with_run("shared"), "other")
    _log(c, "first run", _entry(("mlflow.data.context", "train"), schema="s1"))
    c.post(
        INPUTS,
        {"run_id": "${other}", "datasets": [_entry(("mlflow.data.context", "eval"), schema="s2")]},
        "second run",
    )
    get_run(get_run(c), "other")
    return c.post(
        "/ajax-api/2.0/mlflow/experiments/search-datasets", {"experiment_ids": ["${exp}"]}
    )


def _models() -> Case:
    c = add_model(with_run("models"))
    for models in (
        [{"model_id": "${model}"}],
        [{"model_id": "${model}"}],
        [{"model_id": NO_MODEL}],
        [{}],
        [],
        [{"model_id": ""}],
        [{"model_id": 5}],
        [None],
        ["x"],
    ):
        c.post(INPUTS, {"run_id": "${run}", "models": models}, f"models {json.dumps(models)}")
    get_run(c)
    return c.post("runs/search", {"experiment_ids": ["${exp}"]})


def _outputs() -> Case:
    c = add_model(with_run("outputs"))
    for models in (
        [{"model_id": "${model}", "step": 1}],
        [{"model_id": "${model}", "step": 1}],
        [{"model_id": "${model}", "step": "7"}],
        [{"model_id": "${model}"}],
        [{"model_id": NO_MODEL, "step": 0}],
        [{"step": 1}],
        [{}],
        [],
        [{"model_id": "${model}", "step": -1}],
        [{"model_id": "${model}", "step": 1.5}],
        [{"model_id": 5, "step": 1}],
        [None],
        ["x"],
        [{"model_id": "${model}", "step": 2**40}],
    ):
        c.post(OUTPUTS, {"run_id": "${run}", "models": models}, f"models {json.dumps(models)}")
    get_run(c)
    c.post("runs/search", {"experiment_ids": ["${exp}"]})
    c.delete("logged-models/${model}")
    return get_run(c)
