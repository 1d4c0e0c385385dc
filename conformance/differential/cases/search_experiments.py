"""experiments/search: by POST as the clients do and by GET as the UI does."""

from __future__ import annotations

import json

from ..dsl import Case, case
from .common import shape_probes

PATH = "experiments/search"
NAMES = ("Apple", "apple pie", "Banana_1", "100% cherry", "it's date")
# fmt: off
COMPARATORS = (
    "=", "!=", "LIKE", "ILIKE", "like", "<", "IN", "NOT IN", "IS", "RLIKE",
)
# fmt: on
# fmt: off
FILTERS = (
    "name = '${u} Apple'", "name != '${u} Apple'", "name LIKE '%${u} apple%'",
    "name ILIKE '%${u} APPLE%'", "attribute.name = '${u} Apple'", "attributes.name = '${u} Apple'",
    "`name` = '${u} Apple'", "name = \"${u} it's date\"", "name = '${u} it''s date'",
    "name LIKE '%100\\%%'", "name LIKE '%\\_1'", "tags.team = 'red'", "tag.team = 'red'",
    "tags.team != 'red'", "tags.team LIKE 'r%'", "tags.`team` ILIKE 'R%'", "tags.team IS NULL",
    "tags.team IS NOT NULL", "tags.`two words` = 'x'", "tags.\"two words\" = 'x'",
    "tag.team is null", "experiment_id = '${e1}'", "experiment_id != '${e1}'",
    "experiment_id IN ('${e1}', '${e2}')", "experiment_id NOT IN ('${e1}')",
    "experiment_id in ('${e1}')", "creation_time > 0", "creation_time >= 1600000000000",
    "last_update_time < 5", "creation_time != 5", "tags.team = 'red' AND tags.`two words` = 'x'",
)
# fmt: on
# fmt: off
BAD = (
    "x", "name", "name =", "name = Apple", "name = 5", "= 'x'", "name == 'x'", "name <> 'x'",
    "name > 'x'", "name RLIKE 'x'", "name IN ('x')", "name IS NULL", "experiment_id = 'abc'",
    "experiment_id > '1'", "experiment_id LIKE '1%'", "experiment_id = 5", "experiment_id IN (5)",
    "experiment_id IN ()", "experiment_id IN ('abc')", "creation_time = 'x'",
    "creation_time LIKE 5", "creation_time > 1.5", "lifecycle_stage = 'active'",
    "artifact_location = 'x'", "metrics.x > 1", "params.x = 'y'", "foo.x = 'y'", "tags.x > 'y'",
    "tags.x = 5", "tags.x IN ('a')", "tags.x RLIKE 'a'", "name = 'a' OR name = 'b'", "(name = 'a')",
    "name = 'a' name = 'b'", "name = 'a'; name = 'b'", "NOT name = 'a'", "name = 'a",
    "attribute.foo = 'x'", "tags = 'x'", "name LIKE 5", "creation_time IS NULL", "", " ", ";",
    "AND", "\u0000",
)
# fmt: on
# fmt: off
ORDERS: tuple[list[str], ...] = (
    ["name"], ["name ASC"], ["name DESC"], ["experiment_id"], ["experiment_id DESC"],
    ["creation_time"], ["creation_time DESC"], ["last_update_time"],
    ["last_update_time DESC", "name"], ["attribute.name"], ["attributes.name DESC"], ["`name`"],
    ["name", "name DESC"], ["tags.team"], ["tag.team DESC"], ["lifecycle_stage"], ["x"], [""],
    ["name UP"], ["name ASC DESC"], ["metrics.x"], ["timestamp"], ["name,experiment_id"],
)
# fmt: on
SCOPE = "name LIKE '${u}%'"


def cases() -> list[Case]:
    return [
        _default_order(),
        _shapes(),
        _filters(),
        _comparators(),
        _bad(),
        _orders(),
        _views(),
        _pages(),
        _gets(),
        _everything(),
    ]


def _with_experiments(name: str) -> Case:
    c = case(name)
    for i, each in enumerate(NAMES):
        tags = [{"key": "team", "value": ("red", "Red", "blue")[i]}] if i < 3 else []
        tags += [{"key": "two words", "value": "x"}] if i % 2 == 0 else []
        c.pause().post("experiments/create", {"name": "${u} " + each, "tags": tags})
        c.bind(f"e{i}", "experiment_id")
    c.pause().post(
        "experiments/set-experiment-tag", {"experiment_id": "${e2}", "key": "k", "value": "v"}
    )
    c.pause().post("experiments/update", {"experiment_id": "${e0}", "new_name": "${u} Apple"})
    return c


