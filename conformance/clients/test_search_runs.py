"""Searching runs: the filter language, order, pages, view types and the table of pandas."""

from __future__ import annotations

import dataclasses
import math
from typing import Callable

import mlflow
import numpy
import pandas
import pytest
from mlflow import MlflowClient
from mlflow.entities import (
    Dataset,
    DatasetInput,
    InputTag,
    Metric,
    Param,
    RunTag,
    ViewType,
)

from .conftest import new_name
from .expect import error


@dataclasses.dataclass(frozen=True)
class Runs:
    """Seven runs, a to g, each one second younger than the one before; g is deleted."""

    experiment: str
    ids: dict[str, str]

    def names(self, runs: list[mlflow.entities.Run]) -> str:
        return "".join(run.info.run_name for run in runs)


START = 1_700_000_000_000


@pytest.fixture(scope="module")
def runs() -> Runs:
    client = MlflowClient()
    experiment, ids = client.create_experiment(new_name()), {}
    for number, letter in enumerate("abcdefg"):
        run = client.create_run(experiment, START + number * 1000, run_name=letter)
        ids[letter] = run.info.run_id
        metrics = (
            {"acc": number / 10, "even metric/x": 1.0} if number % 2 == 0 else {"loss": number}
        )
        client.log_batch(
            run.info.run_id,
            [Metric(key, value, 1, 0) for key, value in metrics.items()],
            [Param("model", ["Tree", "forest", "SVM"][number % 3]), Param("depth", str(number))],
            [RunTag("team", "red" if number < 3 else "blue"), RunTag("a.b c", letter)],
        )
    client.log_metric(ids["f"], "acc", math.nan)
    client.set_tag(ids["b"], "note", "50%_done")
    client.set_tag(ids["c"], "note", 'it\'s "quoted" ü')
    client.set_terminated(ids["a"], "FINISHED", START + 50_000)
    client.set_terminated(ids["b"], "FAILED", START + 60_000)
    data = Dataset("iris", "d1gest", "local", "{}")
    client.log_inputs(ids["d"], [DatasetInput(data, [InputTag("mlflow.data.context", "train")])])
    client.log_inputs(ids["e"], [DatasetInput(data, [InputTag("mlflow.data.context", "eval")])])
    client.delete_run(ids["g"])
    return Runs(experiment, ids)


@pytest.mark.parametrize(
    ("filter_string", "expected"),
    [
        ("", "fedcba"),
        ("metrics.acc > 0.1", "ec"),
        ("metrics.acc >= 0.2 and metrics.acc < 0.4", "c"),
        ("metrics.acc != 0", "fec"),
        ("metric.loss = 3", "d"),
        ("metrics.`even metric/x` = 1", "eca"),
        ('metrics."even metric/x" <= 1', "eca"),
        ("params.model = 'Tree'", "da"),
        ("params.model != 'Tree'", "fecb"),
        ('parameters.model = "SVM"', "fc"),
        ("params.model LIKE '%e%'", "edba"),
        ("params.model LIKE 'f%'", "eb"),
        ("params.model LIKE 'tree'", ""),
        ("params.model ILIKE 'TREE'", "da"),
        ("params.model ILIKE '%S_M'", "fc"),
        ("params.depth = '3'", "d"),
        ("tags.team = 'blue' AND params.model = 'forest'", "e"),
        ("tag.`a.b c` = 'b'", "b"),
        ("tags.note LIKE '50%'", "b"),
        ("tags.note LIKE '%\"quoted\" ü'", "c"),
        ("tags.unknown = 'x'", ""),
        ("attributes.status = 'FINISHED'", "a"),
        ("status != 'RUNNING'", "ba"),
        ("run_name = 'c'", "c"),
        ("attributes.run_name ILIKE 'C'", "c"),
        ("`run name` LIKE '%e'", "e"),
        (f"start_time > {START + 3000}", "fe"),
        (f"attribute.end_time <= {START + 50_000}", "a"),
        (f"attributes.created = {START}", "a"),
        ("attributes.artifact_uri LIKE 'mlflow-artifacts:/%'", "fedcba"),
        ("dataset.name = 'iris'", "ed"),
        ("datasets.digest LIKE 'd1%' AND dataset.context = 'eval'", "e"),
        ("dataset.name = 'unknown'", ""),
    ],
)
def test_filters(client: MlflowClient, runs: Runs, filter_string: str, expected: str) -> None:
    assert runs.names(client.search_runs([runs.experiment], filter_string)) == expected


def test_filters_over_ids(client: MlflowClient, runs: Runs) -> None:
    ids = runs.ids
    for filter_string, expected in (
        (f"run_id = '{ids['c']}'", "c"),
        (f"attributes.run_id IN ('{ids['a']}', '{ids['d']}', 'unknown')", "da"),
        (f"run_id NOT IN ('{ids['a']}', '{ids['d']}')", "fecb"),
        (f"run_id IN ('{ids['a']}') AND run_name = 'b'", ""),
    ):
        found = client.search_runs([runs.experiment], filter_string)
        assert runs.names(found) == expected, filter_string


