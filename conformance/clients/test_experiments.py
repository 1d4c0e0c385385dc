"""Experiments: their life, their tags, and who wins when many create the same one."""

from __future__ import annotations

import contextlib
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Callable

import mlflow
import pytest
from mlflow import MlflowClient
from mlflow.entities import ViewType
from mlflow.exceptions import MlflowException

from .expect import error, mlflow_3

Unique = Callable[..., str]


def test_create_and_read_back(client: MlflowClient, unique: Unique) -> None:
    name, before = unique("größe/日本"), time.time() * 1000 - 60_000
    created = client.create_experiment(name, tags={"team": "a", "mlflow.note.content": "Ziel: ü"})
    found = client.get_experiment(created)
    assert (found.name, found.lifecycle_stage) == (name, "active")
    assert found.tags == {"team": "a", "mlflow.note.content": "Ziel: ü"}
    assert found.artifact_location == f"mlflow-artifacts:/{created}"
    assert before < found.creation_time <= found.last_update_time
    assert dict(client.get_experiment_by_name(name)) == dict(found)
    assert client.get_experiment_by_name(unique()) is None


def test_runs_live_below_a_chosen_artifact_location(client: MlflowClient, unique: Unique) -> None:
    place = f"mlflow-artifacts:/chosen/{unique()}"
    created = client.create_experiment(unique(), artifact_location=place)
    run = client.create_run(created)
    assert client.get_experiment(created).artifact_location == place
    assert run.info.artifact_uri == f"{place}/{run.info.run_id}/artifacts"
    client.log_text(run.info.run_id, "here", "a/b.txt")
    assert mlflow.artifacts.load_text(f"{place}/{run.info.run_id}/artifacts/a/b.txt") == "here"


def test_the_default_experiment_is_there(client: MlflowClient) -> None:
    assert client.get_experiment("0").name == "Default"


def test_names_are_taken_once(client: MlflowClient, unique: Unique) -> None:
    name, other = unique(), unique()
    first, second = client.create_experiment(name), client.create_experiment(other)
    with error("RESOURCE_ALREADY_EXISTS", f"Experiment(name={name}) already exists"):
        client.create_experiment(name)
    with pytest.raises(MlflowException):
        client.rename_experiment(second, name)
    assert client.get_experiment(second).name == other
    client.delete_experiment(first)
    with error("RESOURCE_ALREADY_EXISTS", name):
        client.create_experiment(name)


@pytest.mark.parametrize("name", ["", "x" * 501, None])
def test_impossible_names(client: MlflowClient, name: str) -> None:
    with error("INVALID_PARAMETER_VALUE"):
        client.create_experiment(name)


def test_missing_experiments(client: MlflowClient) -> None:
    for call in (
        client.get_experiment,
        client.delete_experiment,
        client.restore_experiment,
        client.create_run,
        lambda missing: client.rename_experiment(missing, "x"),
        lambda missing: client.set_experiment_tag(missing, "k", "v"),
    ):
        with error("RESOURCE_DOES_NOT_EXIST", "987654321"):
            call("987654321")
    with error("INVALID_PARAMETER_VALUE"):
        client.get_experiment("not-a-number")


def test_rename(client: MlflowClient, unique: Unique) -> None:
    old, new = unique(), unique()
    created = client.create_experiment(old)
    client.rename_experiment(created, new)
    assert client.get_experiment(created).name == new
    assert client.get_experiment_by_name(old) is None
    assert client.get_experiment_by_name(new).experiment_id == created


