"""What is measured. Figures that MLflow reaches elsewhere do not stand here: only what Millrace wants to be, against it, in the same run."""

from typing import NamedTuple


class Workload(NamedTuple):
    """A script of `load/`, run by wrk.

    Attributes:
        name: the row in the table
        script: the file, without .lua
        unit: what is counted
        per_request: how much of the unit a request is
        target: how many times MLflow's rate Millrace wants to reach; None if nobody set one
        connections: at once
        threads: of wrk; as many as connections where a connection's requests follow from each other
        argument: for the script, of what was loaded
        writes: whether it writes runs: it has others than those that are read, in an experiment of their own
        stretch: times the usual seconds; the slow ones need it to be answered more than a few times
    """

    name: str
    script: str
    unit: str
    per_request: float
    target: float | None
    connections: int = 16
    threads: int = 1
    argument: object = lambda loaded: ""
    writes: bool = False
    stretch: int = 1


def fixed(text):
    return lambda loaded: text


MIB = 2**20

ALL = [
    Workload("runs/get", "get_run", "requests", 1, 50),
    Workload("runs/search, newest 100", "search_newest", "requests", 1, 50, argument=fixed("100"), stretch=2),
    Workload("runs/search, metric + param + tag, by metric", "search_filter", "requests", 1, 50, stretch=2),
    Workload("runs/search, 1,000 a page", "search_newest", "runs", 1000, 30, connections=4, argument=fixed("1000"), stretch=3),
    Workload("metric history of 100,000 points", "history", "points", 100_000, 40, connections=2, argument=lambda d: d.long_run, stretch=3),
    Workload("model version by alias", "version_by_alias", "requests", 1, 50, argument=fixed("bench")),
    Workload("create model version", "create_version", "requests", 1, 20, argument=fixed("bench-new")),
    Workload("log-metric", "log_metric", "requests", 1, 50, writes=True),
    Workload("log-param", "log_param", "requests", 1, 50, writes=True),
    Workload("log-batch of 1,000 metrics, 4 connections", "log_batch", "metrics", 1000, 10, connections=4, stretch=2, writes=True),
    Workload("log-batch of 1,000 metrics, 64 connections", "log_batch", "metrics", 1000, None, connections=64, stretch=2, writes=True),
    Workload("run life cycle: create, log-batch, finish", "life_cycle", "runs", 1 / 3, 50, threads=16, writes=True),
    Workload("mix of mlflow-go: 20 users", "mlflow_go_mix", "requests", 1, None, connections=20, threads=20, argument=lambda d: d.experiment, writes=True),
    Workload("artifact PUT, 64 MiB", "artifact_put", "MiB", 64, 3, connections=2, argument=fixed(str(64 * MIB)), stretch=2),
    Workload("artifact GET, 64 MiB", "artifact_get", "MiB", 64, 5, connections=2, argument=lambda d: d.large, stretch=2),
    Workload("artifact PUT, 4 KiB", "artifact_put", "requests", 1, 10, argument=fixed("4096")),
    Workload("artifact list", "artifact_list", "requests", 1, 50, argument=lambda d: d.long_run),
]
