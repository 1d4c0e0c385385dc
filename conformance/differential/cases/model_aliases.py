"""Aliases of registered models: set, move, get and delete them."""

from __future__ import annotations

import json

from ..dsl import JSON_TYPE, Case
from .common import query_probes, shape_probes
from .registry import BAD_NAMES, NO_NAME, WRONG_NAMES, add_version, get_registered, get_version
from .registry import short, versions_of, with_registered, with_version

PATH = "registered-models/alias"
# fmt: off
ALIASES = (
    "champion", "Champion", "CHAMPION", "a_b-c", "7", "a1", "ünï", "日本", "-", "_", "v", "v1x",
    "version1", "None", "Production", "a" * 255, "latest ", "a b", "a.b", "a/b", "a@b", "a:b",
    "a%b", "a\n", "a\nb", "", " ", "latest", "Latest", "LATEST", "v1", "V12", "v١", "v0", "v-1",
    "a" * 256, "nul\u0000x", "🚀",
)
# fmt: on


def cases() -> list[Case]:
    return [
        _set(),
        _move(),
        _names(),
        _order(),
        _latest(),
        _delete(),
        _shapes(),
        _state(),
        _ajax(),
    ]


def _alias(c: Case, alias: str, version: str = "1", note: str = "", **fields: object) -> Case:
    body = {"name": "${u}", "alias": alias, "version": version, **fields}
    return c.post(PATH, body, note or f"set {short(alias)} to {version}")


def _get(c: Case, alias: str, note: str = "", name: str = "${u}") -> Case:
    return c.get(PATH, {"name": name, "alias": alias}, note or f"get {short(alias)}")


def _set() -> Case:
    c = add_version(with_version("set", description="one"), "another")
    _get(c, "best", "before")
    _alias(c, "best")
    _get(c, "best")
    get_version(c)
    get_version(c, "2")
    get_registered(c)
    c.get("registered-models/search", {"filter": "name = '${u}'"}, "search models")
    versions_of(c)
    c.post("registered-models/get-latest-versions", {"name": "${u}"})
    return _alias(c, "best", "1", "the same again")


def _move() -> Case:
    c = add_version(with_version("move"), "another")
    _alias(c, "best")
    _alias(c, "best", "2")
    _get(c, "best")
    get_registered(c)
    get_version(c)
    get_version(c, "2")
    _alias(c, "best", "3", "to no such version")
    return _get(c, "best", "still where it was")


def _names() -> Case:
    c = with_version("names")
    for alias in ALIASES:
        _alias(c, alias)
        _get(c, alias)
    get_version(c)
    get_registered(c)
    for alias in ALIASES[:4] + ALIASES[17:20] + ALIASES[25:31]:
        body = {"name": "${u}", "alias": alias}
        c.delete(PATH, body, f"delete {short(alias)}")
    return get_registered(c)


def _order() -> Case:
    """In which order aliases are told, however they were set."""
    c = add_version(with_version("order"), "another")
    for alias in ("m", "z", "a", "Z", "A", "_", "10", "9", "é", "m-1", "m_1", "m1"):
        _alias(c, alias)
    for alias in ("k", "b", "y"):
        _alias(c, alias, "2")
    _alias(c, "z", "1", "set one again")
    get_registered(c)
    get_version(c)
    _get(c, "m")
    c.get("registered-models/search", {"filter": "name = '${u}'"}, "search models")
    c.patch("registered-models/update", {"name": "${u}", "description": "d"})
    c.post("registered-models/get-latest-versions", {"name": "${u}"})
    c.patch("model-versions/update", {"name": "${u}", "version": "1", "description": "d"})
    stage = {"name": "${u}", "version": "1", "stage": "Staging"}
    return c.post("model-versions/transition-stage", stage)


