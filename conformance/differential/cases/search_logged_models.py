"""logged-models/search: its own grammar, ordering by objects, datasets, paging."""

from __future__ import annotations

import json

from ..dsl import Case
from .common import NO_EXPERIMENT, add_model, add_run, shape_probes, with_experiment

PATH = "logged-models/search"
VALUES = (0.5, 0.25, -0.75, "Infinity", None)
NAN = (0.5, "NaN", -0.5)
# fmt: off
FILTERS = (
    "name = 'm0-name'", "name != 'm0-name'", "name LIKE 'm%'", "name ILIKE 'M0%'",
    "name like 'm0%'", "name IN ('m0-name')", "name NOT IN ('m0-name', 'm1-name')",
    "name in ('m1-name')", "attributes.name = 'm0-name'", "name = \"m0-name\"",
    "model_type = 'agent'", "model_type = ''", "status = 'LOGGED_MODEL_READY'", "status = 2",
    "status = '2'", "status = 'READY'", "model_id = '${m1}'", "model_id IN ('${m1}', '${m2}')",
    "source_run_id = '${run}'", "experiment_id = '${exp}'", "creation_time > 0",
    "creation_timestamp > 0", "creation_timestamp_ms >= 0", "last_updated_timestamp < 5",
    "creation_time = 'x'", "creation_time > '5'", "creation_time LIKE 5", "metrics.acc > 0.3",
    "metrics.acc = 0.5", "metrics.acc != 0.5", "metrics.`acc` >= 0.25", "metrics.acc > '0.3'",
    "metrics.acc > x", "metrics.acc LIKE 0.5", "metrics.acc IN (0.5)", "metrics.none > 0",
    "params.lr = '0.1'", "params.lr = 0.1", "params.lr != '0.1'", "params.lr LIKE '0%'",
    "params.`lr` ILIKE '0%'", "params.lr IN ('0.1')", "params.lr > '0.1'", "tags.team = 'red'",
    "tags.`team` = 'red'", "tags.team != 'red'", "tags.team LIKE 'r%'", "tags.team IS NULL",
    "tags.team IS NOT NULL", "tag.team = 'red'", "metric.acc > 0", "param.lr = '0.1'",
    "attribute.name = 'm0-name'", "foo.x = 'y'", "unknown = 'x'", "attributes.unknown = 'x'",
    "Name = 'm0-name'", "name == 'm0-name'", "name <> 'm0-name'", "name > 'a'", "name RLIKE 'm.*'",
    "name = 'm0-name' AND metrics.acc > 0.3 AND params.lr = '0.1'", "name = 'a' OR name = 'b'",
    "(name = 'm0-name')", "name = 'm0-name'; x", "name", "name =", "= 'x'", "name = m0-name",
    "name = 5", "name = 'm0", "name = 'it''s'", "name IN ()", "name IN (5)", "name IN 'x'",
    "name IN ('x'", "", " ", ";", "AND", "\u0000", "artifact_location LIKE 'mlflow-artifacts:%'",
    "lifecycle_stage = 'active'", "status_message = 'x'", "metrics.acc > 0.1 AND metrics.acc < 0.4",
    "metadata = 'x'", "tags = 'x'", "name = 'm0-name' name = 'x'",
)
# fmt: on
# fmt: off
ORDERS = (
    [], [{"field_name": "name"}], [{"field_name": "name", "ascending": False}],
    [{"field_name": "creation_time"}], [{"field_name": "creation_timestamp", "ascending": False}],
    [{"field_name": "creation_timestamp_ms"}], [{"field_name": "last_updated_timestamp"}],
    [{"field_name": "metrics.acc"}], [{"field_name": "metrics.acc", "ascending": False}],
    [{"field_name": "metrics.acc", "dataset_name": "d"}],
    [{"field_name": "metrics.acc", "dataset_name": "d", "dataset_digest": "x", "ascending": False}],
    [{"field_name": "metrics.acc", "dataset_name": "none"}], [{"field_name": "metrics.none"}],
    [{"field_name": "model_type"}, {"field_name": "name"}],
    [{"field_name": "status"}, {"field_name": "name", "ascending": False}],
    [{"field_name": "params.lr"}], [{"field_name": "tags.team"}], [{"field_name": "unknown"}],
    [{"field_name": ""}], [{}], [{"ascending": True}], [{"field_name": "name", "ascending": "x"}],
    [{"field_name": 5}], ["name"], [None], [{"field_name": "name"}, {"field_name": "name"}],
    [{"field_name": "tags"}], [{"field_name": "experiment_id"}, {"field_name": "name"}],
    [{"field_name": "name DESC"}], [{"field_name": "attributes.name"}],
    [{"field_name": "metrics.`acc`"}],
)
# fmt: on
# fmt: off
DATASETS = (
    [], [{"dataset_name": "d"}], [{"dataset_name": "d", "dataset_digest": "x"}],
    [{"dataset_name": "none"}], [{"dataset_digest": "x"}], [{}], [{"dataset_name": ""}],
    [{"dataset_name": "d"}, {"dataset_name": "e"}], "x", {}, None, [None], [5],
)
# fmt: on


def cases() -> list[Case]:
    return [
        _filters(),
        _orders(),
        _datasets(),
        _shapes(),
        _pages(),
        _tokens(),
        _experiments(),
        _max_results(),
        _nan(),
    ]


