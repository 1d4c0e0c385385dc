"""registered-models/search: filters, orders, pages, and prompts, which it hides."""

from __future__ import annotations

import json

from ..dsl import Case, case
from .registry import PROMPT, add_version

PATH = "registered-models/search"
SCOPE = "name LIKE '${u}%'"
NAMES = (" Apple", " apple pie", " Banana_1", " 100% cherry", " it's date", ' say "hi"', " é")
TEAMS = ("red", "Red", "blue%", "blu_e", "", "green's", None)
# fmt: off
FILTERS = (
    "name = '${u} Apple'", "name != '${u} Apple'", "name LIKE '%apple%'", "name ILIKE '%APPLE%'",
    "name LIKE '%100\\%%'", "name LIKE '%\\_1'", "name LIKE '%_1'", "name LIKE '${u}_____pie'",
    "name LIKE ''", "name LIKE '%'", "name ILIKE '%É'", "name LIKE '%É'",
    "name = \"${u} it's date\"",
    "name = '${u} it''s date'", "name = '${u} it\\'s date'", "name LIKE \"%'%\"",
    "name LIKE '%\"%'",
    "attribute.name = '${u} Apple'", "attributes.name = '${u} Apple'", "`name` = '${u} Apple'",
    "attribute.`name` = '${u} Apple'", "name IN ('${u} Apple')", "name IN ('${u} Apple', '${u} é')",
    "name in ('${u} Apple', 'x')", "name NOT IN ('${u} Apple')", "name not in ('x')",
    "name IN ('${u} Apple', '${u} Apple')", "name NOT LIKE '%apple%'",
    "name LIKE '%Apple' ESCAPE 'p'",
    "tags.team = 'red'", "tag.team = 'red'", "tags.team != 'red'", "tags.team LIKE 'r%'",
    "tags.team ILIKE 'R%'", "tags.`team` = 'red'", "tags.\"team\" = 'red'", "tags.'team' = 'red'",
    "tags.team = ''", "tags.team = 'blue%'", "tags.team LIKE 'blu\\_%'", "tags.team LIKE 'blu_%'",
    "tags.team = \"green's\"", "tags.`two words` = 'x'", "tags.\"two words\" = 'x'",
    "tags.a.b/c = '1'", "tags.`a.b/c` = '1'", "tags.none = 'x'", "tags.none != 'x'",
    "tags.Team = 'red'", "tags.team = 'red' AND tags.`two words` = 'x'",
    "tags.team != 'red' AND tags.team != 'Red'", "tags.team = 'red' AND tags.team = 'Red'",
    "tags.team LIKE 'r%' AND tags.team ILIKE '%D' AND name LIKE '%'",
    "name LIKE '%a%' and name LIKE '%p%'",
)
# What is wrong, or right in a way that finds nothing outside of the case.
BAD = (
    "x", "name", "name =", "name = Apple", "name = 5", "name = 1.5", "= 'x'", "'x' = name",
    "name == 'x'", "name <> 'x'", "name > 'x'", "name >= 'x'", "name RLIKE 'x'", "name IN ()",
    "name IN 'x'", "name IN ('x',)", "name IN ('x'", "name IN (5)", "name IN ('x', 5)",
    "name IN (x)",
    "name NOT 'x'", "name IS NULL", "name IS NOT NULL", "name BETWEEN 'a' AND 'b'", "name LIKE 5",
    "name = NULL", "name = true", "name = `x`", "name = 'x", "name = \"x", "name = x'", "name = ''",
    "name = '' AND", "AND name = 'x'", "name = 'a' OR name = 'b'", "(name = 'a')", "NOT name = 'a'",
    "name = 'a' name = 'b'", "name = 'a', name = 'b'", "name = 'a'; name = 'b'", "name = 'a';",
    "name = 'a' && name = 'b'", "name = 'a' AND AND name = 'b'", "name='x'", "name\n=\n'x'",
    "name = 'x' -- c", "/* c */ name = 'x'", "SELECT 1", "name = 'x' LIMIT 1", "Name = 'x'",
    "NAME = 'x'", "attribute.Name = 'x'", "Attribute.name = 'x'", "attributes.foo = 'x'",
    "foo = 'x'", "foo.bar = 'x'", "description = 'x'", "creation_timestamp > 5",
    "last_updated_timestamp > 5", "creation_time > 5", "version = '1'", "aliases = 'x'",
    "run_id = 'x'", "metrics.x > 1", "params.x = 'y'", "Tags.x = 'y'", "TAG.x = 'y'", "tags = 'x'",
    "tags.x > 'y'", "tags.x = 5", "tags.x = y", "tags.x IN ('a')", "tags.x NOT IN ('a')",
    "tags.x RLIKE 'a'", "tags.x IS NULL", "tags.x IS NOT NULL", "tags. = 'x'", "tags.`x = 'y'",
    "tags.x y = 'z'", "tags.'' = 'x'", "model.name = 'x'", "registered_model.name = 'x'",
    "attribute.tags.x = 'y'", "name = 'a' AND foo = 'b'", "name = 'a' AND tags.x > 'y'", ";", ",",
    "''", "`", "日本 = 'x'", "name = 'nul\u0000x'", "name LIKE '\\'", "tags.order = 'x'",
    "tags.select = 'x'", "tags.date = 'x'", "tags.key = 'x'", "tags.value = 'x'",
    "name IN ('a') AND name IN ('b')", "name = ('a')", "name LIKE ('a')", "name IN ('it''s')",
    "name IN (\"x\")", "name IN ('a' 'b')", "name IN ('a', ('b'))",
)
PROMPTS = (
    "", "tags.`mlflow.prompt.is_prompt` = 'true'", "tags.`mlflow.prompt.is_prompt` = 'True'",
    "tags.`mlflow.prompt.is_prompt` != 'true'", "tags.`mlflow.prompt.is_prompt` = 'false'",
    "tags.`mlflow.prompt.is_prompt` != 'false'", "tag.mlflow.prompt.is_prompt = 'true'",
    "tags.`mlflow.prompt.is_prompt` LIKE 'true'", "tags.`mlflow.prompt.is_prompt` LIKE '%'",
    "tags.`mlflow.prompt.is_prompt` ILIKE 'TRUE'", "tags.`mlflow.prompt.is_prompt` = ''",
    "tags.`mlflow.prompt.is_prompt` = 'true' AND tags.team = 'red'",
    "tags.`mlflow.prompt.is_prompt` != 'true' AND tags.team = 'red'", "tags.team = 'red'",
    "tags.`mlflow.prompt.is_prompt` = 'true' AND tags.`mlflow.prompt.is_prompt` = 'false'",
    "tags.`mlflow.prompt.is_prompt` != 'true' AND tags.`mlflow.prompt.is_prompt` = 'true'",
    "name = '${u}-p'", "name IN ('${u}-p', '${u}-q', '${u}-m')",
)
ORDERS: tuple[list[str], ...] = (
    ["name"], ["name ASC"], ["name DESC"], ["name desc"], ["name Asc"], ["  name   DESC  "],
    ["last_updated_timestamp"], ["last_updated_timestamp DESC"],
    ["last_updated_timestamp ASC", "name DESC"],
    ["timestamp"], ["timestamp DESC"], ["Timestamp"], ["creation_timestamp"],
    ["creation_timestamp DESC"],
    ["creation_time"], ["last_updated_time"], ["`name`"], ["`name` DESC"], ["'name'"], ["\"name\""],
    ["attribute.name"], ["attributes.name DESC"], ["attribute.last_updated_timestamp"], ["Name"],
    ["name", "name DESC"], ["timestamp", "last_updated_timestamp"], ["timestamp", "name"],
    ["tags.team"],
    ["tag.team DESC"], ["x"], [""], [" "], ["name UP"], ["name ASC DESC"], ["name,timestamp"],
    ["name NULLS LAST"], ["name;"], ["-name"], ["(name)"], ["metrics.x"], ["version_number"],
    ["description"], ["name\nDESC"], ["name", ""], ["日本"],
)
# fmt: on


