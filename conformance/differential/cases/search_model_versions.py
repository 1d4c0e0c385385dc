"""model-versions/search: filters, orders, pages, and prompts, which it hides."""

from __future__ import annotations

import json

from ..dsl import Case, case
from .common import NO_RUN
from .registry import PROMPT, add_version
from .search_registered_models import PROMPTS

PATH = "model-versions/search"
SCOPE = "name LIKE '${u}%'"
# fmt: off
FILTERS = (
    "name = '${u}-a'", "name != '${u}-a'", "name LIKE '%-a'", "name ILIKE '%-A'",
    "name IN ('${u}-a')",
    "name IN ('${u}-a', '${u}-B')", "name NOT IN ('${u}-a')", "`name` = '${u}-a'",
    "attribute.name = '${u}-a'", "attributes.name = '${u}-a'", "name = \"${u}-a\"",
    "version_number = 1", "version_number != 1", "version_number > 1", "version_number >= 2",
    "version_number < 2", "version_number <= 1", "version_number = '1'", "version_number > '1'",
    "version_number = '01'", "version_number = 01", "version_number = 0", "version_number > -1",
    "version_number > 99999999999", "attribute.version_number = 2", "`version_number` = 2",
    "run_id = '${run}'", "run_id = ''", "run_id != '${run}'", "run_id != ''",
    # The server's own ids are random: a pattern must not match some of them by chance.
    "run_id LIKE '%${run}'", "run_id ILIKE '%'",
    "run_id IN ('${run}')", "run_id IN ('${run}', '')", "run_id NOT IN ('')",
    "run_id in ('x')", "attributes.run_id = '${run}'", "source_path = 's3://b/one'",
    "source_path != 's3://b/one'", "source_path LIKE 's3://b/%'", "source_path ILIKE 'S3://%'",
    "source_path LIKE '%100\\%'", "source_path LIKE '%\\_x'", "source_path LIKE '%_x'",
    "source_path = \"s3://b/it's\"", "tags.team = 'red'", "tag.team = 'red'", "tags.team != 'red'",
    "tags.team LIKE 'r%'", "tags.team ILIKE 'R%'", "tags.`team` = 'red'", "tags.\"team\" = 'red'",
    "tags.team = ''", "tags.`two words` = 'x'", "tags.none = 'x'", "tags.none != 'x'",
    "tags.team = 'red' AND tags.`two words` = 'x'", "tags.team = 'red' AND tags.team = 'Red'",
    "name = '${u}-a' AND version_number = 2", "version_number > 1 AND version_number < 3",
    "name = '${u}-a' AND run_id = '${run}' AND tags.team = 'red' AND source_path LIKE 's3%'",
)
# What is wrong, or right in a way that finds nothing outside of the case.
BAD = (
    "x", "name", "name =", "name = x", "name = 5", "= 'x'", "name == 'x'", "name <> 'x'",
    "name > 'x'",
    "name RLIKE 'x'", "name IN ()", "name IN 'x'", "name IN ('x',)", "name IN (5)",
    "name IN ('x', 5)",
    "name IS NULL", "name BETWEEN 'a' AND 'b'", "name = 'x", "name = ''",
    "name = 'a' OR name = 'b'",
    "(name = 'a')", "NOT name = 'a'", "name = 'a' name = 'b'", "name = 'a'; name = 'b'",
    "name = 'x' AND",
    "Name = 'x'", "attribute.Name = 'x'", "version = '1'", "version = 1", "version_number = 'x'",
    "version_number = x", "version_number = 1.5", "version_number = '1.5'", "version_number = 1e3",
    "version_number = ''", "version_number LIKE '1'", "version_number LIKE 1",
    "version_number IN (1)",
    "version_number IN ('1')", "version_number NOT IN (1)", "version_number == 1",
    "version_number <> 1", "version_number = NULL", "version_number IS NULL",
    "version_number = 0x1",
    "version_number > 99999999999999999999", "version_number = '99999999999999999999'",
    "version_number = +1", "version_number = 1_0", "version_number = (1)", "1 = version_number",
    "version_number BETWEEN 1 AND 2", "creation_timestamp > 5", "last_updated_timestamp > 5",
    "creation_timestamp = 'x'", "current_stage = 'None'", "stage = 'None'", "status = 'READY'",
    "user_id = 'x'", "description = 'x'", "source = 'x'", "aliases = 'x'", "run_link = 'x'",
    "run_id = 5", "run_id = x", "run_id > 'x'", "run_id IN ()", "run_id IN (5)", "run_id IN 'x'",
    "run_id IS NULL", "source_path = 5", "source_path > 'x'", "source_path IN ('x')",
    "source_path NOT IN ('x')", "source_path IS NULL", "foo = 'x'", "foo.bar = 'x'",
    "metrics.x > 1",
    "params.x = 'y'", "attributes.foo = 'x'", "tags = 'x'", "tags.x > 'y'", "tags.x = 5",
    "tags.x = y",
    "tags.x IN ('a')", "tags.x IS NULL", "tags. = 'x'", "tags.`x = 'y'", "Tags.x = 'y'",
    "model_version.name = 'x'", "name = 'a' AND foo = 'b'", ";", "''", "`",
    "name = 'nul\u0000x'",
    "version_number = 1 AND name = 'x' OR 1 = 1", "name = 'x' -- c", "version_number= 1 name = 'x'",
)
ORDERS: tuple[list[str], ...] = (
    ["name"], ["name DESC"], ["version_number"], ["version_number DESC"],
    ["name DESC", "version_number"],
    ["creation_timestamp"], ["creation_timestamp DESC"], ["last_updated_timestamp"],
    ["last_updated_timestamp DESC"], ["version_number ASC", "name ASC"], ["`version_number` DESC"],
    ["attribute.name"], ["attributes.version_number DESC"], ["  name   DESC  "], ["name desc"],
    ["timestamp"], ["version"], ["run_id"], ["source_path"], ["current_stage"], ["tags.team"],
    ["x"],
    [""], [" "], ["name UP"], ["name ASC DESC"], ["name", "name DESC"], ["name,version_number"],
    ["version_number", "version_number"], ["Name"], ["creation_time"], ["metrics.x"], ["name;"],
    ["-version_number"], ["name NULLS LAST"], ["name", ""],
)
# fmt: on


