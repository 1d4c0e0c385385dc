"""Runs: start and end, nesting, resuming, names, deletion."""

from __future__ import annotations

import re
import time

import mlflow
import pytest
from mlflow import MlflowClient
from mlflow.entities import RunStatus, ViewType
from mlflow.exceptions import MlflowException

from .expect import error


def test_a_run_from_start_to_end(experiment: str) -> None:
    before = time.time() * 1000 - 1
    with mlflow.start_run(description="what it does", tags={"own": "tag"}) as active:
        during = mlflow.get_run(active.info.run_id)
        assert (during.info.status, during.info.end_time) == ("RUNNING", None)
    run = mlflow.get_run(active.info.run_id)
    info = run.info
    assert (info.status, info.lifecycle_stage, info.experiment_id) == (
        "FINISHED",
        "active",
        experiment,
    )
    assert before < info.start_time <= info.end_time
    assert info.artifact_uri == f"mlflow-artifacts:/{experiment}/{info.run_id}/artifacts"
    assert re.fullmatch(r"[0-9a-f]{32}", info.run_id)
    assert re.fullmatch(r"[a-z]+-[a-z]+-\d{1,4}", info.run_name)
    assert run.data.tags["mlflow.runName"] == info.run_name
    assert run.data.tags["mlflow.note.content"] == "what it does"
    assert run.data.tags["own"] == "tag"
    assert run.data.tags["mlflow.user"] == info.user_id
    assert (run.data.metrics, run.data.params) == ({}, {})


def test_an_exception_fails_the_run(experiment: str) -> None:
    with pytest.raises(ZeroDivisionError), mlflow.start_run() as active:
        raise ZeroDivisionError
    assert mlflow.get_run(active.info.run_id).info.status == "FAILED"


def test_everything_given_at_creation_is_kept(client: MlflowClient, experiment: str) -> None:
    run = client.create_run(
        experiment, start_time=1234567890123, tags={"a": "ü", "b": ""}, run_name="given name"
    )
    found = client.get_run(run.info.run_id)
    assert dict(found.info) == dict(run.info)
    assert (found.info.start_time, found.info.run_name) == (1234567890123, "given name")
    assert found.data.tags == {"a": "ü", "b": "", "mlflow.runName": "given name"}


@pytest.mark.parametrize("status", ["SCHEDULED", "RUNNING", "KILLED", "FAILED", "FINISHED"])
def test_statuses(client: MlflowClient, run_id: str, status: str) -> None:
    if RunStatus.is_terminated(RunStatus.from_string(status)):
        client.set_terminated(run_id, status, end_time=1999999999999)
        assert client.get_run(run_id).info.end_time == 1999999999999
    client.update_run(run_id, status=status)
    assert client.get_run(run_id).info.status == status


def test_nested_runs(client: MlflowClient, experiment: str) -> None:
    with mlflow.start_run(run_name="parent") as parent:
        for number in range(3):
            with mlflow.start_run(run_name=f"child {number}", nested=True) as child:
                mlflow.log_metric("m", number)
                with mlflow.start_run(run_name="grandchild", nested=True) as grandchild:
                    pass
    of_parent = f"tags.`mlflow.parentRunId` = '{parent.info.run_id}'"
    children = client.search_runs([experiment], of_parent, order_by=["metrics.m"])
    assert [run.info.run_name for run in children] == ["child 0", "child 1", "child 2"]
    assert mlflow.get_parent_run(child.info.run_id).info.run_id == parent.info.run_id
    assert mlflow.get_parent_run(grandchild.info.run_id).info.run_id == child.info.run_id
    assert mlflow.get_parent_run(parent.info.run_id) is None


def test_a_run_is_resumed_by_its_id(experiment: str) -> None:
    with mlflow.start_run(run_name="long") as first:
        mlflow.log_param("p", 1)
        mlflow.log_metric("m", 1.0, step=0)
    with mlflow.start_run(run_id=first.info.run_id) as second:
        assert mlflow.get_run(first.info.run_id).info.status == "RUNNING"
        mlflow.log_metric("m", 2.0, step=1)
    run = mlflow.get_run(first.info.run_id)
    assert second.info.run_id == first.info.run_id
    assert (run.info.status, run.info.run_name) == ("FINISHED", "long")
    assert run.info.start_time == first.info.start_time
    assert (run.data.params, run.data.metrics) == ({"p": "1"}, {"m": 2.0})


def test_names_and_the_name_tag_are_one(client: MlflowClient, run_id: str) -> None:
    client.update_run(run_id, name="renamed")
    run = client.get_run(run_id)
    assert (run.info.run_name, run.data.tags["mlflow.runName"]) == ("renamed", "renamed")
    client.set_tag(run_id, "mlflow.runName", "by tag")
    assert client.get_run(run_id).info.run_name == "by tag"


def test_deleted_runs_are_read_only_until_restored(client: MlflowClient, experiment: str) -> None:
    run_id = client.create_run(experiment, run_name="gone").info.run_id
    client.log_param(run_id, "p", 1)
    client.delete_run(run_id)
    found = client.get_run(run_id)
    assert (found.info.lifecycle_stage, found.data.params) == ("deleted", {"p": "1"})
    for write in (
        lambda: client.log_metric(run_id, "m", 1),
        lambda: client.log_param(run_id, "q", 1),
        lambda: client.set_tag(run_id, "t", 1),
        lambda: client.update_run(run_id, name="x"),
        lambda: client.log_batch(run_id, tags=[mlflow.entities.RunTag("t", "1")]),
        lambda: client.delete_tag(run_id, "mlflow.runName"),
    ):
        with error("INVALID_PARAMETER_VALUE", run_id, "'active' state"):
            write()
    with pytest.raises(MlflowException, match="in the deleted state"):
        mlflow.start_run(run_id=run_id)
    assert client.search_runs([experiment]) == []
    assert len(client.search_runs([experiment], run_view_type=ViewType.DELETED_ONLY)) == 1
    client.delete_run(run_id)
    client.restore_run(run_id)
    client.log_metric(run_id, "m", 1)
    assert client.get_run(run_id).info.lifecycle_stage == "active"


def test_missing_runs(client: MlflowClient) -> None:
    missing = "0" * 32
    for call in (
        client.get_run,
        client.delete_run,
        client.restore_run,
        client.set_terminated,
        client.list_artifacts,
        lambda run_id: client.log_metric(run_id, "m", 1),
        lambda run_id: client.log_param(run_id, "p", 1),
        lambda run_id: client.set_tag(run_id, "t", 1),
        lambda run_id: client.update_run(run_id, name="x"),
    ):
        with error("RESOURCE_DOES_NOT_EXIST", missing):
            call(missing)