def _with_models(name: str, values: tuple[object, ...] = VALUES) -> Case:
    c = add_run(with_experiment(name))
    for i, value in enumerate(values):
        given = {"params": [{"key": "lr", "value": ("0.1", "0.01", "0.1")[i]}]} if i < 3 else {}
        c.pause()
        add_model(
            c,
            f"m{i}",
            model_type=("agent", "")[i % 2],
            tags=[{"key": "team", "value": ("red", "blue")[i % 2]}] if i < 4 else [],
            **given,
            **({"source_run_id": "${run}"} if i == 1 else {}),
        )
        if value is not None:
            point = {"key": "acc", "value": value, "timestamp": 1, "model_id": "${m%d}" % i}
            data = {"dataset_name": "d" if i < 2 else "e", "dataset_digest": "x" if i else "y"}
            c.post(
                "runs/log-batch",
                {"run_id": "${run}", "metrics": [{**point, **data}, {**point, "step": 1}]},
            )
    c.pause().patch("logged-models/${m0}", {"model_id": "${m0}", "status": "LOGGED_MODEL_READY"})
    return c


def _filters() -> Case:
    c = _with_models("filters")
    for text in FILTERS:
        c.post(PATH, {"experiment_ids": ["${exp}"], "filter": text}, f"filter {text!r}")
    return c


def _orders() -> Case:
    c = _with_models("orders")
    for order in ORDERS:
        c.post(
            PATH, {"experiment_ids": ["${exp}"], "order_by": order}, f"order {json.dumps(order)}"
        )
        if order == [{"field_name": "tags"}]:
            c.loose("ordering by a relation is a crash, whose text has a memory address")
    return c


def _datasets() -> Case:
    c = _with_models("datasets")
    for datasets in DATASETS:
        for text in ("", "metrics.acc > 0.3"):
            c.post(
                PATH,
                {"experiment_ids": ["${exp}"], "datasets": datasets, "filter": text},
                f"datasets {json.dumps(datasets)} {text}",
            )
    return c


def _shapes() -> Case:
    c = _with_models("shapes")
    good = {
        "experiment_ids": ["${exp}"],
        "filter": "",
        "max_results": 5,
        "order_by": [],
        "datasets": [],
        "page_token": "",
    }
    return shape_probes(c, "POST", PATH, good)


def _pages() -> Case:
    c = _with_models("pages")
    for size in (1, 2, 4, 5):
        for order in (
            [],
            [{"field_name": "metrics.acc", "ascending": False}],
            [{"field_name": "name"}],
        ):
            c.post(
                PATH,
                {"experiment_ids": ["${exp}"], "max_results": size, "order_by": order},
                f"pages of {size} {order}",
            ).pages()
    c.post(
        PATH,
        {"experiment_ids": ["${exp}"], "max_results": 1, "filter": "metrics.acc > 0"},
        "filtered pages",
    ).pages()
    return c


def _tokens() -> Case:
    c = _with_models("tokens")
    for token in ("x", "abcd", "e30=", "eyJvZmZzZXQiOiAyfQ==", "!!!", "W10="):
        c.post(PATH, {"experiment_ids": ["${exp}"], "page_token": token}, f"token {token}")
        if token == "!!!":
            c.loose("quotes the text of a Python exception")
    c.post(PATH, {"experiment_ids": ["${exp}"], "max_results": 2}, "first page").bind(
        "token", "next_page_token"
    )
    base = {"experiment_ids": ["${exp}"], "max_results": 2, "page_token": "${token}"}
    c.post(PATH, base, "second page")
    c.post(PATH, {**base, "max_results": 1}, "token with another size")
    c.post(PATH, {**base, "filter": "name = 'x'"}, "token with another filter")
    c.post(PATH, {**base, "order_by": [{"field_name": "name"}]}, "token with another order")
    return c.post(PATH, {**base, "experiment_ids": ["0"]}, "token with another experiment")


def _experiments() -> Case:
    c = _with_models("experiments")
    for ids in (
        ["${exp}", NO_EXPERIMENT],
        [NO_EXPERIMENT],
        [],
        ["abc"],
        [""],
        [5],
        [None],
        "x",
        None,
        {},
    ):
        c.post(PATH, {"experiment_ids": ids}, f"experiment_ids {ids!r}")
    c.post(PATH, {}, "nothing")
    c.send("DELETE", "logged-models/${m1}", None, "delete one")
    c.post(PATH, {"experiment_ids": ["${exp}"]}, "without the deleted one")
    c.post("experiments/delete", {"experiment_id": "${exp}"})
    return c.post(PATH, {"experiment_ids": ["${exp}"]}, "deleted experiment")


def _max_results() -> Case:
    c = _with_models("max-results")
    for size in (0, 1, -1, 50, 51, 1000, 100000, "2", "x", 1.5, None, True, [], 2**31):
        c.post(PATH, {"experiment_ids": ["${exp}"], "max_results": size}, f"max_results {size!r}")
    return c


def _nan() -> Case:
    c = _with_models("nan", NAN)
    for text in ("metrics.acc > -1", "metrics.acc = 0", "metrics.acc != 0.5", "name LIKE 'm%'"):
        c.post(PATH, {"experiment_ids": ["${exp}"], "filter": text}, f"filter {text!r}")
    for ascending in (True, False):
        order = [{"field_name": "metrics.acc", "ascending": ascending}]
        c.post(PATH, {"experiment_ids": ["${exp}"], "order_by": order}, f"ascending {ascending}")
    return c