def cases() -> list[Case]:
    return [
        _default_order(),
        _filters(),
        _bad(),
        _prompts(),
        _prompt_versions(),
        _orders(),
        _limits(),
        _pages(),
        _tokens(),
        _queries(),
        _told(),
        _everything(),
    ]


def _with_versions(name: str) -> Case:
    """Three models with seven versions, one of them deleted; ${run} is a run's id."""
    c = case(name).post("experiments/create", {"name": "${u}"}).bind("exp", "experiment_id")
    body = {"experiment_id": "${exp}", "start_time": 1000, "run_name": "r"}
    c.post("runs/create", body).bind("run", "run.info.run_id")
    for model in ("a", "B", "c_x"):
        c.post("registered-models/create", {"name": "${u}-" + model})
    for model, source, run, team in (
        ("B", "s3://b/one", "${run}", "red"),
        ("a", "s3://b/one", "", "Red"),
        ("a", "s3://b/100%25", "${run}", "red"),
        ("c_x", "dbfs:/a_x", NO_RUN, None),
        ("a", "s3://b/it's", "", ""),
        ("B", "S3://b/two", NO_RUN, "blue%"),
        ("a", "s3://b/x", "${run}", "red"),
    ):
        tags = [{"key": "team", "value": team}] if team is not None else []
        tags += [{"key": "two words", "value": "x"}] if run == "${run}" else []
        add_version(c, f"of {model}", name="${u}-" + model, source=source, run_id=run, tags=tags)
    c.pause().delete("model-versions/delete", {"name": "${u}-a", "version": "4"})
    body = {"name": "${u}-a", "version": "1", "description": "d"}
    return c.pause().patch("model-versions/update", body, "the last one that changed")


def _find(c: Case, text: str, note: str = "", **extra: object) -> Case:
    return c.get(PATH, {"filter": text, "max_results": 100, **extra}, note or f"filter {text!r}")


def _default_order() -> Case:
    c = _with_versions("default-order")
    _find(c, SCOPE)
    return c.get("/ajax-api/2.0/mlflow/" + PATH, {"filter": SCOPE}, "ajax")


def _filters() -> Case:
    c = _with_versions("filters")
    for text in FILTERS:
        _find(c, f"{text} AND {SCOPE}")
    return c


def _bad() -> Case:
    c = _with_versions("bad")
    for text in BAD:
        _find(c, text)
    return c


