"""A client which did not hear the answer sends the same again, and nothing may change by it."""

from __future__ import annotations

import mlflow
import numpy
from mlflow import MlflowClient
from mlflow.entities import DatasetInput, InputTag, Metric, Param, RunTag

from .expect import mlflow_3


def test_writes_repeated_change_nothing(client: MlflowClient, run_id: str) -> None:
    metrics = [Metric("m", number, 1000 + number, number) for number in range(20)]
    metrics += [Metric("nan", float("nan"), 1, 0), Metric("m", 0.5, 1000, 0)]
    params = [Param("p", "1"), Param("empty", "")]
    tags = [RunTag("t", "1"), RunTag("mlflow.note.content", "note")]

    def write() -> None:
        client.log_batch(run_id, metrics, params, tags)
        client.log_metric(run_id, "single", 0.25, timestamp=5, step=2)
        client.log_param(run_id, "single", "p")
        client.set_tag(run_id, "single", "t")
        client.update_run(run_id, "FINISHED", "named")

    def read() -> str:
        histories = [client.get_metric_history(run_id, key) for key in ("m", "nan", "single")]
        points = [[str(dict(point)) for point in history] for history in histories]
        return str((client.get_run(run_id).to_dictionary(), points))

    write()
    once = read()
    write()
    write()
    assert read() == once
    assert len(client.get_metric_history(run_id, "m")) == 21


def test_inputs_repeated_change_nothing(client: MlflowClient, run_id: str) -> None:
    entity = mlflow.data.from_numpy(numpy.arange(3), name="n")._to_mlflow_entity()
    for _ in range(2):
        client.log_inputs(run_id, [DatasetInput(entity, [InputTag("mlflow.data.context", "a")])])
    (logged,) = client.get_run(run_id).inputs.dataset_inputs
    assert {tag.key: tag.value for tag in logged.tags} == {"mlflow.data.context": "a"}


def test_files_repeated_are_one_file(client: MlflowClient, run_id: str) -> None:
    for _ in range(2):
        client.log_text(run_id, "same", "a/file.txt")
    assert [file.path for file in client.list_artifacts(run_id, "a")] == ["a/file.txt"]


@mlflow_3
def test_model_writes_repeated_change_nothing(client: MlflowClient, run_id: str) -> None:
    with mlflow.start_run(run_id=run_id):
        model_id = mlflow.initialize_logged_model(name="m").model_id
    for _ in range(2):
        client.log_metric(run_id, "m", 1.0, timestamp=1, step=1, model_id=model_id)
        client.set_logged_model_tags(model_id, {"t": "1"})
        client.finalize_logged_model(model_id, "READY")
    model = client.get_logged_model(model_id)
    assert [metric.value for metric in model.metrics] == [1.0]
    assert (model.tags["t"], model.status) == ("1", "READY")
