"""Searching logged models: filters, order, datasets, pages and the table of pandas."""

from __future__ import annotations

import dataclasses

import mlflow
import pytest
from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, Metric

from .conftest import new_name
from .expect import error, mlflow_3

pytestmark = mlflow_3


@dataclasses.dataclass(frozen=True)
class Models:
    """Five models a to e in one experiment, made in this order; e is deleted."""

    experiment: str
    run_id: str
    ids: dict[str, str]


@pytest.fixture(scope="module")
def models() -> Models:
    client = MlflowClient()
    experiment = client.create_experiment(new_name())
    run_id = client.create_run(experiment).info.run_id
    for name in ("train", "test"):
        client.log_inputs(run_id, [DatasetInput(Dataset(name, f"{name}-1", "local", "{}"), [])])
    ids = {}
    for number, letter in enumerate("abcde"):
        model = client.create_logged_model(
            experiment,
            letter,
            run_id,
            tags={"kind": "deep" if number % 2 else "flat"},
            params={"depth": str(number)},
            model_type="Agent" if number == 2 else None,
        )
        ids[letter] = model.model_id
        points = (("train", 1, number / 10), ("test", 2, (5 - number) / 10))
        of_data = [
            Metric("acc", value, time, 0, model.model_id, data, f"{data}-1", run_id)
            for data, time, value in points
        ]
        client.log_batch(run_id, of_data)
    client.finalize_logged_model(ids["a"], "READY")
    client.finalize_logged_model(ids["b"], "FAILED")
    client.delete_logged_model(ids["e"])
    return Models(experiment, run_id, ids)


def search(models: Models, filter_string: str = "", **options: object) -> str:
    found = mlflow.search_logged_models(
        [models.experiment], filter_string, output_format="list", **options
    )
    return "".join(model.name for model in found)


@pytest.mark.parametrize(
    ("filter_string", "expected"),
    [
        ("", "abcd"),
        ("name = 'b'", "b"),
        ("name LIKE '%c'", "c"),
        ("name != 'c'", "abd"),
        ("params.depth = '1'", "b"),
        ("tags.kind = 'flat'", "ac"),
        ("tags.`kind` = 'deep' AND params.depth != '1'", "d"),
        ("model_type = 'Agent'", "c"),
        ("metrics.acc >= 0.45", "a"),
        ("creation_timestamp > 0", "abcd"),
    ],
)
def test_filters(models: Models, filter_string: str, expected: str) -> None:
    by_name = [{"field_name": "name"}]
    assert search(models, filter_string, order_by=by_name) == expected


def test_filters_by_id_and_run(models: Models) -> None:
    assert search(models, f"model_id = '{models.ids['d']}'") == "d"
    assert len(search(models, f"source_run_id = '{models.run_id}'")) == 4
    assert search(models, "source_run_id = 'unknown'") == ""


def test_order(models: Models) -> None:
    assert search(models, order_by=[{"field_name": "name", "ascending": False}]) == "dcba"
    metric = {"field_name": "metrics.acc", "ascending": False, "dataset_name": "train"}
    assert search(models, order_by=[metric]) == "dcba"
    assert search(models, order_by=[{**metric, "dataset_name": "test"}]) == "abcd"
    with_digest = {**metric, "dataset_digest": "train-1"}
    assert search(models, order_by=[with_digest], max_results=1) == "d"


def test_metrics_of_one_dataset(models: Models) -> None:
    by_name = [{"field_name": "name"}]
    for dataset, expected in (("train", "cd"), ("test", "abcd"), ("unknown", "")):
        found = search(
            models,
            "metrics.acc > 0.15",
            datasets=[{"dataset_name": dataset, "dataset_digest": f"{dataset}-1"}],
            order_by=by_name,
        )
        assert found == expected


def test_pages(client: MlflowClient, models: Models) -> None:
    options = {"order_by": [{"field_name": "name"}], "max_results": 3}
    first = client.search_logged_models([models.experiment], **options)
    rest = client.search_logged_models([models.experiment], page_token=first.token, **options)
    assert [[model.name for model in page] for page in (first, rest)] == [["a", "b", "c"], ["d"]]
    assert rest.token is None


@pytest.mark.parametrize("filter_string", ["nonsense", "unknown = 'x'", "name > 'a'"])
def test_bad_filters(models: Models, filter_string: str) -> None:
    with error("INVALID_PARAMETER_VALUE"):
        search(models, filter_string)


def test_everything_of_a_model_is_found(models: Models) -> None:
    (found,) = mlflow.search_logged_models([models.experiment], "name = 'b'", output_format="list")
    got = mlflow.get_logged_model(models.ids["b"])

    def told(model: mlflow.entities.LoggedModel) -> dict[str, object]:
        metrics = sorted((metric.dataset_name, metric.value) for metric in model.metrics)
        return {**model.to_dictionary(), "metrics": metrics}

    assert told(found) == told(got)


def test_the_pandas_table(models: Models) -> None:
    table = mlflow.search_logged_models([models.experiment], order_by=[{"field_name": "name"}])
    assert list(table["model_id"]) == [models.ids[letter] for letter in "abcd"]
    assert list(table["name"]) == list("abcd")