def test_delete_takes_the_runs_along_and_restore_brings_them_back(
    client: MlflowClient, unique: Unique
) -> None:
    name = unique()
    created = client.create_experiment(name)
    run = client.create_run(created).info.run_id
    client.delete_experiment(created)
    assert client.get_experiment(created).lifecycle_stage == "deleted"
    assert client.get_experiment_by_name(name).lifecycle_stage == "deleted"
    assert client.get_run(run).info.lifecycle_stage == "deleted"
    with error("INVALID_PARAMETER_VALUE", "active"):
        client.create_run(created)
    with error("INVALID_PARAMETER_VALUE", "active"):
        client.log_metric(run, "m", 1)
    with pytest.raises(MlflowException, match="deleted experiment"):
        mlflow.set_experiment(name)
    with pytest.raises(MlflowException):
        client.rename_experiment(created, unique())
    client.restore_experiment(created)
    assert client.get_experiment(created).lifecycle_stage == "active"
    client.log_metric(run, "m", 1)
    with error("RESOURCE_DOES_NOT_EXIST"):
        client.restore_experiment(created)


def test_tags_are_overwritten(client: MlflowClient, experiment: str) -> None:
    mlflow.set_experiment_tags({"a": "1", "b": 2})
    client.set_experiment_tag(experiment, "a", "changed ✓")
    assert client.get_experiment(experiment).tags == {"a": "changed ✓", "b": "2"}


@mlflow_3
def test_tags_are_deleted(client: MlflowClient, experiment: str) -> None:
    mlflow.set_experiment_tags({"a": "1", "b": "2"})
    client.delete_experiment_tag(experiment, "a")
    assert client.get_experiment(experiment).tags == {"b": "2"}
    with error("RESOURCE_DOES_NOT_EXIST", "a"):
        client.delete_experiment_tag(experiment, "a")


def test_concurrent_set_experiment_agree_on_one(
    unique: Unique, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As processes do, which do not share the lock of the client library."""
    monkeypatch.setattr(mlflow.tracking.fluent, "_experiment_lock", contextlib.nullcontext())
    for name in (unique(), unique()):
        with ThreadPoolExecutor(12) as pool:
            chosen = list(pool.map(lambda _: mlflow.set_experiment(name).experiment_id, range(12)))
        assert len(set(chosen)) == 1
    assert mlflow.set_experiment(name).experiment_id == chosen[0]


def test_search_filters_orders_and_pages(client: MlflowClient, unique: Unique) -> None:
    stem, made = unique(), {}
    for letter in "abcde":
        made[letter] = client.create_experiment(f"{stem}-{letter}", tags={"k": letter, "all": stem})
        time.sleep(0.002)  # the default order is by creation time in milliseconds
    client.delete_experiment(made["c"])

    def names(filter_string: str, **options: object) -> str:
        found = mlflow.search_experiments(filter_string=filter_string, **options)
        return "".join(experiment.name[-1] for experiment in found)

    here = f"name LIKE '{stem}-%'"
    assert names(here) == "edba"
    assert names(here, order_by=["name ASC"]) == "abde"
    assert names(here, order_by=["name DESC"], max_results=2) == "ed"
    assert names(here, view_type=ViewType.DELETED_ONLY) == "c"
    assert names(here, view_type=ViewType.ALL, order_by=["name"]) == "abcde"
    assert names(f"tags.all = '{stem}' AND tags.`k` != 'a'", order_by=["name"]) == "bde"
    assert names(f"name ILIKE '{stem.upper()}-B'") == "b"
    assert names(f"{here} AND last_update_time > 0", order_by=["last_update_time ASC"]) == "abde"

    first = client.search_experiments(filter_string=here, max_results=3)
    assert [experiment.name[-1] for experiment in first] == ["e", "d", "b"]
    rest = client.search_experiments(filter_string=here, max_results=3, page_token=first.token)
    assert ([experiment.name[-1] for experiment in rest], rest.token) == (["a"], None)


@pytest.mark.parametrize(
    "filter_string", ["name = 5", "nonsense", "params.x = 'y'", "name LIKE", "tags.x > 'y'"]
)
def test_search_refuses_bad_filters(client: MlflowClient, filter_string: str) -> None:
    with error("INVALID_PARAMETER_VALUE"):
        client.search_experiments(filter_string=filter_string)
