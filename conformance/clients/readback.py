"""What one experiment looks like through the client, without what must differ between servers.

Two servers which were sent the same by the same script have equal read-backs: ids are renamed,
generated names and times are left out, everything else is kept, up to what the models predict.
"""

from __future__ import annotations

import contextlib
import json
import pathlib
import re
from typing import Any, Iterator

import mlflow
import pandas
import yaml
from mlflow import MlflowClient
from mlflow.entities import Run

MADE_UP_ID = re.compile(r"(m-)?[0-9a-f]{32}")
MADE_UP_NAME = re.compile(r"[a-z]+-[a-z]+-\d{1,4}")
MEASURED_TIME = re.compile(r"(mean|std)_(fit|score)_time")
MODEL_FIELDS_MADE_UP = {
    "run_id", "model_id", "model_uuid", "utc_time_created", "artifact_path", "model_size_bytes"
}  # fmt: skip
SET_OF_TYPES = "skops_trusted_types"
LOG_MODEL_HISTORY = "mlflow.log-model.history"

Told = dict[str, Any]


@contextlib.contextmanager
def tracking(url: str) -> Iterator[MlflowClient]:
    """The client library speaks to this server for a while."""
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(url)
    try:
        yield MlflowClient()
    finally:
        mlflow.set_tracking_uri(before)


def of_experiment(url: str, name: str, example: pandas.DataFrame) -> list[Told]:
    """All runs of the experiment; each of their models is loaded and given the example."""
    with tracking(url) as client:
        experiment = client.get_experiment_by_name(name).experiment_id
        runs = [_run(client, run, example) for run in client.search_runs([experiment])]
    return sorted(runs, key=lambda run: json.dumps(run, sort_keys=True))


def of_registry(url: str, name: str, example: pandas.DataFrame) -> Told:
    """A registered model with its versions; each of them is loaded, by its aliases as well."""
    with tracking(url) as client:
        model = client.get_registered_model(name)
        versions = client.search_model_versions(f"name = '{name}'")
        return {
            "description": model.description,
            "tags": model.tags,
            "aliases": {alias: int(model.aliases[alias]) for alias in model.aliases},
            "latest": [
                (found.current_stage, int(found.version)) for found in model.latest_versions
            ],
            "versions": [
                _version(client.get_model_version(name, found.version), example)
                for found in sorted(versions, key=lambda found: int(found.version))
            ],
            "by alias": {
                alias: _model(f"models:/{name}@{alias}", example)["predicted"]
                for alias in model.aliases
            },
        }


def differences(left: list[Told], right: list[Told]) -> dict[str, tuple[Any, Any]]:
    """Where two read-backs are not the same, and what each has there."""
    one, other = dict(_leaves(left, "")), dict(_leaves(right, ""))
    places = sorted(one.keys() | other.keys())
    pairs = {place: (one.get(place, "<none>"), other.get(place, "<none>")) for place in places}
    return {place: pair for place, pair in pairs.items() if pair[0] != pair[1]}


def _leaves(value: Any, place: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, (dict, list, tuple)) and value:
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _leaves(item, f"{place}/{key}")
    else:
        yield place, value


def _run(client: MlflowClient, run: Run, example: pandas.DataFrame) -> Told:
    run = client.get_run(run.info.run_id)
    told: Told = {
        "name": _name(run.info.run_name),
        "status": run.info.status,
        "nested": "mlflow.parentRunId" in run.data.tags,
        "params": run.data.params,
        "metrics": {key: _value(key, run.data.metrics[key]) for key in run.data.metrics},
        "histories": {key: _history(client, run, key) for key in run.data.metrics},
        "tags": {key: _text(value) for key, value in run.data.tags.items()},
        "artifacts": _tree(client, run.info.run_id),
        "datasets": [_dataset(used) for used in run.inputs.dataset_inputs],
    }
    if LOG_MODEL_HISTORY in run.data.tags:
        logged = json.loads(told["tags"].pop(LOG_MODEL_HISTORY))
        paths = [entry["artifact_path"] for entry in logged]
    else:
        paths = []
    if hasattr(run, "outputs"):
        outputs = [_logged_model(client, output, example) for output in run.outputs.model_outputs]
        told["models"] = sorted(outputs, key=lambda model: model["name"])
    else:
        told["models"] = [_model(f"runs:/{run.info.run_id}/{path}", example) for path in paths]
    return told


def _history(client: MlflowClient, run: Run, key: str) -> list[tuple[int, float]]:
    points = client.get_metric_history(run.info.run_id, key)
    return sorted((point.step, _value(key, point.value)) for point in points)


def _tree(client: MlflowClient, run_id: str, path: str | None = None) -> list[str]:
    found = []
    for file in client.list_artifacts(run_id, path):
        if file.is_dir:
            found += _tree(client, run_id, file.path)
        else:
            found.append(_text(file.path))
    return found


def _dataset(used: Any) -> Told:
    return {
        **{key: _text(str(value)) for key, value in dict(used.dataset).items()},
        "tags": {tag.key: tag.value for tag in used.tags},
    }


def _logged_model(client: MlflowClient, output: Any, example: pandas.DataFrame) -> Told:
    model = client.get_logged_model(output.model_id)
    metrics = [
        (metric.key, _value(metric.key, metric.value), metric.step, metric.dataset_name)
        for metric in model.metrics or []
    ]
    return {
        **_model(f"models:/{model.model_id}", example),
        "name": model.name,
        "step": output.step,
        "type": model.model_type,
        "status": str(model.status),
        "params": model.params,
        "metrics": sorted(metrics, key=str),
        "tags": {key: _text(value) for key, value in model.tags.items()},
    }


def _model(uri: str, example: pandas.DataFrame) -> Told:
    directory = pathlib.Path(mlflow.artifacts.download_artifacts(uri))
    described = yaml.safe_load((directory / "MLmodel").read_text())
    for flavor in described["flavors"].values():
        if flavor.get(SET_OF_TYPES):
            flavor[SET_OF_TYPES].sort()
    predicted = mlflow.pyfunc.load_model(str(directory)).predict(example)
    return {
        "files": sorted(str(file.relative_to(directory)) for file in directory.rglob("*")),
        "MLmodel": {key: described[key] for key in described if key not in MODEL_FIELDS_MADE_UP},
        "predicted": [float(value) for value in predicted],
    }


def _version(found: Any, example: pandas.DataFrame) -> Told:
    return {
        **_model(f"models:/{found.name}/{found.version}", example),
        "version": int(found.version),
        "of a run": bool(found.run_id),
        "source": _text(found.source).split("/")[0],
        "description": found.description,
        "stage": found.current_stage,
        "status": found.status,
        "tags": found.tags,
        "aliases": found.aliases,
    }


def _value(key: str, value: float) -> float:
    """The duration of a fit is different each time."""
    return 0.0 if MEASURED_TIME.fullmatch(key) else value


def _name(name: str) -> str:
    return "<made up>" if MADE_UP_NAME.fullmatch(name) else name


def _text(value: str) -> str:
    return _name(MADE_UP_ID.sub(lambda match: f"<{match.group(1) or ''}id>", value))
