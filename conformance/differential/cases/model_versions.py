"""Model versions: create, get, update, delete, their tags, and where their files are."""

from __future__ import annotations

import json

from ..dsl import JSON_TYPE, Case, case
from .common import NO_MODEL, NO_RUN, query_probes, shape_probes
from .registry import BAD_NAMES, KEYS, NO_NAME, SOURCE, VALUES, VERSIONS, WRONG_NAMES
from .registry import add_version, get_registered, get_version, short, versions_of
from .registry import with_logged_model, with_registered, with_version

ROOT = "model-versions/"
ALIAS = "registered-models/alias"
# fmt: off
ENDPOINTS = (
    "create", "get", "update", "delete", "search", "set-tag", "delete-tag", "transition-stage",
    "get-download-uri",
)
# fmt: on


def cases() -> list[Case]:
    return [
        _create(),
        _create_shapes(),
        _create_tags(),
        _create_for(),
        _lineage(),
        _get(),
        _version_spellings(),
        _version_shapes(),
        _update(),
        _delete(),
        _delete_last(),
        _numbers(),
        _tags(),
        _tag_keys(),
        _tag_values(),
        _tag_shapes(),
        _methods(),
        _ajax(),
    ]


def _of(version: object = "1", name: str = "${u}") -> dict[str, object]:
    return {"name": name, "version": version}


def _create() -> Case:
    c = with_registered("create")
    full = {
        "name": "${u}",
        "source": SOURCE,
        "run_id": NO_RUN,
        "run_link": "https://example.com/run",
        "description": "words",
        "tags": [{"key": "a", "value": "1"}],
    }
    c.pause().post(ROOT + "create", full, "all fields")
    get_version(c)
    get_registered(c)
    add_version(c, "only name and source")
    add_version(c, "empty fields", run_id="", run_link="", description="", model_id="", tags=[])
    add_version(c, "null fields", run_id=None, run_link=None, description=None, model_id=None)
    add_version(c, "impossible run", run_id="none")
    add_version(c, "no such logged model", model_id=NO_MODEL)
    add_version(c, "impossible logged model", model_id="none")
    add_version(c, "other fields", user_id="me", version="7", status="FAILED_REGISTRATION")
    add_version(c, "stage", current_stage="Production", aliases=["best"])
    add_version(c, "no such model", name=NO_NAME)
    for length in (500, 501, 5000):
        add_version(c, f"source of {length}", source="s3://" + "b" * (length - 5))
        add_version(c, f"description of {length}", description="d" * length)
        add_version(c, f"link of {length}", run_link="l" * length)
    versions_of(c)
    return get_registered(c, "at the end")


def _create_shapes() -> Case:
    c = with_registered("create-shapes")
    good = {"name": "${u}", "source": SOURCE, "run_id": NO_RUN, "run_link": "l"}
    good |= {"description": "d", "tags": [], "model_id": ""}
    names = ("name",)
    shape_probes(c, "POST", ROOT + "create", good, names, WRONG_NAMES)
    others = [field for field in good if field not in names]
    shape_probes(c, "POST", ROOT + "create", good, others)
    return versions_of(c)


def _create_tags() -> Case:
    c = with_registered("create-tags")
    for tags in (
        [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}],
        [{"key": "b", "value": "1"}, {"key": "a", "value": ""}],
        [{"key": "a"}],
        [{"value": "v"}],
        [None],
        [{"key": "a//b", "value": "v"}],
        [{"key": "k" * 251, "value": "v"}],
        [{"key": "good", "value": "v"}, {"key": "..", "value": "v"}],
        [{"key": "k", "value": None}],
        [{"key": "k", "value": "x" * 100_000}],
        [{"key": "k", "value": "x" * 100_001}],
        [{"key": "mlflow.prompt.text", "value": "x" * 100_001}],
        [{"key": f"k{i}", "value": "v"} for i in range(120)],
        [{"key": 5, "value": "v"}],
        [{"key": "k", "value": 5}],
    ):
        add_version(c, f"tags {str(tags)[:60]}", tags=tags)
    return versions_of(c)


