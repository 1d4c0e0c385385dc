"""Logged models: create, get, finalize, tags, params, delete."""

from __future__ import annotations

import json

from ..dsl import Case
from .common import NO_EXPERIMENT, NO_MODEL, NO_RUN, add_model, add_run, shape_probes
from .common import with_experiment

# fmt: off
KEYS = (
    "plain", "a/b", "a.b", "a b", "ünï", "%", "a%2Fb", "#", "?", "..", "k" * 250, "k" * 251, "",
)
# fmt: on


def cases() -> list[Case]:
    return [
        _create(),
        _create_shapes(),
        _names(),
        _get(),
        _finalize(),
        _tags(),
        _tag_keys(),
        _params(),
        _metrics(),
        _delete(),
        _long(),
    ]


def _get_model(c: Case, note: str = "") -> Case:
    return c.get("logged-models/${model}", None, note)


def _create() -> Case:
    c = add_run(with_experiment("create"))
    full = {
        "experiment_id": "${exp}",
        "name": "full",
        "model_type": "agent",
        "source_run_id": "${run}",
        "params": [{"key": "p", "value": "1"}],
        "tags": [{"key": "t", "value": ""}],
    }
    c.post("logged-models", full, "all fields").bind("model", "model.info.model_id")
    _get_model(c)
    c.post("logged-models", {"experiment_id": "${exp}"}, "only experiment").bind(
        "model", "model.info.model_id"
    )
    _get_model(c)
    c.post("logged-models", {"experiment_id": "${exp}", "name": "full"}, "same name again")
    c.post("logged-models", {**full, "source_run_id": NO_RUN}, "unknown run")
    c.post("logged-models", {**full, "experiment_id": NO_EXPERIMENT}, "unknown experiment")
    c.post("logged-models", {**full, "experiment_id": "abc"}, "impossible experiment")
    for kind in ("params", "tags"):
        c.post(
            "logged-models",
            {**full, kind: [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]},
            f"{kind} twice",
        )
    return c


def _create_shapes() -> Case:
    c = with_experiment("create-shapes")
    good = {
        "experiment_id": "${exp}",
        "name": "n",
        "model_type": "t",
        "source_run_id": "r",
        "params": [],
        "tags": [],
    }
    return shape_probes(c, "POST", "logged-models", good)


def _names() -> Case:
    c = with_experiment("names")
    for name in (
        "a/b",
        "a:b",
        "a.b",
        "a%b",
        'a"b',
        "a'b",
        "ünï 日本",
        " ",
        "",
        "n" * 500,
        "n" * 501,
        "n" * 5000,
        "a\nb",
        "-",
        "model",
    ):
        c.post(
            "logged-models",
            {"experiment_id": "${exp}", "name": name},
            f"name {name[:9]!r} {len(name)}",
        )
    return c


def _get() -> Case:
    c = add_model(with_experiment("get"))
    _get_model(c)
    c.get("/ajax-api/2.0/mlflow/logged-models/${model}", None, "ajax")
    for model in (
        NO_MODEL,
        "x",
        "m-",
        "a%20b",
        "..%2fx",
        "%00",
        "m" * 300,
        "${model}x",
        "${model}/",
    ):
        c.get(f"logged-models/{model}", None, f"get {model[:20]}")
    for flag in ("true", "True", "false", "x", ""):
        c.get("logged-models/${model}", {"allow_deleted": flag}, f"allow_deleted {flag!r}")
    return c


def _finalize() -> Case:
    c = add_model(with_experiment("finalize"))
    for status in (
        "LOGGED_MODEL_READY",
        "LOGGED_MODEL_UPLOAD_FAILED",
        "LOGGED_MODEL_PENDING",
        "LOGGED_MODEL_STATUS_UNSPECIFIED",
        "READY",
        "BOGUS",
        "",
        0,
        1,
        2,
        3,
        4,
        -1,
        "2",
        2.0,
        1.5,
        True,
        None,
        [],
        {},
    ):
        c.patch(
            "logged-models/${model}",
            {"model_id": "${model}", "status": status},
            f"status {status!r}",
        )
        _get_model(c)
    c.patch("logged-models/${model}", {"status": "LOGGED_MODEL_READY"}, "no model_id in the body")
    c.patch(
        "logged-models/${model}",
        {"model_id": NO_MODEL, "status": "LOGGED_MODEL_READY"},
        "other model in the body",
    )
    c.patch(
        f"logged-models/{NO_MODEL}",
        {"model_id": "${model}", "status": "LOGGED_MODEL_READY"},
        "other model in the path",
    )
    c.patch("logged-models/${model}", {"model_id": "${model}"}, "no status")
    return _get_model(c)


def _tags() -> Case:
    c = add_model(with_experiment("tags"))
    path = "logged-models/${model}/tags"
    for tags in (
        [],
        [{"key": "a", "value": "1"}],
        [{"key": "a", "value": "2"}, {"key": "b", "value": ""}],
        [{"key": "c", "value": "1"}, {"key": "c", "value": "2"}],
        [{"key": "d"}],
        [{"value": "x"}],
        [{}],
        [None],
        ["x"],
        "x",
        {},
        None,
        5,
        [{"key": 5, "value": "x"}],
        [{"key": "e", "value": 5}],
    ):
        c.patch(path, {"tags": tags}, f"tags {json.dumps(tags)}")
        _get_model(c)
    c.patch(path, {}, "nothing")
    c.patch(f"logged-models/{NO_MODEL}/tags", {"tags": [{"key": "a", "value": "1"}]}, "no model")
    c.send("DELETE", path + "/a", None, "delete tag")
    c.send("DELETE", path + "/a", None, "delete tag twice")
    c.delete(path + "/b", {}, "delete with a body")
    c.send("DELETE", f"logged-models/{NO_MODEL}/tags/a", None, "delete tag of no model")
    return _get_model(c)


