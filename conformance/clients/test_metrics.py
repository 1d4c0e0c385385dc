"""Metrics: every point is kept, and the latest one is shown."""

from __future__ import annotations

import math

import mlflow
import numpy
import pytest
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag

from .expect import error, mlflow_3

Point = tuple[float, int, int]


def history(client: MlflowClient, run_id: str, key: str = "m") -> list[Point]:
    return [
        (point.value, point.timestamp, point.step)
        for point in client.get_metric_history(run_id, key)
    ]


def test_history_keeps_all_points_and_the_run_shows_the_latest(
    client: MlflowClient, run_id: str
) -> None:
    points = [(1.0, 1000, 5), (9.0, 1001, 0), (2.0, 2000, 5), (3.0, 1500, 5), (-4.0, 900, -1)]
    for value, timestamp, step in points:
        client.log_metric(run_id, "m", value, timestamp=timestamp, step=step)
    assert sorted(history(client, run_id)) == sorted(points)
    assert client.get_run(run_id).data.metrics == {"m": 2.0}
    assert history(client, run_id, "unknown") == []


def test_the_greater_value_wins_at_the_same_time(client: MlflowClient, run_id: str) -> None:
    for value in (1.0, 3.0, 2.0):
        client.log_metric(run_id, "m", value, timestamp=1000, step=1)
    assert client.get_run(run_id).data.metrics == {"m": 3.0}
    assert len(history(client, run_id)) == 3


@pytest.mark.parametrize(
    "value",
    [0.0, -0.5, 1e-300, 1.7976931348623157e308, 5e-324, 0.1 + 0.2, 2**53 + 1, 1 / 3],
)
def test_numbers_come_back_as_they_were(client: MlflowClient, run_id: str, value: float) -> None:
    client.log_metric(run_id, "m", value, timestamp=1, step=2**62)
    assert history(client, run_id) == [(float(value), 1, 2**62)]
    assert client.get_run(run_id).data.metrics == {"m": float(value)}


def test_not_a_number_and_infinities(client: MlflowClient, run_id: str) -> None:
    """The store keeps infinities as the greatest numbers there are."""
    greatest = 1.7976931348623157e308
    for key, value in (("nan", math.nan), ("inf", math.inf), ("minus", -math.inf)):
        client.log_metric(run_id, key, value, timestamp=1)
    metrics = client.get_run(run_id).data.metrics
    assert math.isnan(metrics.pop("nan"))
    assert metrics == {"inf": greatest, "minus": -greatest}
    assert math.isnan(history(client, run_id, "nan")[0][0])
    assert history(client, run_id, "inf") == [(greatest, 1, 0)]


def test_a_full_batch(client: MlflowClient, run_id: str) -> None:
    metrics = [Metric(f"m{number % 400}", number, number, number) for number in range(1000)]
    params = [Param(f"p{number}", f"v{number}") for number in range(100)]
    tags = [RunTag(f"t{number}", f"v{number}") for number in range(100)]
    client._tracking_client.store.log_batch(run_id, metrics[:800], params, tags)
    client._tracking_client.store.log_batch(run_id, metrics[800:], [], [])
    data = client.get_run(run_id).data
    assert len(data.metrics) == 400
    assert (data.metrics["m0"], data.metrics["m199"], data.metrics["m399"]) == (800, 999, 799)
    assert (len(data.params), data.params["p99"], data.tags["t7"]) == (100, "v99", "v7")
    assert history(client, run_id, "m1") == [(1, 1, 1), (401, 401, 401), (801, 801, 801)]
    with error("INVALID_PARAMETER_VALUE", "1001"):
        client._tracking_client.store.log_batch(run_id, [*metrics, Metric("x", 1, 1, 1)], [], [])


def test_the_client_splits_what_is_too_much_for_one_batch(run_id: str) -> None:
    many = {f"m{number}": float(number) for number in range(2300)}
    with mlflow.start_run(run_id=run_id):
        mlflow.log_metrics(many, step=3)
    assert mlflow.get_run(run_id).data.metrics == many


def test_history_in_pages(client: MlflowClient, run_id: str) -> None:
    written = [(float(-step), 1_000 + step, step) for step in range(2000)]
    for start in (1000, 0):
        client.log_batch(run_id, [Metric("m", *point) for point in written[start : start + 1000]])
    store, token, sizes, read = client._tracking_client.store, None, [], []
    while token is not None or not sizes:
        page = store.get_metric_history(run_id, "m", max_results=900, page_token=token)
        sizes.append(len(page))
        read += [(point.value, point.timestamp, point.step) for point in page]
        token = page.token
    assert sizes == [900, 900, 200]
    assert sorted(read, key=lambda point: point[2]) == written
    assert sorted(history(client, run_id), key=lambda point: point[2]) == written


@mlflow_3
def test_metrics_of_a_model_and_a_dataset(client: MlflowClient, run_id: str) -> None:
    with mlflow.start_run(run_id=run_id):
        model = mlflow.initialize_logged_model(name="m")
        dataset = mlflow.data.from_numpy(numpy.arange(4), name="numbers")
        mlflow.log_metric("loss", 0.5, step=2, model_id=model.model_id, dataset=dataset)
        mlflow.log_metrics({"a": 1, "b": 2}, model_id=model.model_id)
    assert mlflow.get_run(run_id).data.metrics == {"loss": 0.5, "a": 1, "b": 2}
    logged = {metric.key: metric for metric in mlflow.get_logged_model(model.model_id).metrics}
    assert {key: metric.value for key, metric in logged.items()} == {"loss": 0.5, "a": 1, "b": 2}
    loss = logged["loss"]
    assert (loss.step, loss.run_id, loss.model_id) == (2, run_id, model.model_id)
    assert (loss.dataset_name, loss.dataset_digest) == ("numbers", dataset.digest)
    assert logged["a"].dataset_name is None