def _create_for() -> Case:
    """Models that cannot have a version."""
    c = with_registered("create-for")
    for name in BAD_NAMES:
        add_version(c, f"of {short(name)}", name=name)
    c.post("registered-models/rename", {"name": "${u}", "new_name": "${u}-b"})
    add_version(c, "of a renamed model")
    add_version(c, "under its new name", name="${u}-b")
    c.delete("registered-models/delete", {"name": "${u}-b"})
    return add_version(c, "of a deleted model", name="${u}-b")


def _lineage() -> Case:
    """What a version says of the run and the logged model it comes from."""
    c = with_logged_model("lineage")
    of_run = {"source": "runs:/${run}/m", "run_id": "${run}"}
    of_model = {"source": "models:/${model}", "model_id": "${model}"}
    add_version(c, "of a run", **of_run)
    add_version(c, "of a logged model", **of_model)
    add_version(c, "of both", **of_model, run_id="${run}")
    add_version(c, "of a logged model and another run", **of_model, run_id=NO_RUN)
    add_version(c, "of a bucket and a model", model_id="${model}")
    add_version(c, "of a bucket and a run", run_id="${run}")
    for version in range(1, 7):
        get_version(c, str(version))
        c.get(ROOT + "get-download-uri", _of(version), f"uri of {version}")
    c.get("logged-models/${model}", None, "what the logged model knows")
    c.delete(ROOT + "delete", _of("2"))
    c.get("logged-models/${model}", None, "after a version is deleted")
    c.post("registered-models/rename", {"name": "${u}", "new_name": "${u}-b"})
    c.get("logged-models/${model}", None, "after the model is renamed")
    add_version(c, "of a version", name="${u}-b", source="models:/${u}-b/1")
    c.get("logged-models/${model}", None, "after a copy of the run's version")
    c.post("runs/delete", {"run_id": "${run}"})
    add_version(c, "of a deleted run", **of_run, name="${u}-b")
    c.send("DELETE", "logged-models/${model}", None, "delete the logged model")
    add_version(c, "of a deleted logged model", **of_model, name="${u}-b")
    return versions_of(c, name="${u}-b")


def _get() -> Case:
    c = with_version("get")
    for path in ("get", "get-download-uri"):
        query_probes(c, ROOT + path, {"name": "${u}", "version": "1"})
        c.get(ROOT + path, _of(name=NO_NAME), f"{path} no such model")
        c.get(ROOT + path, _of(name="${u}/1"), f"{path} bad name")
        c.get(ROOT + path, _of("x", "a/b"), f"{path} bad name and version")
        c.get(ROOT + path, _of("x", NO_NAME), f"{path} no model and bad version")
    body = json.dumps(_of())
    return c.send("GET", ROOT + "get", body, "by a body", JSON_TYPE)


def _version_spellings() -> Case:
    c = with_version("version-spellings")
    for version in VERSIONS:
        note = repr(version)
        c.get(ROOT + "get", _of(version), f"get {note}")
        c.get(ROOT + "get-download-uri", _of(version), f"uri {note}")
        c.patch(ROOT + "update", {**_of(version), "description": "d"}, f"update {note}")
        c.post(ALIAS, {**_of(version), "alias": "a"}, f"alias {note}")
    for version in VERSIONS[1:9]:
        note = repr(version)
        c.post(ROOT + "set-tag", {**_of(version), "key": "k", "value": "v"}, f"tag {note}")
        c.delete(ROOT + "delete-tag", {**_of(version), "key": "k"}, f"delete tag {note}")
        stage = {**_of(version), "stage": "Staging"}
        c.post(ROOT + "transition-stage", stage, f"stage {note}")
        get_version(c)
        c.delete(ROOT + "delete", _of(version), f"delete {note}")
        add_version(c, f"instead of {note}")
    return versions_of(c)


