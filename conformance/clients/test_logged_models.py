"""Logged models: their life, what they hold, and how runs use and produce them."""

from __future__ import annotations

import pathlib
from typing import Callable

import mlflow
import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from .expect import error, mlflow_3

pytestmark = mlflow_3


def test_a_model_from_start_to_end(client: MlflowClient, experiment: str) -> None:
    with mlflow.start_run() as run:
        made = mlflow.initialize_logged_model(
            name="net", tags={"a": "1", "ü": "x"}, params={"depth": "3"}, model_type="Classifier"
        )
    assert made.status == "PENDING"
    found = mlflow.get_logged_model(made.model_id)
    assert (found.experiment_id, found.name, found.model_type, found.source_run_id) == (
        experiment,
        "net",
        "Classifier",
        run.info.run_id,
    )
    assert made.model_id.startswith("m-") and len(made.model_id) == 34
    place = f"mlflow-artifacts:/{experiment}/models/{made.model_id}/artifacts"
    assert found.artifact_location == place
    assert found.params == {"depth": "3"}
    assert {"a": "1", "ü": "x"}.items() <= found.tags.items()
    assert found.metrics is None or found.metrics == []
    assert 0 < found.creation_timestamp <= found.last_updated_timestamp
    mlflow.finalize_logged_model(made.model_id, "READY")
    assert mlflow.get_logged_model(made.model_id).status == "READY"


def test_names_are_made_up(experiment: str) -> None:
    name = mlflow.create_external_model(model_type="Agent").name
    assert name and "/" not in name


@pytest.mark.parametrize("name", ["a/b", "a:b", "a.b", "a%b", "'", '"'])
def test_impossible_names(client: MlflowClient, experiment: str, name: str) -> None:
    with error("INVALID_PARAMETER_VALUE"):
        client.create_logged_model(experiment, name)


def test_tags_and_params(client: MlflowClient, experiment: str) -> None:
    model_id = client.create_logged_model(experiment, "m", tags={"a": "1"}).model_id
    mlflow.set_logged_model_tags(model_id, {"a": "2", "b": "3"})
    mlflow.delete_logged_model_tag(model_id, "b")
    with error("RESOURCE_DOES_NOT_EXIST", "b"):
        mlflow.delete_logged_model_tag(model_id, "b")
    mlflow.log_model_params({f"p{number}": str(number) for number in range(120)}, model_id)
    model = mlflow.get_logged_model(model_id)
    assert model.tags == {"a": "2"}
    assert model.params == {f"p{number}": str(number) for number in range(120)}


def test_deleted_and_missing_models(client: MlflowClient, experiment: str) -> None:
    model_id = client.create_logged_model(experiment, "m").model_id
    client.delete_logged_model(model_id)
    missing = "m-" + "0" * 32
    for call in (
        client.delete_logged_model,
        lambda model: client.finalize_logged_model(model, "READY"),
        lambda model: client.delete_logged_model_tag(model, "a"),
    ):
        with error("RESOURCE_DOES_NOT_EXIST", missing):
            call(missing)
    for model in (model_id, missing):
        with error("RESOURCE_DOES_NOT_EXIST", model):
            client.get_logged_model(model)
        with pytest.raises(MlflowException, match=model):
            client.set_logged_model_tags(model, {"a": "b"})
    assert client.search_logged_models([experiment]) == []


def test_files_of_a_model(client: MlflowClient, experiment: str, tmp_path: pathlib.Path) -> None:
    model_id = client.create_logged_model(experiment, "m").model_id
    (tmp_path / "up" / "sub dir").mkdir(parents=True)
    (tmp_path / "up" / "sub dir" / "ü.txt").write_text("deep")
    (tmp_path / "one.txt").write_text("one")
    client.log_model_artifacts(model_id, str(tmp_path / "up"))
    client.log_model_artifact(model_id, str(tmp_path / "one.txt"))
    listed = client.list_logged_model_artifacts(model_id)
    assert [(file.path, file.is_dir) for file in listed] == [("one.txt", False), ("sub dir", True)]
    (deep,) = client.list_logged_model_artifacts(model_id, "sub dir")
    assert (deep.path, deep.file_size) == ("sub dir/ü.txt", 4)
    down = mlflow.artifacts.download_artifacts(f"models:/{model_id}", dst_path=str(tmp_path / "d"))
    assert (pathlib.Path(down) / "sub dir" / "ü.txt").read_text() == "deep"


def test_runs_use_and_produce_models(client: MlflowClient, experiment: str) -> None:
    with mlflow.start_run() as training:
        model = mlflow.initialize_logged_model(name="m")
        outputs = [mlflow.entities.LoggedModelOutput(model.model_id, step=4)]
        client.log_outputs(training.info.run_id, outputs)
    with mlflow.start_run() as evaluation:
        mlflow.log_metric("acc", 0.5, model_id=model.model_id)
    (output,) = client.get_run(training.info.run_id).outputs.model_outputs
    assert (output.model_id, output.step) == (model.model_id, 4)
    (used,) = client.get_run(evaluation.info.run_id).inputs.model_inputs
    assert used.model_id == model.model_id
    assert {
        (metric.run_id, metric.value) for metric in client.get_logged_model(model.model_id).metrics
    } == {(evaluation.info.run_id, 0.5)}


def test_the_active_model(unique: Callable[..., str], experiment: str) -> None:
    with mlflow.set_active_model(name=unique()) as active:
        mlflow.log_model_params({"p": "1"})
    assert mlflow.get_logged_model(active.model_id).params == {"p": "1"}
    again = mlflow.set_active_model(name=mlflow.get_logged_model(active.model_id).name)
    assert again.model_id == active.model_id
    mlflow.clear_active_model()


def test_models_of_a_deleted_experiment(client: MlflowClient, experiment: str) -> None:
    model_id = client.create_logged_model(experiment, "m").model_id
    client.delete_experiment(experiment)
    with pytest.raises(MlflowException):
        client.create_logged_model(experiment, "other")
    client.restore_experiment(experiment)
    assert client.get_logged_model(model_id).name == "m"
