"""What the cases of several nouns have in common."""

from __future__ import annotations

import json
from typing import Any, Iterable

from ..dsl import Case, case

UNIQUE_LENGTH = 16
NO_RUN = "0" * 31 + "1"
NO_EXPERIMENT = "987654321"
NO_MODEL = "m-" + "0" * 31 + "1"
# fmt: off
WRONG = (
    None, "", "text", 0, 7, 1.5, True, [], {}, ["x"], {"k": "v"},
)
# fmt: on
PYTHON_TEXT = "carries the text of a Python exception"


def with_experiment(name: str, **fields: Any) -> Case:
    """A case that starts with an experiment of its own, bound as ${exp}."""
    body = {"name": "${u}-" + name, **fields}
    return case(name).post("experiments/create", body).bind("exp", "experiment_id")


def add_run(c: Case, var: str = "run", start: int = 1000, **fields: Any) -> Case:
    """One more run with a fixed name and start time, bound as ${var}."""
    body = {"experiment_id": "${exp}", "start_time": start, "run_name": var + " name", **fields}
    return c.post("runs/create", body).bind(var, "run.info.run_id")


def with_run(name: str, **fields: Any) -> Case:
    return add_run(with_experiment(name), **fields)


def add_model(c: Case, var: str = "model", **fields: Any) -> Case:
    body = {"experiment_id": "${exp}", "name": var + "-name", **fields}
    return c.post("logged-models", body).bind(var, "model.info.model_id")


def get_run(c: Case, run: str = "run") -> Case:
    return c.get("runs/get", {"run_id": "${%s}" % run})


def without(body: dict[str, Any], field: str) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key != field}


def shape_probes(
    c: Case,
    method: str,
    path: str,
    good: dict[str, Any],
    fields: Iterable[str] | None = None,
    wrong: Iterable[Any] = WRONG,
) -> Case:
    """Leaves out each field in turn, then gives it a value of every wrong kind."""
    send = {"POST": c.post, "PATCH": c.patch, "DELETE": c.delete}[method]
    for field in fields or good:
        send(path, without(good, field), f"{path} without {field}")
        for value in wrong:
            send(path, {**good, field: value}, f"{path} {field}={json.dumps(value)}")
    return c


def query_probes(c: Case, path: str, good: dict[str, Any]) -> Case:
    """The same for GET: each parameter missing, empty, and given twice."""
    for name in good:
        c.get(path, without(good, name), f"{path} without {name}")
        c.get(path, {**good, name: ""}, f"{path} empty {name}")
        c.get(path, {**good, name: [good[name], "second"]}, f"{path} {name} twice")
    return c