def _version_shapes() -> Case:
    c = with_version("version-shapes")
    names, version = ("name",), ("version",)
    update = {**_of(), "description": "d"}
    shape_probes(c, "PATCH", ROOT + "update", update, names, WRONG_NAMES)
    shape_probes(c, "PATCH", ROOT + "update", update, ("version", "description"))
    shape_probes(c, "DELETE", ROOT + "delete", _of(), names, WRONG_NAMES)
    shape_probes(c, "DELETE", ROOT + "delete", _of(), version)
    return get_version(c)


def _update() -> Case:
    c = with_version("update", description="old", tags=[{"key": "a", "value": "1"}])
    c.post(ALIAS, {**_of(), "alias": "best"})
    for description in ("new", "", "ü 日本\n", None, "there"):
        body = {**_of(), "description": description}
        c.pause().patch(ROOT + "update", body, f"description {description!r}")
        get_version(c)
    c.pause().patch(ROOT + "update", _of(), "no description")
    get_version(c)
    c.patch(ROOT + "update", {**_of("2"), "description": "d"}, "no such version")
    c.patch(ROOT + "update", {**_of(name=NO_NAME), "description": "d"}, "no such model")
    c.patch(ROOT + "update", {**_of("x"), "description": "d"}, "impossible version")
    c.patch(ROOT + "update", {**_of(), "source": "s3://other", "run_id": "x"}, "what cannot change")
    return get_version(c)


def _delete() -> Case:
    c = with_version("delete", description="d", tags=[{"key": "a", "value": "1"}])
    add_version(c, "another")
    for alias, version in (("one", "1"), ("uno", "1"), ("two", "2")):
        c.post(ALIAS, {**_of(version), "alias": alias})
    c.post(ROOT + "transition-stage", {**_of(), "stage": "Production"})
    c.send("DELETE", ROOT + "delete?name=${u}&version=1", None, "by a query")
    c.pause().delete(ROOT + "delete", _of(), "delete")
    c.delete(ROOT + "delete", _of(), "delete again")
    get_version(c)
    get_registered(c)
    c.get(ROOT + "get-download-uri", _of(), "uri of deleted")
    c.get("/model-versions/get-artifact", {**_of(), "path": "x"}, "artifact of deleted")
    c.patch(ROOT + "update", {**_of(), "description": "d"}, "update deleted")
    c.post(ROOT + "set-tag", {**_of(), "key": "k", "value": "v"}, "tag deleted")
    c.delete(ROOT + "delete-tag", {**_of(), "key": "a"}, "delete tag of deleted")
    c.post(ALIAS, {**_of(), "alias": "dead"}, "alias of deleted")
    c.get(ALIAS, {"name": "${u}", "alias": "one"}, "alias that was its")
    c.post(ROOT + "transition-stage", {**_of(), "stage": "Staging"}, "stage of deleted")
    add_version(c, "copy of deleted", source="models:/${u}/1")
    c.get(ROOT + "search", {"filter": "name = '${u}' AND source_path = 'REDACTED-SOURCE-PATH'"})
    c.get(ROOT + "search", {"filter": "name = '${u}' AND run_id = 'REDACTED-RUN-ID'"})
    c.get(ROOT + "search", {"filter": "name = '${u}' AND tags.a = '1'"}, "search by its tag")
    c.delete(ROOT + "delete", _of("2", NO_NAME), "of no model")
    return versions_of(c)


def _delete_last() -> Case:
    c = with_version("delete-last")
    c.delete(ROOT + "delete", _of())
    get_registered(c)
    c.post("registered-models/get-latest-versions", {"name": "${u}"}, "latest of none")
    c.get(ALIAS, {"name": "${u}", "alias": "latest"}, "latest by alias of none")
    c.post("registered-models/rename", {"name": "${u}", "new_name": "${u}-b"})
    c.delete("registered-models/delete", {"name": "${u}-b"})
    return get_registered(c, "gone", "${u}-b")


def _numbers() -> Case:
    """A number is never given twice."""
    c = with_version("numbers")
    for version in ("1", "3"):
        add_version(c, "next")
        c.delete(ROOT + "delete", _of(version), f"delete {version}")
        add_version(c, "next")
    versions_of(c)
    c.delete(ROOT + "delete", _of("5"), "delete the last")
    add_version(c, "after the last was deleted")
    c.delete("registered-models/delete", {"name": "${u}"})
    c.post("registered-models/create", {"name": "${u}"})
    return add_version(c, "of a model made anew")


