"""Registered models: create, get, update, rename, delete, their tags, and who owns a name."""

from __future__ import annotations

import json

from ..dsl import JSON_TYPE, Case, case
from .common import query_probes, shape_probes
from .registry import (
    BAD_NAMES,
    KEYS,
    NAMES,
    NO_NAME,
    PROMPT,
    SOURCE,
    VALUES,
    WRONG_NAMES,
    add_version,
    get_registered,
    get_version,
    short,
    versions_of,
    with_registered,
    with_version,
)
from .wire import BODIES

ROOT = "registered-models/"
AJAX = "/ajax-api/2.0/mlflow/"
LONG = (256, 257, 1000)
# fmt: off
ENDPOINTS = (
    "create", "get", "update", "rename", "delete", "search", "set-tag", "delete-tag", "alias",
    "get-latest-versions",
)
# fmt: on


def cases() -> list[Case]:
    return [
        _create(),
        _create_shapes(),
        _create_tags(),
        _names(),
        _bad_names(),
        _long(),
        _get(),
        _update(),
        _rename(),
        _rename_clash(),
        _rename_keeps(),
        _delete(),
        _recreate(),
        _shapes(),
        _tags(),
        _tag_keys(),
        _tag_values(),
        _times(),
        _bodies(),
        _methods(),
        _ajax(),
    ]


def _create() -> Case:
    c = case("create")
    full = {"name": "${u}", "description": "words", "tags": [{"key": "a", "value": "1"}]}
    c.post(ROOT + "create", full, "all fields")
    get_registered(c)
    c.post(ROOT + "create", full, "again")
    c.post(ROOT + "create", {"name": "${u}"}, "again with less")
    c.post(ROOT + "create", {"name": "${u}", "tags": [PROMPT]}, "again as a prompt")
    get_registered(c, "unchanged")
    c.post(ROOT + "create", {"name": "${u}-2"}, "only a name")
    c.post(ROOT + "create", {"name": "${u}-3", "description": ""}, "empty description")
    c.post(ROOT + "create", {"name": "${u}-4", "deployment_job_id": "job"}, "deployment job")
    for number in "234":
        get_registered(c, f"get {number}", "${u}-" + number)
    return c


def _create_shapes() -> Case:
    c = case("create-shapes")
    good = {"name": "${u}", "description": "d", "tags": [{"key": "k", "value": "v"}]}
    shape_probes(c, "POST", ROOT + "create", good, ("name",), WRONG_NAMES)
    for number, field in enumerate(("description", "tags")):
        shape_probes(c, "POST", ROOT + "create", {**good, "name": "${u}-%d" % number}, (field,))
    return c


def _create_tags() -> Case:
    c = case("create-tags")
    for number, tags in enumerate(
        (
            [],
            [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}],
            [{"key": "b", "value": "1"}, {"key": "a", "value": ""}],
            [{"key": "a"}],
            [{"value": "v"}],
            [{}],
            [None],
            [{"key": "", "value": "v"}],
            [{"key": "a//b", "value": "v"}],
            [{"key": "k" * 251, "value": "v"}],
            [{"key": "good", "value": "v"}, {"key": "..", "value": "v"}],
            [{"key": 5, "value": "v"}],
            [{"key": "k", "value": 5}],
            [{"key": "k", "value": None}],
            [{"key": "k", "value": "v", "other": "x"}],
            [{"key": f"k{i}", "value": "v"} for i in range(120)],
        )
    ):
        name = "${u}-%d" % number
        c.post(ROOT + "create", {"name": name, "tags": tags}, f"tags {str(tags)[:60]}")
        get_registered(c, f"get {number}", name)
    return c


def _names() -> Case:
    c = case("names")
    for name in NAMES:
        c.post(ROOT + "create", {"name": "${u}" + name}, f"create {short(name)}")
        get_registered(c, f"get {short(name)}", "${u}" + name)
    query = {"filter": "name LIKE '${u}%'", "max_results": 100}
    c.get(ROOT + "search", query, "in which order")
    for name in NAMES[:8]:
        c.delete(ROOT + "delete", {"name": "${u}" + name}, f"delete {short(name)}")
    return c


def _bad_names() -> Case:
    c = with_registered("bad-names")
    for name in BAD_NAMES:
        c.post(ROOT + "create", {"name": name}, f"create {short(name)}")
        get_registered(c, f"get {short(name)}", name)
        c.post(ROOT + "rename", {"name": "${u}", "new_name": name}, f"rename to {short(name)}")
    for name in BAD_NAMES[1:6]:
        c.patch(ROOT + "update", {"name": name, "description": "d"}, f"update {short(name)}")
        c.post(ROOT + "rename", {"name": name, "new_name": "${u}-x"}, f"rename {short(name)}")
        c.delete(ROOT + "delete", {"name": name}, f"delete {short(name)}")
        tag = {"name": name, "key": "k", "value": "v"}
        c.post(ROOT + "set-tag", tag, f"tag {short(name)}")
        c.delete(ROOT + "delete-tag", {"name": name, "key": "k"}, f"delete tag of {short(name)}")
        c.post(ROOT + "get-latest-versions", {"name": name}, f"latest of {short(name)}")
    return get_registered(c)