def cases() -> list[Case]:
    return [
        _default_order(),
        _filters(),
        _bad(),
        _prompts(),
        _orders(),
        _limits(),
        _pages(),
        _tokens(),
        _latest(),
        _queries(),
        _everything(),
    ]


def _with_models(name: str) -> Case:
    c = case(name)
    for number in (3, 0, 5, 1, 6, 2, 4):
        tags = [{"key": "team", "value": TEAMS[number]}] if TEAMS[number] is not None else []
        tags += [{"key": "two words", "value": "x"}] if number % 2 == 0 else []
        tags += [{"key": "a.b/c", "value": "1"}] if number % 3 == 0 else []
        body = {"name": "${u}" + NAMES[number], "tags": tags}
        c.pause().post("registered-models/create", body, NAMES[number])
    for number in (2, 5):
        body = {"name": "${u}" + NAMES[number], "description": "d"}
        c.pause().patch("registered-models/update", body, f"update{NAMES[number]}")
    return c


def _find(c: Case, text: str, note: str = "", **extra: object) -> Case:
    return c.get(PATH, {"filter": text, "max_results": 100, **extra}, note or f"filter {text!r}")


def _default_order() -> Case:
    c = _with_models("default-order")
    _find(c, SCOPE)
    return c.get("/ajax-api/2.0/mlflow/" + PATH, {"filter": SCOPE}, "ajax")


def _filters() -> Case:
    c = _with_models("filters")
    for text in FILTERS:
        _find(c, f"{text} AND {SCOPE}")
    return c