def _tags() -> Case:
    c = with_version("tags", tags=[{"key": "given", "value": "0"}])
    for value in ("1", "1", "2", ""):
        body = {**_of(), "key": "t", "value": value}
        c.pause().post(ROOT + "set-tag", body, f"set {value!r}")
        get_version(c)
    for note in ("delete", "delete again"):
        c.pause().delete(ROOT + "delete-tag", {**_of(), "key": "t"}, note)
    c.delete(ROOT + "delete-tag", {**_of(), "key": "given"}, "given at the start")
    c.delete(ROOT + "delete-tag", {**_of("2"), "key": "t"}, "of no version")
    c.delete(ROOT + "delete-tag", {**_of(name=NO_NAME), "key": "t"}, "of no model")
    c.post(ROOT + "set-tag", {**_of("2"), "key": "k", "value": "v"}, "no such version")
    c.post(ROOT + "set-tag", {**_of("2"), "key": "..", "value": "v"}, "bad key, no version")
    c.post(ROOT + "set-tag", {**_of("x"), "key": "..", "value": "v"}, "bad key, bad version")
    c.post(ROOT + "set-tag", {**_of(name=NO_NAME), "key": "k", "value": "v"}, "no such model")
    return get_version(c)


def _tag_keys() -> Case:
    c = with_version("tag-keys")
    for key in KEYS:
        c.post(ROOT + "set-tag", {**_of(), "key": key, "value": "v"}, f"set {short(key)}")
    get_version(c)
    for key in KEYS[::2]:
        c.delete(ROOT + "delete-tag", {**_of(), "key": key}, f"delete {short(key)}")
    return get_version(c)


def _tag_values() -> Case:
    c = with_version("tag-values")
    for value in (*VALUES, "x" * 100_000, "x" * 100_001):
        body = {**_of(), "key": f"k{len(value)}", "value": value}
        c.post(ROOT + "set-tag", body, f"set {short(value)}")
    text = {**_of(), "key": "mlflow.prompt.text"}
    c.post(ROOT + "set-tag", {**text, "value": "x" * 100_001}, "a long prompt")
    return get_version(c)


def _tag_shapes() -> Case:
    c = with_version("tag-shapes")
    tag, names = {**_of(), "key": "k", "value": "v"}, ("name",)
    shape_probes(c, "POST", ROOT + "set-tag", tag, names, WRONG_NAMES)
    shape_probes(c, "POST", ROOT + "set-tag", tag, ("version", "key", "value"))
    shape_probes(c, "DELETE", ROOT + "delete-tag", tag, names, WRONG_NAMES)
    shape_probes(c, "DELETE", ROOT + "delete-tag", tag, ("version", "key"))
    return get_version(c)


def _methods() -> Case:
    c = case("methods")
    for path in ENDPOINTS:
        for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS"):
            # A search without a filter would find the versions of other cases.
            if (method, path) != ("GET", "search"):
                c.send(method, ROOT + path, b"", f"{method} {path}")
    for method in ("POST", "PUT", "DELETE", "HEAD", "OPTIONS"):
        c.send(method, "/model-versions/get-artifact", None, f"{method} get-artifact")
    return c


def _ajax() -> Case:
    c = with_registered("ajax")
    ajax = "/ajax-api/2.0/mlflow/" + ROOT
    c.post(ajax + "create", {"name": "${u}", "source": SOURCE})
    c.patch(ajax + "update", {**_of(), "description": "d"})
    c.post(ajax + "set-tag", {**_of(), "key": "k", "value": "v"})
    c.post(ajax + "transition-stage", {**_of(), "stage": "Staging"})
    c.get(ajax + "get", _of())
    c.get(ajax + "get-download-uri", _of())
    c.get(ajax + "search", {"filter": "name = '${u}'"})
    c.delete(ajax + "delete-tag", {**_of(), "key": "k"})
    c.delete(ajax + "delete", _of())
    return c.get(ajax + "get", _of())
