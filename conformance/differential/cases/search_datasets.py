"""experiments/search-datasets, at the several paths it is registered under."""

from __future__ import annotations

from ..dsl import Case
from .common import NO_EXPERIMENT, shape_probes
from .search_data import with_runs

PATH = "/ajax-api/2.0/mlflow/experiments/search-datasets"
PATHS = (
    PATH,
    "/api/2.0/mlflow/experiments/search-datasets",
    "/api/2.0mlflow/experiments/search-datasets",
    "/ajax-api/2.0mlflow/experiments/search-datasets",
)


def cases() -> list[Case]:
    return [_search(), _shapes()]


def _search() -> Case:
    c = with_runs("search")
    for path in PATHS:
        c.post(path, {"experiment_ids": ["${exp}"]}, path)
    c.post("runs/delete", {"run_id": "${r0}"})
    c.post(PATH, {"experiment_ids": ["${exp}"]}, "with a deleted run")
    for ids in (
        [],
        None,
        [NO_EXPERIMENT],
        ["abc"],
        ["${exp}", "${exp}"],
        ["${exp}"] * 20,
        ["${exp}"] * 21,
        "${exp}",
        [5],
        [None],
        {},
    ):
        c.post(PATH, {"experiment_ids": ids}, f"experiment_ids {str(ids)[:40]}")
    c.post("experiments/delete", {"experiment_id": "${exp}"})
    return c.post(PATH, {"experiment_ids": ["${exp}"]}, "deleted experiment")


def _shapes() -> Case:
    c = with_runs("shapes")
    shape_probes(c, "POST", PATH, {"experiment_ids": ["${exp}"]})
    return c.get(PATH, {"experiment_ids": "${exp}"}, "GET")