def _prompts() -> Case:
    """A version is a prompt's if the tag is its own, whatever the tags of the model are."""
    c = case("prompts")
    red = {"key": "team", "value": "red"}
    for name, tags, model_tags in (
        ("m", [red], []),
        ("p", [PROMPT, red], [PROMPT]),
        ("q", [{**PROMPT, "value": "True"}], [{**PROMPT, "value": "True"}]),
        ("f", [{**PROMPT, "value": "false"}], []),
        ("n", [PROMPT], []),
        ("t", [red], [PROMPT]),
    ):
        c.post("registered-models/create", {"name": "${u}-" + name, "tags": model_tags})
        source = "dummy-source" if tags[0] in (PROMPT, {**PROMPT, "value": "True"}) else "s3://b/x"
        add_version(c, f"of {name}", name="${u}-" + name, source=source, tags=tags)
    for text in PROMPTS:
        both = f"{text} AND {SCOPE}" if text else SCOPE
        _find(c, both, order_by="name")
    return c


def _prompt_versions() -> Case:
    """One version that is a prompt's hides all of its model."""
    c = case("prompt-versions").post("registered-models/create", {"name": "${u}"})
    add_version(c, "a model's")
    add_version(c, "a prompt's", source="dummy-source", tags=[PROMPT])
    _find(c, SCOPE)
    _find(c, SCOPE + " AND tags.`mlflow.prompt.is_prompt` = 'true'")
    c.delete("model-versions/delete", {"name": "${u}", "version": "2"})
    return _find(c, SCOPE, "after the prompt's was deleted")


def _orders() -> Case:
    c = _with_versions("orders")
    for order in ORDERS:
        _find(c, SCOPE, f"order {json.dumps(order)}", order_by=order)
    for order in ORDERS[:10:2]:
        note = f"paged order {json.dumps(order)}"
        _find(c, SCOPE, note, order_by=order, max_results=2).pages()
    return c


def _limits() -> Case:
    c = _with_versions("limits")
    for size in ("1", "200000", "200001", "0", "-1", "x", "1.5", "", "+1", " 1 ", "null", "true"):
        _find(c, SCOPE, f"max_results {size!r}", max_results=size)
    _find(c, SCOPE, "max_results beyond 64 bits", max_results="9223372036854775808")
    return c.get(PATH, {"filter": SCOPE}, "no max_results")


def _pages() -> Case:
    c = _with_versions("pages")
    for size in (1, 2, 5, 6, 7):
        _find(c, SCOPE, f"pages of {size}", max_results=size).pages()
    return c


def _tokens() -> Case:
    c = _with_versions("tokens")
    for token in ("", "x", "abcd", "eyJvZmZzZXQiOiAyfQ==", "e30=", "eyJvZmZzZXQiOiAtMX0="):
        _find(c, SCOPE, f"token {token!r}", page_token=token)
    return c


def _queries() -> Case:
    c = _with_versions("queries")
    good = {"filter": SCOPE, "max_results": "3", "order_by": "version_number DESC"}
    for name in ("max_results", "order_by"):
        rest = {key: good[key] for key in good if key != name}
        c.get(PATH, rest, f"without {name}")
        c.get(PATH, {**good, name: ""}, f"empty {name}")
    c.get(PATH, {**good, "filter": [SCOPE, "x"]}, "filter twice")
    c.get(PATH, {**good, "order_by": ["name DESC", "version_number"]}, "two orders")
    c.send("GET", PATH, json.dumps(good), "by a body", {"Content-Type": "application/json"})
    return c.post(PATH, good, "by POST")


def _told() -> Case:
    """What a search tells of a version; aliases are not among it."""
    c = _with_versions("told")
    c.post("registered-models/alias", {"name": "${u}-a", "alias": "best", "version": "1"})
    stage = {"name": "${u}-a", "version": "2", "stage": "Production"}
    c.pause().post("model-versions/transition-stage", stage)
    return _find(c, SCOPE)


def _everything() -> Case:
    c = _with_versions("everything").fresh()
    c.get(PATH, None, "all")
    c.get(PATH, {"filter": "", "order_by": "name"}, "all by an empty filter")
    c.get(PATH, {"filter": "AND"}, "all by half a filter")
    return c.get(PATH, {"max_results": 2}, "all in pages").pages()
