"""The runs that the search cases look through, all different in start time so order is defined."""

from __future__ import annotations

from ..dsl import Case
from .common import with_experiment

STATUSES = (
    "FINISHED",
    "FAILED",
    "RUNNING",
    "KILLED",
    "SCHEDULED",
    "FINISHED",
    "FINISHED",
    "FAILED",
)
NAMES = ("Alpha", "alpha", "beta 100%", "beta_1", "it's", 'say "hi"', "ünï 日本", "a\\b")
USERS = ("ann", "bob", "Ann", "", "ann", "carl", "bob", "ann")
LOSS = (0.5, 0.25, "NaN", "Infinity", "-Infinity", None, -1, 0.5)
STEPS = (3, None, 7, 7, 1, 0, 3, 2)
LEARN = ("0.1", "0.01", "0.1", None, "", "ABC", "abc", "0.10")
TEAM = ("red", "Red", None, "blue%", "blu_e", "", "green's", "red")
DATASETS = (
    ("iris", "d1", "train"),
    ("iris", "d2", "eval"),
    ("Wine", "d1", "train"),
    None,
    ("iris", "d1", None),
    ("it's", "d3", "test"),
    None,
    ("100%", "d_4", "train"),
)


def with_runs(name: str) -> Case:
    """Eight runs ${r0} to ${r7}; the last one is deleted."""
    c = with_experiment(name)
    for i, run_name in enumerate(NAMES):
        c.post(
            "runs/create",
            {
                "experiment_id": "${exp}",
                "start_time": 1000 + (i * 37) % 100,
                "run_name": run_name,
                "user_id": USERS[i],
            },
        )
        c.bind(f"r{i}", "run.info.run_id")
        _fill(c, i)
    return c.post("runs/delete", {"run_id": "${r7}"})


def _fill(c: Case, i: int) -> None:
    run = {"run_id": "${r%d}" % i}
    c.post(
        "runs/update", {**run, "status": STATUSES[i], **({"end_time": 2000 + i} if i % 3 else {})}
    )
    point = {"key": "loss", "timestamp": 1, "step": 0}
    metrics = [{**point, "value": LOSS[i]}] if LOSS[i] is not None else []
    if STEPS[i] is not None:
        metrics.append({**point, "key": "n steps", "value": STEPS[i]})
    params = [{"key": "lr", "value": LEARN[i]}] if LEARN[i] is not None else []
    tags = [{"key": "team", "value": TEAM[i]}] if TEAM[i] is not None else []
    tags.append({"key": "mlflow.note.content", "value": f"note {i}"})
    if i % 2:
        params.append({"key": "a.b/c d", "value": str(i)})
        tags.append({"key": "x y", "value": "z"})
    c.post("runs/log-batch", {**run, "metrics": metrics, "params": params, "tags": tags})
    if DATASETS[i]:
        dataset, digest, context = DATASETS[i]
        given = [{"key": "mlflow.data.context", "value": context}] if context else []
        entry = {
            "dataset": {"name": dataset, "digest": digest, "source_type": "local", "source": "s"},
            "tags": given,
        }
        c.post("runs/log-inputs", {**run, "datasets": [entry]})