def _long() -> Case:
    c = case("long")
    for length in LONG:
        name = "${u}" + "n" * (length - 16)
        c.post(ROOT + "create", {"name": name}, f"name of {length}")
        get_registered(c, f"get name of {length}", name)
    for length in (5000, 5001, 20_000):
        name = "${u}-%d" % length
        body = {"name": name, "description": "d" * length}
        c.post(ROOT + "create", body, f"description of {length}")
        c.patch(ROOT + "update", {"name": name, "description": "ü" * length}, f"update to {length}")
    return c


def _get() -> Case:
    c = with_registered("get", description="d")
    query_probes(c, ROOT + "get", {"name": "${u}"})
    get_registered(c, "no such model", NO_NAME)
    get_registered(c, "other case", "${u}".upper())
    for name in ("${u}%20", "%20${u}", "${u}%00", "%24%7Bu%7D", "${u}%2F", "${u}/1", "%FF"):
        c.send("GET", f"{ROOT}get?name={name}", None, f"get {name}")
    return c.send("GET", ROOT + "get", '{"name": "${u}"}', "by a body", JSON_TYPE)


def _update() -> Case:
    c = with_registered("update", description="old", tags=[{"key": "a", "value": "1"}])
    for description in ("new", "", "ü 日本\n", None):
        body = {"name": "${u}", "description": description}
        c.pause().patch(ROOT + "update", body, f"description {description!r}")
        get_registered(c)
    c.pause().patch(ROOT + "update", {"name": "${u}", "description": "there"})
    c.pause().patch(ROOT + "update", {"name": "${u}"}, "no description")
    get_registered(c)
    c.patch(ROOT + "update", {"name": "${u}", "deployment_job_id": "job"}, "deployment job")
    c.patch(ROOT + "update", {"name": NO_NAME, "description": "d"}, "no such model")
    c.post(ROOT + "update", {"name": "${u}", "description": "posted"}, "by POST")
    return get_registered(c)


def _rename() -> Case:
    c = with_registered("rename", description="d", tags=[{"key": "a", "value": "1"}])
    c.pause().post(ROOT + "rename", {"name": "${u}", "new_name": "${u}-b"}, "rename")
    get_registered(c, "under the old name")
    get_registered(c, "under the new name", "${u}-b")
    c.post(ROOT + "rename", {"name": "${u}", "new_name": "${u}-c"}, "rename what is gone")
    c.post(ROOT + "rename", {"name": NO_NAME, "new_name": "${u}-c"}, "rename no model")
    c.pause().post(ROOT + "rename", {"name": "${u}-b", "new_name": "${u}-b"}, "to the same name")
    get_registered(c, "after the same name", "${u}-b")
    c.pause().post(ROOT + "rename", {"name": "${u}-b", "new_name": "${u}-B"}, "other case")
    c.post(ROOT + "create", {"name": "${u}"}, "the old name is free")
    return get_registered(c, "the new one", "${u}")


def _rename_clash() -> Case:
    c = with_registered("rename-clash").post(ROOT + "create", {"name": "${u}-b"})
    add_version(c)
    add_version(c, name="${u}-b")
    c.post(ROOT + "rename", {"name": "${u}", "new_name": "${u}-b"}, "to a name that is taken")
    get_registered(c)
    return get_registered(c, "the other", "${u}-b")


def _rename_keeps() -> Case:
    c = with_version("rename-keeps", description="one", tags=[{"key": "t", "value": "1"}])
    add_version(c, "another")
    c.post(ROOT + "alias", {"name": "${u}", "alias": "best", "version": "1"})
    stage = {"name": "${u}", "version": "2", "stage": "Staging"}
    c.post("model-versions/transition-stage", stage)
    c.post("model-versions/set-tag", {"name": "${u}", "version": "1", "key": "a", "value": "b"})
    c.delete("model-versions/delete", {"name": "${u}", "version": "2"})
    add_version(c, "a third")
    c.pause().post(ROOT + "rename", {"name": "${u}", "new_name": "${u}-b"})
    get_registered(c, "model", "${u}-b")
    for version in "123":
        get_version(c, version, f"version {version}", "${u}-b")
        get_version(c, version, f"version {version} under the old name")
    c.get(ROOT + "alias", {"name": "${u}-b", "alias": "best"}, "alias")
    versions_of(c, "by the old name")
    return versions_of(c, "by the new name", "${u}-b")