def _tag_keys() -> Case:
    c = add_model(with_experiment("tag-keys"))
    for key in KEYS:
        note = f"{key[:9]!r} {len(key)}"
        c.patch(
            "logged-models/${model}/tags", {"tags": [{"key": key, "value": "v"}]}, f"set {note}"
        )
    _get_model(c)
    for path in (
        "plain",
        "a%2Fb",
        "a/b",
        "a.b",
        "a%20b",
        "%C3%BCn%C3%AF",
        "%25",
        "a%252Fb",
        "%23",
        "%3F",
        "..",
        "%2e%2e",
        "",
    ):
        c.send("DELETE", "logged-models/${model}/tags/" + path, None, f"delete {path!r}")
    return _get_model(c)


def _params() -> Case:
    c = add_model(with_experiment("params"), params=[{"key": "given", "value": "0"}])
    path = "logged-models/${model}/params"
    for params in (
        [{"key": "a", "value": "1"}],
        [{"key": "a", "value": "1"}],
        [{"key": "a", "value": "2"}],
        [{"key": "b", "value": "1"}, {"key": "b", "value": "1"}],
        [],
        [{"key": "c"}],
        [{"value": "x"}],
        [{}],
        None,
        "x",
        {},
        [None],
        [{"key": 5, "value": "x"}],
        [{"key": "../x", "value": "1"}],
        [{"key": "given", "value": "9"}],
    ):
        c.post(path, {"model_id": "${model}", "params": params}, f"params {json.dumps(params)}")
        _get_model(c)
    c.post(path, {"params": [{"key": "d", "value": "1"}]}, "no model_id in the body")
    c.post(
        path,
        {"model_id": NO_MODEL, "params": [{"key": "d", "value": "1"}]},
        "other model in the body",
    )
    c.post(
        f"logged-models/{NO_MODEL}/params",
        {"model_id": "${model}", "params": []},
        "other model in the path",
    )
    return _get_model(c)


def _metrics() -> Case:
    c = add_run(add_model(with_experiment("metrics")))
    for key, value, step in (
        ("a", 1, 1),
        ("a", 1, 1),
        ("a", 2, 1),
        ("a", 2, 2),
        ("inf", "Infinity", 0),
        ("inf", "-Infinity", 1),
        ("zero", -0.0, 0),
    ):
        point = {"key": key, "value": value, "timestamp": 1, "step": step}
        c.post(
            "runs/log-metric",
            {"run_id": "${run}", "model_id": "${model}", **point},
            f"{key}={value} at {step}",
        )
    _get_model(c, "numbers")
    nan = {"key": "nan", "value": "NaN", "timestamp": 1, "model_id": "${model}"}
    c.post("runs/log-metric", {"run_id": "${run}", **nan}, "NaN")
    return _get_model(c, "with NaN")


def _delete() -> Case:
    c = add_model(with_experiment("delete"))
    c.send("DELETE", "logged-models/${model}", None, "delete")
    _get_model(c, "get deleted")
    c.get("logged-models/${model}", {"allow_deleted": "true"}, "get with allow_deleted")
    c.send("DELETE", "logged-models/${model}", None, "delete twice")
    c.delete("logged-models/${model}", {"model_id": "${model}"}, "delete twice with a body")
    c.send("DELETE", f"logged-models/{NO_MODEL}", None, "delete no model")
    c.patch(
        "logged-models/${model}",
        {"model_id": "${model}", "status": "LOGGED_MODEL_READY"},
        "finalize deleted",
    )
    c.patch("logged-models/${model}/tags", {"tags": [{"key": "a", "value": "1"}]}, "tag deleted")
    c.post(
        "logged-models/${model}/params",
        {"model_id": "${model}", "params": [{"key": "a", "value": "1"}]},
        "param deleted",
    )
    c.get(
        "/ajax-api/2.0/mlflow/logged-models/${model}/artifacts/directories",
        None,
        "artifacts of deleted",
    )
    return c.post("logged-models/search", {"experiment_ids": ["${exp}"]})


def _long() -> Case:
    c = add_model(with_experiment("long"))
    for length in (500, 501, 6000, 6001, 8000, 8001, 20000):
        c.patch(
            "logged-models/${model}/tags",
            {"tags": [{"key": f"t{length}", "value": "v" * length}]},
            f"tag of {length}",
        )
        c.post(
            "logged-models/${model}/params",
            {"model_id": "${model}", "params": [{"key": f"p{length}", "value": "v" * length}]},
            f"param of {length}",
        )
        c.post(
            "logged-models",
            {"experiment_id": "${exp}", "name": "n", "model_type": "t" * length},
            f"type of {length}",
        )
    return _get_model(c)