def _find(c: Case, text: str, note: str = "", **extra: object) -> Case:
    return c.post(PATH, {"max_results": 100, "filter": text, **extra}, note or f"filter {text!r}")


def _default_order() -> Case:
    c = _with_experiments("default-order")
    return _find(c, SCOPE)


def _shapes() -> Case:
    c = _with_experiments("shapes")
    good = {
        "max_results": 2,
        "filter": SCOPE,
        "view_type": "ALL",
        "order_by": ["name"],
        "page_token": "",
    }
    return shape_probes(
        c, "POST", PATH, good, ("view_type", "order_by", "page_token", "max_results")
    )


def _filters() -> Case:
    c = _with_experiments("filters")
    for text in FILTERS:
        _find(c, f"{SCOPE} AND {text}")
        _find(c, f"{text} AND {SCOPE}")
    return c


def _comparators() -> Case:
    c = _with_experiments("comparators")
    for comparator in COMPARATORS + (">", ">=", "<=", "==", "<>"):
        for left, right in (
            ("name", "'${u} Apple'"),
            ("tags.team", "'red'"),
            ("experiment_id", "'${e1}'"),
            ("creation_time", "5"),
            ("last_update_time", "'x'"),
            ("name", "('a', 'b')"),
        ):
            _find(c, f"{left} {comparator} {right} AND {SCOPE}")
    return c


def _bad() -> Case:
    c = _with_experiments("bad")
    for text in BAD:
        _find(c, text, max_results=1) if text.strip() else _find(c, f"{text} {SCOPE}")
    return c


def _orders() -> Case:
    c = _with_experiments("orders")
    for order in ORDERS:
        _find(c, SCOPE, f"order {json.dumps(order)}", order_by=order)
        _find(c, SCOPE, f"paged order {json.dumps(order)}", order_by=order, max_results=2).pages()
    return c


def _views() -> Case:
    c = _with_experiments("views")
    c.post("experiments/delete", {"experiment_id": "${e1}"})
    for view in ("ACTIVE_ONLY", "DELETED_ONLY", "ALL", "BOGUS", "", 1, 2, 3, 4, "1", None, True):
        _find(c, SCOPE, f"view {view!r}", view_type=view, order_by=["name"])
    return c


def _pages() -> Case:
    c = _with_experiments("pages")
    for size in (1, 2, 4, 5):
        _find(c, SCOPE, f"pages of {size}", max_results=size, order_by=["name"]).pages()
    for size in (0, -1, 50000, 50001, None, "3", "x", 1.5):
        _find(c, SCOPE, f"max_results {size!r}", max_results=size)
    c.post(PATH, {"filter": SCOPE}, "no max_results")
    for token in ("x", "abcd", "eyJvZmZzZXQiOiAyfQ==", "e30=", "eyJvZmZzZXQiOiAtMX0="):
        _find(c, SCOPE, f"token {token}", page_token=token, order_by=["name"])
    return c


def _gets() -> Case:
    c = _with_experiments("gets")
    c.get(PATH, {"max_results": 5, "filter": SCOPE, "order_by": ["name DESC"]})
    c.get(
        PATH,
        {"max_results": 5, "filter": SCOPE, "order_by": ["name DESC", "experiment_id"]},
        "two order_by",
    )
    c.get(PATH, {"max_results": 2, "filter": SCOPE, "order_by": "name"}, "pages").pages()
    for view in ("ALL", "DELETED_ONLY", "1", "BOGUS"):
        c.get(
            PATH,
            {"max_results": 5, "filter": SCOPE, "view_type": view, "order_by": "name"},
            f"view {view}",
        )
    c.get(PATH, None, "no query, no body")
    c.get(PATH, {"filter": SCOPE}, "no max_results")
    return c.get(
        "/ajax-api/2.0/mlflow/" + PATH,
        {"max_results": 5, "filter": SCOPE, "order_by": "name"},
        "ajax",
    )


def _everything() -> Case:
    c = _with_experiments("everything").fresh()
    return c.post(PATH, {"max_results": 1000}, "all")
