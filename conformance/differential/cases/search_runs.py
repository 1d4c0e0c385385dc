"""runs/search: the filter grammar, ordering, view types, paging."""

from __future__ import annotations

import json

from ..dsl import Case
from .common import NO_EXPERIMENT, add_run, shape_probes, with_experiment
from .search_data import with_runs
from .search_grammar import MALFORMED, ORDERS

PATH = "runs/search"
# fmt: off
NUMBERS = (
    "=", "!=", "<", "<=", ">", ">=", "==", "<>", "LIKE", "ILIKE", "IN", "like", "~", "IS",
)
# fmt: on
# fmt: off
STRINGS = (
    "=", "!=", "LIKE", "ILIKE", "like", "ilike", "Like", "<", ">=", "==", "<>", "RLIKE",
)
# fmt: on
# fmt: off
TEXTS = (
    "alpha", "Alpha", "%alpha%", "al%", "_lpha", "beta 100%", "beta 100\\%", "beta\\_1", "%'%",
    "it''s", "%日本", "", "%", "ÜNÏ%", "a\\b", "a\\\\b",
)
# fmt: on
NUMERIC_ATTRIBUTES = ("start_time", "end_time", "created", "Created")
# fmt: off
STRING_ATTRIBUTES = (
    "status", "user_id", "artifact_uri", "run_id", "run_name", "run name", "Run name", "Run Name",
    "lifecycle_stage", "experiment_id", "name", "source_type", "run_uuid", "Status", "unknown",
)
# fmt: on


def cases() -> list[Case]:
    return [
        _shapes(),
        _metric_filters(),
        _string_filters(),
        _attribute_filters(),
        _numeric_attributes(),
        _datasets(),
        _null_tests(),
        _run_ids(),
        _malformed(),
        _orders(),
        _views(),
        _max_results(),
        _pages(),
        _tokens(),
        _experiment_ids(),
        _page_limit(),
    ]


def _find(c: Case, text: str, **extra: object) -> Case:
    return c.post(PATH, {"experiment_ids": ["${exp}"], "filter": text, **extra}, f"filter {text!r}")


def _shapes() -> Case:
    c = add_run(with_experiment("shapes"))
    good = {
        "experiment_ids": ["${exp}"],
        "filter": "",
        "run_view_type": "ALL",
        "max_results": 5,
        "order_by": ["start_time"],
    }
    shape_probes(c, "POST", PATH, good)
    return c.get(PATH, good, "GET is not allowed")


def _metric_filters() -> Case:
    c = with_runs("metric-filters")
    for comparator in NUMBERS:
        for value in ("0.5", "0", "-1"):
            _find(c, f"metrics.loss {comparator} {value}")
    for value in ("1.7976931348623157e308", "-1.7976931348623157e308", "1e308", "0.50", "5e-1"):
        _find(c, f"metrics.loss >= {value}")
    return _find(c, "metrics.`n steps` >= 3 AND metrics.loss > 0")


def _string_filters() -> Case:
    c = with_runs("string-filters")
    for comparator in STRINGS:
        for value in ("red", "0.1", "%e%"):
            _find(c, f"tags.team {comparator} '{value}'")
            _find(c, f"params.lr {comparator} '{value}'")
    for value in TEXTS + ("blue\\%", "blu\\_e", "ABC", "%b%"):
        for comparator in ("LIKE", "ILIKE"):
            _find(c, f"params.lr {comparator} '{value}'")
            _find(c, f"tags.team {comparator} '{value}'")
    return c


def _attribute_filters() -> Case:
    c = with_runs("attribute-filters")
    for name in STRING_ATTRIBUTES:
        _find(c, f"attributes.{name} = 'FINISHED'")
        _find(c, f"`{name}` != 'FINISHED'")
    for comparator in STRINGS:
        _find(c, f"status {comparator} 'FINISHED'")
        _find(c, f"user_id {comparator} 'ann'")
    for value in TEXTS:
        for comparator in ("=", "LIKE", "ILIKE"):
            _find(c, f"run_name {comparator} '{value}'")
    _find(c, "artifact_uri LIKE '%${r1}/artifacts'")
    return _find(c, "attributes.`run name` = 'Alpha'")


