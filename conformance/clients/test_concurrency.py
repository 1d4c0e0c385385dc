"""Many writers at once: asynchronous logging, threads on one run, system metrics."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag

PATIENCE_SECONDS = 60


def test_asynchronous_logging_loses_nothing(client: MlflowClient, experiment: str) -> None:
    with mlflow.start_run() as run:
        for step in range(300):
            mlflow.log_metric("loss", 1 / (step + 1), step=step, synchronous=False)
        mlflow.log_metrics({"a": 1, "b": 2}, step=7, synchronous=False)
        mlflow.log_params({"lr": 0.1, "layers": 3}, synchronous=False)
        mlflow.set_tags({"phase": "train"}, synchronous=False)
        done = client.log_batch(
            run.info.run_id,
            [Metric("batch", 5, 1, 1)],
            [Param("p", "q")],
            [RunTag("t", "u")],
            synchronous=False,
        )
        done.wait()
        mlflow.flush_async_logging()
        data = client.get_run(run.info.run_id).data
        assert data.metrics == {"loss": 1 / 300, "a": 1, "b": 2, "batch": 5}
        assert data.params == {"lr": "0.1", "layers": "3", "p": "q"}
        assert (data.tags["phase"], data.tags["t"]) == ("train", "u")
        steps = [point.step for point in client.get_metric_history(run.info.run_id, "loss")]
        assert sorted(steps) == list(range(300))


def test_many_threads_write_to_one_run(client: MlflowClient, run_id: str) -> None:
    """Each writes points of its own and of all, and all write the same param and tag."""

    def write(thread: int) -> None:
        for step in range(12):
            client.log_metric(run_id, "shared", thread, timestamp=1000 + step, step=step)
        own = [Metric(f"own {thread}", step, step, step) for step in range(50)]
        everyones = [Metric("shared batch", thread, step, step) for step in range(50)]
        order = own + everyones if thread % 2 else everyones[::-1] + own
        client.log_batch(
            run_id, order, [Param("p", "same"), Param(f"p{thread}", "own")], [RunTag("t", "same")]
        )
        client.set_tag(run_id, f"t{thread}", "own")

    threads = range(16)
    with ThreadPoolExecutor(len(threads)) as pool:
        list(pool.map(write, threads))
    data = client.get_run(run_id).data
    assert data.metrics == {"shared": 15, "shared batch": 15, **{f"own {t}": 49 for t in threads}}
    assert data.params == {"p": "same", **{f"p{thread}": "own" for thread in threads}}
    assert data.tags["t"] == "same" and data.tags["t15"] == "own"
    for key, steps in (("shared", 12), ("shared batch", 50)):
        points = {(point.step, point.value) for point in client.get_metric_history(run_id, key)}
        assert points == {(step, thread) for step in range(steps) for thread in threads}


def test_many_threads_create_runs(client: MlflowClient, experiment: str) -> None:
    def create(number: int) -> str:
        run_id = client.create_run(experiment, run_name=f"r{number}").info.run_id
        client.log_param(run_id, "number", number)
        client.set_terminated(run_id)
        return run_id

    with ThreadPoolExecutor(12) as pool:
        created = list(pool.map(create, range(36)))
    found = {run.info.run_id: run for run in client.search_runs([experiment])}
    assert sorted(found) == sorted(created)
    for number, run_id in enumerate(created):
        assert found[run_id].data.params == {"number": str(number)}
        assert (found[run_id].info.run_name, found[run_id].info.status) == (
            f"r{number}",
            "FINISHED",
        )


def test_system_metrics_are_sampled(client: MlflowClient, experiment: str) -> None:
    mlflow.enable_system_metrics_logging()
    mlflow.set_system_metrics_sampling_interval(0.2)
    mlflow.set_system_metrics_samples_before_logging(1)
    try:
        with mlflow.start_run() as run:
            key, deadline = "system/cpu_utilization_percentage", time.time() + PATIENCE_SECONDS
            while len(client.get_metric_history(run.info.run_id, key)) < 3:
                assert time.time() < deadline, "no system metrics"
                time.sleep(0.1)
    finally:
        mlflow.disable_system_metrics_logging()
        mlflow.set_system_metrics_sampling_interval(None)
        mlflow.set_system_metrics_samples_before_logging(None)
    metrics = client.get_run(run.info.run_id).data.metrics
    assert {"system/system_memory_usage_megabytes", "system/disk_usage_megabytes"} <= set(metrics)
    steps = [point.step for point in client.get_metric_history(run.info.run_id, key)]
    assert sorted(steps) == list(range(len(steps)))