def _delete() -> Case:
    c = with_version("delete")
    c.post(ROOT + "alias", {"name": "${u}", "alias": "best", "version": "1"})
    c.send("DELETE", ROOT + "delete?name=${u}", None, "by a query")
    c.send("DELETE", ROOT + "delete", '{"name": "${u}"}', "without a type")
    get_registered(c, "before")
    c.post(ROOT + "delete", {"name": "${u}"}, "by POST")
    c.delete(ROOT + "delete", {"name": NO_NAME}, "no such model")
    c.delete(ROOT + "delete", {"name": "${u}"}, "delete")
    c.delete(ROOT + "delete", {"name": "${u}"}, "again")
    get_registered(c, "deleted")
    get_version(c, "1", "version of what is deleted")
    versions_of(c)
    c.get(ROOT + "search", {"filter": "name = '${u}'"}, "search")
    c.patch(ROOT + "update", {"name": "${u}", "description": "d"}, "update deleted")
    c.post(ROOT + "set-tag", {"name": "${u}", "key": "k", "value": "v"}, "tag deleted")
    c.post(ROOT + "alias", {"name": "${u}", "alias": "a", "version": "1"}, "alias of deleted")
    c.get(ROOT + "alias", {"name": "${u}", "alias": "best"}, "alias deleted")
    c.post(ROOT + "get-latest-versions", {"name": "${u}"}, "latest of deleted")
    return add_version(c, "version of deleted")


def _recreate() -> Case:
    c = with_version("recreate", description="old", tags=[{"key": "old", "value": "1"}])
    add_version(c, "another")
    c.post(ROOT + "set-tag", {"name": "${u}", "key": "old", "value": "1"})
    c.post(ROOT + "alias", {"name": "${u}", "alias": "old", "version": "2"})
    c.delete(ROOT + "delete", {"name": "${u}"})
    c.post(ROOT + "create", {"name": "${u}"}, "again")
    get_registered(c, "nothing is left")
    c.get(ROOT + "alias", {"name": "${u}", "alias": "old"}, "no alias is left")
    versions_of(c, "no version is left")
    add_version(c, "numbers start anew")
    return get_registered(c)


def _shapes() -> Case:
    c = with_registered("shapes")
    one, tag = {"name": "${u}"}, {"name": "${u}", "key": "k", "value": "v"}
    names, new = ("name",), {"name": NO_NAME, "new_name": "${u}-b"}
    shape_probes(c, "PATCH", ROOT + "update", {**one, "description": "d"}, names, WRONG_NAMES)
    shape_probes(c, "PATCH", ROOT + "update", {**one, "description": "d"}, ("description",))
    shape_probes(c, "POST", ROOT + "set-tag", tag, names, WRONG_NAMES)
    shape_probes(c, "POST", ROOT + "set-tag", tag, ("key", "value"))
    shape_probes(c, "DELETE", ROOT + "delete-tag", tag, names, WRONG_NAMES)
    shape_probes(c, "DELETE", ROOT + "delete-tag", tag, ("key",))
    shape_probes(c, "POST", ROOT + "rename", {**new, **one}, ("new_name",), WRONG_NAMES)
    shape_probes(c, "POST", ROOT + "rename", new, names, WRONG_NAMES)
    shape_probes(c, "DELETE", ROOT + "delete", one, names, WRONG_NAMES)
    c.post(ROOT + "set-tag", {"name": NO_NAME, "key": "k", "value": "v"}, "tag no model")
    c.post(ROOT + "set-tag", {"name": NO_NAME, "key": "..", "value": "v"}, "bad tag, no model")
    c.delete(ROOT + "delete-tag", {"name": NO_NAME, "key": "k"}, "delete tag of no model")
    c.delete(ROOT + "delete-tag", {"name": NO_NAME, "key": ".."}, "delete bad tag of no model")
    get_registered(c)
    return get_registered(c, "renamed without a new name", "${u}-b")


def _tags() -> Case:
    c = with_registered("tags", tags=[{"key": "given", "value": "0"}])
    for value in ("1", "1", "2", ""):
        body = {"name": "${u}", "key": "t", "value": value}
        c.pause().post(ROOT + "set-tag", body, f"set {value!r}")
        get_registered(c)
    c.post(ROOT + "set-tag", {"name": "${u}", "key": "T", "value": "other case"}, "other case")
    for note in ("delete", "delete again"):
        c.pause().delete(ROOT + "delete-tag", {"name": "${u}", "key": "t"}, note)
    c.delete(ROOT + "delete-tag", {"name": "${u}", "key": "never"}, "never there")
    c.delete(ROOT + "delete-tag", {"name": "${u}", "key": "given"}, "given at the start")
    return get_registered(c)