def _latest() -> Case:
    """The alias that nobody sets."""
    c = with_registered("latest")
    _get(c, "latest", "no version yet")
    for stage in ("Production", "None", "Staging"):
        add_version(c)
    for version, stage in (("1", "Production"), ("3", "Archived")):
        body = {"name": "${u}", "version": version, "stage": stage}
        c.post("model-versions/transition-stage", body, f"{version} to {stage}")
    for alias in ("latest", "Latest", "LATEST"):
        _get(c, alias)
    c.delete("model-versions/delete", {"name": "${u}", "version": "3"})
    _get(c, "latest", "after the last was deleted")
    _get(c, "latest", "of no model", NO_NAME)
    return c.delete(PATH, {"name": "${u}", "alias": "latest"}, "delete latest")


def _delete() -> Case:
    c = add_version(with_version("delete"), "another")
    _alias(c, "best")
    _alias(c, "other", "2")
    c.send("DELETE", PATH + "?name=${u}&alias=best", None, "by a query")
    c.pause().delete(PATH, {"name": "${u}", "alias": "best"}, "delete")
    c.delete(PATH, {"name": "${u}", "alias": "best"}, "delete again")
    c.delete(PATH, {"name": "${u}", "alias": "OTHER"}, "other case")
    c.delete(PATH, {"name": NO_NAME, "alias": "best"}, "of no model")
    c.delete(PATH, {"name": NO_NAME, "alias": "a b"}, "bad alias of no model")
    _get(c, "best")
    return get_registered(c)


def _shapes() -> Case:
    c = with_version("shapes")
    good = {"name": "${u}", "alias": "best", "version": "1"}
    shape_probes(c, "POST", PATH, good, ("name",), WRONG_NAMES)
    shape_probes(c, "POST", PATH, good, ("alias", "version"))
    get_registered(c)
    shape_probes(c, "DELETE", PATH, good, ("name",), WRONG_NAMES)
    shape_probes(c, "DELETE", PATH, good, ("alias",))
    _alias(c, "best")
    query_probes(c, PATH, {"name": "${u}", "alias": "best"})
    for name in BAD_NAMES[1:8]:
        _alias(c, "best", note=f"set of {short(name)}", name=name)
        _get(c, "best", f"get of {short(name)}", name)
        c.delete(PATH, {"name": name, "alias": "best"}, f"delete of {short(name)}")
    _alias(c, "best", note="of no model", name=NO_NAME)
    _alias(c, "a b", "x", "all wrong", name="a/b")
    _alias(c, "a b", "x", "alias and version wrong")
    _alias(c, "v1", "x", "reserved and version wrong")
    _get(c, "best", "of no model", NO_NAME)
    _get(c, "a b", "bad alias of no model", NO_NAME)
    body = json.dumps({"name": "${u}", "alias": "best"})
    return c.send("GET", PATH, body, "by a body", JSON_TYPE)


def _state() -> Case:
    c = add_version(with_version("state"), "another")
    _alias(c, "best")
    c.delete("model-versions/delete", {"name": "${u}", "version": "1"})
    _get(c, "best", "of a deleted version")
    _alias(c, "best", "1", "to a deleted version")
    _alias(c, "best", "2")
    c.post("registered-models/rename", {"name": "${u}", "new_name": "${u}-b"})
    _get(c, "best", "by the old name")
    _get(c, "best", "by the new name", "${u}-b")
    c.delete("registered-models/delete", {"name": "${u}-b"})
    _get(c, "best", "of a deleted model", "${u}-b")
    c.post("registered-models/create", {"name": "${u}-b"})
    add_version(c, name="${u}-b")
    return _get(c, "best", "of a model made anew", "${u}-b")


def _ajax() -> Case:
    c = with_version("ajax")
    ajax = "/ajax-api/2.0/mlflow/" + PATH
    body = {"name": "${u}", "alias": "best"}
    c.post(ajax, {**body, "version": "1"}).get(ajax, body)
    return c.delete(ajax, body).get(ajax, body, "deleted")