def _numeric_attributes() -> Case:
    c = with_runs("numeric-attributes")
    for name in NUMERIC_ATTRIBUTES:
        for comparator in NUMBERS:
            _find(c, f"attributes.{name} {comparator} 1037")
    for value in ("2001", "2001.0", "1.5", "-1", "'2001'"):
        _find(c, f"end_time >= {value}")
    return c


def _datasets() -> Case:
    c = with_runs("datasets")
    for key, value in (
        ("name", "iris"),
        ("digest", "d1"),
        ("context", "train"),
        ("name", "%i%"),
        ("digest", "d_4"),
        ("context", "T%"),
        ("name", "it''s"),
    ):
        for comparator in STRINGS:
            _find(c, f"dataset.{key} {comparator} '{value}'")
    for text in (
        "datasets.name = 'iris'",
        "dataset.name IN ('iris', 'Wine')",
        "dataset.name NOT IN ('iris')",
        "dataset.digest IN ('d1')",
        "dataset.context IN ('train', 'eval')",
        "dataset.context NOT IN ('train')",
        "dataset.name = 'iris' AND dataset.context = 'eval'",
        "dataset.name = 'iris' AND dataset.digest = 'd1' AND metrics.loss > 0",
        "datasets.`name` = 'iris'",
        "dataset.NAME = 'iris'",
        "dataset.source = 's'",
    ):
        _find(c, text)
    return c


def _null_tests() -> Case:
    c = with_runs("null-tests")
    for key in ("params.lr", "tags.team", "tags.`x y`", "params.none", "param.lr", "tag.team"):
        for test in (
            "IS NULL",
            "IS NOT NULL",
            "is null",
            "is not null",
            "IS  NULL",
            "IS NOT  NULL",
        ):
            _find(c, f"{key} {test}")
    _find(c, "params.lr IS NULL AND tags.team IS NOT NULL")
    _find(c, "tags.team = 'red' AND params.lr IS NOT NULL")
    return _find(c, "params.lr IS NOT NULL AND metrics.loss > 0 AND status = 'FINISHED'")


def _run_ids() -> Case:
    c = with_runs("run-ids")
    for text in (
        "run_id = '${r1}'",
        "attributes.run_id != '${r1}'",
        "run_id IN ('${r1}', '${r3}')",
        "run_id IN ('${r1}')",
        "attribute.run_id NOT IN ('${r1}', '${r3}')",
        "run_id in ('${r1}')",
        "run_id not in ('${r1}')",
        "run_id LIKE '${r1}%'",
        'run_id IN ("${r1}")',
        "run_id IN ('${r1}', '${r1}')",
        "run_id IN('${r2}')",
        "run_id IN ('${r1}') AND metrics.loss > 0",
        "metrics.loss > 0 AND run_id IN ('${r1}')",
        "run_id IN ('none')",
        "run_id = 'none'",
        "run_id IN (`${r1}`)",
        "run_id  IN  ( '${r1}' )",
    ):
        _find(c, text)
    return c


def _malformed() -> Case:
    c = with_runs("malformed")
    for text in MALFORMED:
        _find(c, text)
        if text == "run_id IN (x)":
            c.loose("a list that is no literal ends in the text of a Python exception")
    return c


def _orders() -> Case:
    c = with_runs("orders")
    for order in ORDERS:
        c.post(
            PATH, {"experiment_ids": ["${exp}"], "order_by": order}, f"order {json.dumps(order)}"
        )
        c.post(
            PATH,
            {"experiment_ids": ["${exp}"], "order_by": order, "max_results": 3},
            f"paged order {json.dumps(order)}",
        ).pages()
    return c


