"""Datasets a run has used."""

from __future__ import annotations

import json

import mlflow
import numpy
import pandas
import pytest
from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag

from .expect import error

FRAME = pandas.DataFrame({"x": [1, 2, 3], "y": [0.5, 1.5, 2.5], "ü": ["a", "b", "c"]})


def test_frames_and_arrays(client: MlflowClient, experiment: str) -> None:
    frame = mlflow.data.from_pandas(FRAME, source="s3://bucket/x.csv", name="frame", targets="y")
    array = mlflow.data.from_numpy(numpy.arange(8).reshape(4, 2), name="array")
    with mlflow.start_run() as run:
        mlflow.log_input(frame, context="training", tags={"split": "a", "note": "ü"})
        mlflow.log_input(array, context="evaluation")
        mlflow.log_input(mlflow.data.from_numpy(numpy.arange(3)))
    inputs = client.get_run(run.info.run_id).inputs.dataset_inputs
    found = {each.dataset.name: each for each in inputs}
    assert set(found) == {"frame", "array", "dataset"}

    of_frame, tags = found["frame"].dataset, found["frame"].tags
    assert {tag.key: tag.value for tag in tags} == {
        "mlflow.data.context": "training",
        "split": "a",
        "note": "ü",
    }
    assert (of_frame.digest, of_frame.source_type) == (frame.digest, "s3")
    assert json.loads(of_frame.source) == {"uri": "s3://bucket/x.csv"}
    columns = json.loads(of_frame.schema)["mlflow_colspec"]
    assert [column["name"] for column in columns] == ["x", "y", "ü"]
    assert json.loads(of_frame.profile) == {"num_rows": 3, "num_elements": 9}
    assert mlflow.data.get_source(found["frame"]).to_dict() == {"uri": "s3://bucket/x.csv"}

    assert found["array"].dataset.digest == array.digest
    assert json.loads(found["array"].dataset.profile)["features_shape"] == [4, 2]
    assert found["dataset"].tags == []


def test_each_run_keeps_the_order_of_its_datasets(client: MlflowClient, experiment: str) -> None:
    datasets = [DatasetInput(Dataset(name, "d", "local", "{}"), []) for name in "cabed"]
    for order in (datasets, datasets[::-1]):
        run_id = client.create_run(experiment).info.run_id
        client.log_inputs(run_id, order[:2])
        client.log_inputs(run_id, order[1:])
        for run in (client.get_run(run_id), client.search_runs([experiment])[0]):
            told = [used.dataset.name for used in run.inputs.dataset_inputs]
            assert told == [used.dataset.name for used in order]


def test_a_dataset_is_shared_by_runs(client: MlflowClient, experiment: str) -> None:
    dataset = mlflow.data.from_numpy(numpy.arange(5), name="shared")
    for context in ("train", "eval"):
        with mlflow.start_run(run_name=context):
            mlflow.log_input(dataset, context=context)
    for filter_string, expected in (
        ("dataset.name = 'shared'", ["eval", "train"]),
        (f"dataset.digest = '{dataset.digest}' AND dataset.context = 'train'", ["train"]),
        ("dataset.context LIKE 'ev%'", ["eval"]),
        ("dataset.name = 'other'", []),
    ):
        found = client.search_runs([experiment], filter_string)
        assert sorted(run.info.run_name for run in found) == expected
        for run in found:
            (used,) = run.inputs.dataset_inputs
            assert used.tags == [InputTag("mlflow.data.context", run.info.run_name)]


@pytest.mark.parametrize(
    "dataset",
    [
        Dataset("n" * 501, "d", "local", "{}"),
        Dataset("n", "d" * 37, "local", "{}"),
        Dataset("n", "d", "local", "{}", schema="s" * 1_048_576),
    ],
)
def test_impossible_datasets(client: MlflowClient, run_id: str, dataset: Dataset) -> None:
    with error("INVALID_PARAMETER_VALUE"):
        client.log_inputs(run_id, [DatasetInput(dataset, [])])
    assert client.get_run(run_id).inputs.dataset_inputs == []


def test_a_large_schema_is_kept(client: MlflowClient, run_id: str) -> None:
    schema = json.dumps({"columns": ["ü" * 100] * 500}, ensure_ascii=False)
    dataset = Dataset("n", "d", "local", '{"uri": "x"}', schema=schema, profile='{"rows": 1}')
    client.log_inputs(run_id, [DatasetInput(dataset, [InputTag("k", "v" * 500)])])
    (found,) = client.get_run(run_id).inputs.dataset_inputs
    assert dict(found.dataset) == dict(dataset)
    assert found.tags == [InputTag("k", "v" * 500)]