@pytest.mark.parametrize(
    ("order_by", "expected"),
    [
        (["start_time ASC"], "abcdef"),
        (["attributes.run_name DESC"], "fedcba"),
        (["metrics.acc"], "acefdb"),
        (["metrics.acc DESC"], "ecafdb"),
        (["params.model ASC", "start_time ASC"], "cfadbe"),
        (["tags.team DESC", "attributes.start_time ASC"], "abcdef"),
        (["tag.note ASC"], "bcfeda"),
        (["attributes.end_time DESC"], "bafedc"),
        (["metrics.`even metric/x` DESC", "params.depth DESC"], "ecafdb"),
    ],
)
def test_order(client: MlflowClient, runs: Runs, order_by: list[str], expected: str) -> None:
    found = client.search_runs([runs.experiment], order_by=order_by)
    assert runs.names(found) == expected


@pytest.mark.parametrize(
    "filter_string",
    [
        "nonsense",
        "metrics.acc = 'text'",
        "metrics.acc LIKE '1'",
        "params.model = 5",
        "params.model > 'a'",
        "params.model = Tree",
        "unknown.x = 'y'",
        "attributes.unknown = 'y'",
        "metrics.acc > 0.1 OR metrics.acc < 0",
        "start_time = 'text'",
        "run_id IN (1)",
        "params.model = 'a'; DROP TABLE runs",
        "(metrics.acc > 1)",
    ],
)
def test_bad_filters(client: MlflowClient, runs: Runs, filter_string: str) -> None:
    with error("INVALID_PARAMETER_VALUE"):
        client.search_runs([runs.experiment], filter_string)


@pytest.mark.parametrize("order_by", ["unknown.x", "metrics.acc SIDEWAYS", "attributes.unknown"])
def test_bad_orders(client: MlflowClient, runs: Runs, order_by: str) -> None:
    with error("INVALID_PARAMETER_VALUE"):
        client.search_runs([runs.experiment], order_by=[order_by])


def test_view_types(client: MlflowClient, runs: Runs) -> None:
    for view, expected in (
        (ViewType.ACTIVE_ONLY, "fedcba"),
        (ViewType.DELETED_ONLY, "g"),
        (ViewType.ALL, "gfedcba"),
    ):
        assert runs.names(client.search_runs([runs.experiment], run_view_type=view)) == expected


@pytest.mark.parametrize("order_by", [[], ["metrics.acc DESC"], ["params.model", "run_name"]])
def test_pages_are_the_whole_in_parts(
    client: MlflowClient, runs: Runs, order_by: list[str]
) -> None:
    whole, read, sizes, token = (
        client.search_runs([runs.experiment], order_by=order_by),
        [],
        [],
        None,
    )
    while token is not None or not sizes:
        page = client.search_runs(
            [runs.experiment], order_by=order_by, max_results=4, page_token=token
        )
        sizes.append(len(page))
        read += page
        token = page.token
    assert (runs.names(read), sizes) == (runs.names(whole), [4, 2])


def test_impossible_pages(client: MlflowClient, runs: Runs) -> None:
    for options in ({"max_results": 0}, {"max_results": 50_001}, {"page_token": "garbage"}):
        with error("INVALID_PARAMETER_VALUE"):
            client.search_runs([runs.experiment], **options)


def test_many_experiments(client: MlflowClient, runs: Runs, experiment: str) -> None:
    other = client.create_run(experiment, START + 2500, run_name="X")
    both = client.search_runs([runs.experiment, experiment])
    assert runs.names(both) == "fedXcba"
    named = mlflow.search_runs(
        experiment_names=[client.get_experiment(experiment).name], output_format="list"
    )
    assert [run.info.run_id for run in named] == [other.info.run_id]
    assert client.search_runs([]) == []
    assert client.search_runs(["987654321"]) == []


def test_everything_of_a_run_is_found(client: MlflowClient, runs: Runs) -> None:
    (found,) = client.search_runs([runs.experiment], "run_name = 'd'")
    assert found.to_dictionary() == client.get_run(runs.ids["d"]).to_dictionary()
    assert [each.dataset.name for each in found.inputs.dataset_inputs] == ["iris"]


def test_the_pandas_table(runs: Runs) -> None:
    table = mlflow.search_runs([runs.experiment], order_by=["start_time ASC"])
    assert list(table["run_id"]) == [runs.ids[letter] for letter in "abcdef"]
    assert list(table["params.depth"]) == list("012345")
    assert list(table["tags.team"]) == ["red"] * 3 + ["blue"] * 3
    numpy.testing.assert_array_equal(
        table["metrics.acc"], [0, math.nan, 0.2, math.nan, 0.4, math.nan]
    )
    assert table["start_time"][0] == pandas.Timestamp(START, unit="ms", tz="UTC")
    assert table["end_time"][1] == pandas.Timestamp(START + 60_000, unit="ms", tz="UTC")
    assert pandas.isna(table["end_time"][2])
    assert list(table["status"][:3]) == ["FINISHED", "FAILED", "RUNNING"]
    none = mlflow.search_runs([runs.experiment], "params.depth = 'none'")
    assert len(none) == 0


def test_search_by_the_active_experiment(experiment: str, unique: Callable[..., str]) -> None:
    with mlflow.start_run(run_name=unique()) as run:
        mlflow.log_metric("m", 1)
    assert list(mlflow.search_runs()["run_id"]) == [run.info.run_id]
    by_name = f"run_name = '{run.info.run_name}'"
    everywhere = mlflow.search_runs(filter_string=by_name, search_all_experiments=True)
    assert list(everywhere["run_id"]) == [run.info.run_id]
    assert mlflow.last_active_run().info.run_id == run.info.run_id