def _views() -> Case:
    c = with_runs("views")
    for view in (
        "ACTIVE_ONLY",
        "DELETED_ONLY",
        "ALL",
        "active_only",
        "BOGUS",
        "",
        0,
        1,
        2,
        3,
        4,
        -1,
        "3",
        None,
        True,
        1.0,
        [],
    ):
        c.post(PATH, {"experiment_ids": ["${exp}"], "run_view_type": view}, f"view {view!r}")
    c.post("experiments/delete", {"experiment_id": "${exp}"})
    for view in ("ACTIVE_ONLY", "DELETED_ONLY", "ALL"):
        c.post(PATH, {"experiment_ids": ["${exp}"], "run_view_type": view}, f"deleted {view}")
    return c


def _max_results() -> Case:
    c = with_runs("max-results")
    for value in (
        1,
        7,
        8,
        50000,
        50001,
        0,
        -1,
        "5",
        "x",
        "",
        2.0,
        1.5,
        None,
        True,
        10**12,
        2**40,
        [],
        {},
    ):
        c.post(PATH, {"experiment_ids": ["${exp}"], "max_results": value}, f"max_results {value!r}")
    return c


def _pages() -> Case:
    c = with_runs("pages")
    for size in (1, 2, 3, 7, 8):
        for order in ([], ["metrics.loss DESC"], ["params.lr"]):
            body = {"experiment_ids": ["${exp}"], "max_results": size, "order_by": order}
            c.post(PATH, body, f"pages of {size} {order}").pages()
    c.post(
        PATH,
        {"experiment_ids": ["${exp}"], "max_results": 2, "filter": "metrics.loss < 1"},
        "pages of a filter",
    ).pages()
    return c


def _tokens() -> Case:
    c = with_runs("tokens")
    for token in (
        "x",
        "!!!!",
        "abcd",
        "eyJvZmZzZXQiOiAyfQ==",
        "eyJvZmZzZXQiOiAwfQ==",
        "eyJvZmZzZXQiOiAieCJ9",
        "eyJvZmZzZXQiOiAiMyJ9",
        "eyJvZmZzZXQiOiAtMX0=",
        "e30=",
        "eyJvZmZzZXQiOiA5OTl9",
        "ünï",
        "",
        None,
        5,
    ):
        c.post(
            PATH,
            {"experiment_ids": ["${exp}"], "max_results": 3, "page_token": token},
            f"token {token!r}",
        )
    return c


def _experiment_ids() -> Case:
    c = with_runs("experiment-ids")
    c.post("experiments/create", {"name": "${u}-second"}).bind("exp2", "experiment_id")
    c.post("runs/create", {"experiment_id": "${exp2}", "run_name": "x", "start_time": 5}).bind(
        "s", "run.info.run_id"
    )
    for ids in (
        ["${exp}", "${exp2}"],
        ["${exp2}", "${exp2}"],
        [NO_EXPERIMENT],
        [],
        ["abc"],
        [""],
        ["1.5"],
        ["${exp2}", "abc"],
        [5],
        [None],
        "${exp2}",
        None,
        {},
        ["-1"],
    ):
        c.post(PATH, {"experiment_ids": ids}, f"experiment_ids {ids!r}")
    return c.post(PATH, {}, "no experiment_ids")


def _page_limit() -> Case:
    c = with_runs("checks-order")
    bad = {
        "experiment_ids": ["${exp}"],
        "filter": "bad",
        "order_by": ["bad x y"],
        "page_token": "x",
        "max_results": 0,
    }
    for drop in (
        (),
        ("max_results",),
        ("max_results", "filter"),
        ("max_results", "filter", "order_by"),
    ):
        c.post(PATH, {k: v for k, v in bad.items() if k not in drop}, f"all wrong but {drop}")
    return c.post(
        PATH,
        {**bad, "experiment_ids": ["abc"], "max_results": 5, "filter": "", "order_by": []},
        "token, id",
    )