def _bad() -> Case:
    c = _with_models("bad")
    for text in BAD:
        _find(c, text)
    for text in BAD[:60:6]:
        _find(c, f"{SCOPE} AND {text}")
    return c


def _prompts() -> Case:
    c = case("prompts")
    red = {"key": "team", "value": "red"}
    for name, tags in (
        ("m", [red]),
        ("p", [PROMPT, red]),
        ("q", [{**PROMPT, "value": "True"}]),
        ("f", [{**PROMPT, "value": "false"}]),
        ("e", [{**PROMPT, "value": ""}]),
    ):
        c.post("registered-models/create", {"name": "${u}-" + name, "tags": tags}, name)
    for text in PROMPTS:
        both = f"{text} AND {SCOPE}" if text else SCOPE
        _find(c, both)
    set_tag = {"name": "${u}-m", **PROMPT}
    c.post("registered-models/set-tag", set_tag, "the model becomes a prompt")
    _find(c, SCOPE, "without it")
    c.delete("registered-models/delete-tag", {"name": "${u}-p", "key": PROMPT["key"]})
    return _find(c, SCOPE, "with what was a prompt")


def _orders() -> Case:
    c = _with_models("orders")
    for order in ORDERS:
        _find(c, SCOPE, f"order {json.dumps(order)}", order_by=order)
    for order in ORDERS[:9:2]:
        note = f"paged order {json.dumps(order)}"
        _find(c, SCOPE, note, order_by=order, max_results=3).pages()
    return c


def _limits() -> Case:
    c = _with_models("limits")
    for size in (
        "1",
        "100",
        "1000",
        "1001",
        "0",
        "-1",
        "-2",
        "x",
        "1.5",
        "1e2",
        "",
        "+1",
        " 1 ",
        "01",
    ):
        _find(c, SCOPE, f"max_results {size!r}", max_results=size)
    for size in ("2147483647", "2147483648", "9223372036854775808", "null", "true", "١"):
        _find(c, SCOPE, f"max_results {size!r}", max_results=size)
    return c.get(PATH, {"filter": SCOPE}, "no max_results")


def _pages() -> Case:
    c = _with_models("pages")
    for size in (1, 2, 3, 6, 7, 8):
        _find(c, SCOPE, f"pages of {size}", max_results=size).pages()
    return c


def _tokens() -> Case:
    c = _with_models("tokens")
    for token in ("", "x", "abcd", "eyJvZmZzZXQiOiAyfQ==", "e30=", "eyJvZmZzZXQiOiAtMX0=", "W10="):
        _find(c, SCOPE, f"token {token!r}", page_token=token)
    return _find(c, SCOPE, "two tokens", page_token=["", "x"])


def _latest() -> Case:
    """A model is found with its latest versions, tags and aliases."""
    c = _with_models("latest")
    name = "${u}" + NAMES[0]
    for _ in range(3):
        add_version(c, name=name, tags=[{"key": "t", "value": "v"}])
    for version, stage in (("1", "Production"), ("2", "Staging")):
        body = {"name": name, "version": version, "stage": stage}
        c.post("model-versions/transition-stage", body)
    c.post("registered-models/alias", {"name": name, "alias": "best", "version": "1"})
    add_version(c, name="${u}" + NAMES[1])
    _find(c, SCOPE)
    c.delete("model-versions/delete", {"name": name, "version": "3"})
    return _find(c, SCOPE, "after a version was deleted")


def _queries() -> Case:
    c = _with_models("queries")
    good = {"filter": SCOPE, "max_results": "3", "order_by": "name DESC"}
    for name in ("max_results", "order_by"):
        rest = {key: good[key] for key in good if key != name}
        c.get(PATH, rest, f"without {name}")
        c.get(PATH, {**good, name: ""}, f"empty {name}")
        c.get(PATH, {**good, name: [good[name], "x"]}, f"{name} twice")
    c.get(PATH, {**good, "filter": [SCOPE, "x"]}, "filter twice")
    c.get(PATH, {**good, "order_by": ["timestamp DESC", "name"]}, "two orders")
    c.get(PATH, {**good, "unknown": "x"}, "unknown parameter")
    c.send("GET", PATH, json.dumps(good), "by a body", {"Content-Type": "application/json"})
    c.get("registered-models/list", {"max_results": 1}, "which is no more")
    return c.post("registered-models/search", good, "by POST")


def _everything() -> Case:
    c = _with_models("everything").fresh()
    c.post("registered-models/create", {"name": "${u}-p", "tags": [PROMPT]})
    c.get(PATH, None, "all")
    c.get(PATH, {"filter": "", "order_by": "name DESC"}, "all by an empty filter")
    c.get(PATH, {"filter": "AND"}, "all by half a filter")
    return c.get(PATH, {"filter": " ", "max_results": 3}, "all in pages").pages()
