"""Params are written once, tags as often as one likes; both have limits."""

from __future__ import annotations

import mlflow
import pytest
from mlflow import MlflowClient
from mlflow.entities import Param, RunTag

from .expect import error


def test_values_of_any_type_become_text(client: MlflowClient, run_id: str) -> None:
    values = {
        "int": 3,
        "float": 0.1,
        "none": None,
        "list": [1, "a"],
        "empty": "",
        "ü é/1.-:x": "日本 🌊",
    }
    with mlflow.start_run(run_id=run_id):
        mlflow.log_params(values)
        mlflow.log_param("single", True)
        mlflow.set_tags({key: value for key, value in values.items()})
    data = client.get_run(run_id).data
    expected = {key: str(value) for key, value in values.items()}
    assert data.params == {**expected, "single": "True"}
    assert expected.items() <= data.tags.items()


def test_a_param_is_not_changed(client: MlflowClient, run_id: str) -> None:
    client.log_param(run_id, "p", "first")
    client.log_param(run_id, "p", "first")
    said = f"Param with key='p' was already logged with value='first' for run ID='{run_id}'"
    with error("INVALID_PARAMETER_VALUE", said, "'second'"):
        client.log_param(run_id, "p", "second")
    with error("INVALID_PARAMETER_VALUE", "'p'"):
        client.log_batch(run_id, params=[Param("q", "1"), Param("p", "second")])
    with error("INVALID_PARAMETER_VALUE", "Duplicate parameter keys", "r"):
        client.log_batch(run_id, params=[Param("r", "1"), Param("r", "2")])
    params = client.get_run(run_id).data.params
    assert params["p"] == "first" and "r" not in params


def test_tags_are_overwritten_and_deleted(client: MlflowClient, run_id: str) -> None:
    client.set_tag(run_id, "t", "first")
    client.set_tag(run_id, "t", "second")
    client.set_tag(run_id, "u", "")
    tags = client.get_run(run_id).data.tags
    assert (tags["t"], tags["u"]) == ("second", "")
    client.delete_tag(run_id, "t")
    assert "t" not in client.get_run(run_id).data.tags
    with error("RESOURCE_DOES_NOT_EXIST", "t", run_id):
        client.delete_tag(run_id, "t")


def test_long_values_are_cut(client: MlflowClient, run_id: str) -> None:
    for size in (6000, 6001):
        client.log_param(run_id, f"p{size}", "ü" * size)
    for size in (8000, 8001):
        client.set_tag(run_id, f"t{size}", "ü" * size)
    data = client.get_run(run_id).data
    assert data.params["p6000"] == data.params["p6001"] == "ü" * 6000
    assert data.tags["t8000"] == data.tags["t8001"] == "ü" * 8000


@pytest.mark.parametrize("key", ["", "../up", "/root", "a//b", "a?b", "x" * 251])
def test_impossible_keys(client: MlflowClient, run_id: str, key: str) -> None:
    for write in (client.log_param, client.log_metric, client.set_tag):
        with error("INVALID_PARAMETER_VALUE"):
            write(run_id, key, 1)
    data = client.get_run(run_id).data
    assert (data.params, data.metrics, list(data.tags)) == ({}, {}, ["mlflow.runName"])


def test_batches_have_limits(client: MlflowClient, run_id: str) -> None:
    with error("INVALID_PARAMETER_VALUE", "at most 100 params", "101"):
        client._tracking_client.store.log_batch(
            run_id, [], [Param(f"p{number}", "") for number in range(101)], []
        )
    with error("INVALID_PARAMETER_VALUE", "at most 100 tags", "101"):
        client._tracking_client.store.log_batch(
            run_id, [], [], [RunTag(f"t{number}", "") for number in range(101)]
        )
    assert client.get_run(run_id).data.params == {}


def test_the_client_splits_what_is_too_much_for_one_batch(run_id: str) -> None:
    many = {f"key {number:03d}": str(number) for number in range(250)}
    with mlflow.start_run(run_id=run_id):
        mlflow.log_params(many)
        mlflow.set_tags(many)
    data = mlflow.get_run(run_id).data
    assert data.params == many
    assert many.items() <= data.tags.items()