def _tag_keys() -> Case:
    c = with_registered("tag-keys")
    for key in KEYS:
        body = {"name": "${u}", "key": key, "value": "v"}
        c.post(ROOT + "set-tag", body, f"set {short(key)}")
    get_registered(c)
    for key in KEYS:
        c.delete(ROOT + "delete-tag", {"name": "${u}", "key": key}, f"delete {short(key)}")
    return get_registered(c)


def _tag_values() -> Case:
    c = with_registered("tag-values")
    for value in (*VALUES, "x" * 100_000, "x" * 100_001):
        body = {"name": "${u}", "key": f"k{len(value)}", "value": value}
        c.post(ROOT + "set-tag", body, f"set {short(value)}")
    return get_registered(c)


def _times() -> Case:
    """What counts as a change of a model, told by the order of what changed last."""
    c = get_registered(with_registered("times"), "new")
    c.pause().post(ROOT + "set-tag", {"name": "${u}", "key": "k", "value": "v"})
    get_registered(c, "tagged")
    c.pause().delete(ROOT + "delete-tag", {"name": "${u}", "key": "k"})
    get_registered(c, "no longer tagged")
    c.pause().patch(ROOT + "update", {"name": "${u}", "description": "d"})
    get_registered(c, "described")
    steps = (
        ("POST", ROOT + "alias", {"alias": "a"}),
        ("PATCH", "model-versions/update", {"description": "d"}),
        ("POST", "model-versions/set-tag", {"key": "k", "value": "v"}),
        ("POST", "model-versions/transition-stage", {"stage": "Staging"}),
        ("DELETE", ROOT + "alias", {"alias": "a"}),
        ("DELETE", "model-versions/delete-tag", {"key": "k"}),
        ("POST", ROOT + "set-tag", {"key": "k", "value": "v"}),
        ("POST", "model-versions/create", {"source": SOURCE}),
        ("DELETE", "model-versions/delete", {}),
        ("PATCH", ROOT + "update", {"description": "d"}),
    )
    for number in range(len(steps)):
        c.post(ROOT + "create", {"name": "${u}-%d" % number})
        add_version(c, name="${u}-%d" % number)
    for number, (method, path, body) in enumerate(steps):
        body = {"name": "${u}-%d" % number, "version": "1", **body}
        c.pause(0.01).send(method, path, json.dumps(body), f"{path} of {number}", JSON_TYPE)
    query = {"filter": "name LIKE '${u}%'", "max_results": 100}
    query["order_by"] = "last_updated_timestamp DESC"
    c.get(ROOT + "search", query, "models by what changed last")
    return c.get("model-versions/search", query, "versions by what changed last")


def _bodies() -> Case:
    """Bodies that are no object, at every noun of the registry."""
    c = case("bodies")
    for path in (ROOT + "create", ROOT + "alias", "model-versions/create", "webhooks"):
        for note in ("nothing", "cut off", "array", "null", "number", "string", "nul after"):
            c.send("POST", path, BODIES[note], f"{path} {note}", JSON_TYPE)
    return c


def _methods() -> Case:
    c = case("methods")
    for path in ENDPOINTS:
        for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS"):
            # A search without a filter would find the models of other cases.
            if (method, path) != ("GET", "search"):
                c.send(method, ROOT + path, b"", f"{method} {path}")
    for path in ("create", "get"):
        c.send("PATCH", ROOT + path, b"", f"PATCH {path}")
        c.send("GET", f"/api/3.0/mlflow/{ROOT}{path}", None, f"3.0 {path}")
        c.send("POST", f"/api/2.0/preview/mlflow/{ROOT}{path}", "{}", f"preview {path}", JSON_TYPE)
        c.send("POST", f"{ROOT}{path}/", "{}", f"{path} with a slash", JSON_TYPE)
    return c


def _ajax() -> Case:
    c = case("ajax")
    ajax = AJAX + ROOT
    c.post(ajax + "create", {"name": "${u}"})
    c.patch(ajax + "update", {"name": "${u}", "description": "d"})
    c.post(ajax + "set-tag", {"name": "${u}", "key": "k", "value": "v"})
    c.get(ajax + "get", {"name": "${u}"})
    c.get(ajax + "search", {"filter": "name = '${u}'"})
    c.delete(ajax + "delete-tag", {"name": "${u}", "key": "k"})
    c.post(ajax + "rename", {"name": "${u}", "new_name": "${u}-b"})
    c.delete(ajax + "delete", {"name": "${u}-b"})
    return c.get(ajax + "get", {"name": "${u}-b"})
