"""Experiments: create, get, get-by-name, update, delete, restore, tags."""

from __future__ import annotations

from ..dsl import Case, case
from .common import (
    NO_EXPERIMENT,
    UNIQUE_LENGTH,
    WRONG,
    add_run,
    get_run,
    query_probes,
    shape_probes,
)
from .common import with_experiment

# fmt: off
NAMES = {
    "unicode": "${u} Ünï-çødé 日本 🚀", "slash": "/Users/${u}/x", "dots": "../${u}",
    "quotes": "${u} 'a' \"b\" `c`", "percent": "${u} 100% a_b", "spaces around": "  ${u}  ",
    "newline": "${u}\nsecond\tline", "nul": "${u}\u0000x", "markup": "<b>${u}</b>&amp;",
    "numeric": "12345${u}",
}
# fmt: on
# fmt: off
LOCATIONS = (
    "s3://bucket/path/${u}", "gs://bucket", "wasbs://c@a.blob.core.windows.net/p", "abfss://c@a/p",
    "hdfs://host:9000/p", "mlflow-artifacts:/custom/${u}", "mlflow-artifacts://host/custom",
    "http://example.com/x", "https://example.com/x", "ftp://user:pass@host/p", "sftp://user@host/p",
    "dbfs:/x", "runs:/abc/x", "models:/abc/1", "s3://bucket/a?x=y", "s3://bucket/a#frag",
    "s3://bucket/../up", "s3://bucket/%2e%2e/up", "s3://bucket/a/", "unknown://x/y", "",
    "s3://" + "b" * 2100,
)
# fmt: on
# fmt: off
TAG_KEYS = (
    "plain", "a/b", "a.b", "with space", "colon:x", "under_score-dash", "/abs", "a//b", "a/", "./a",
    "../a", "a/../b", ".", "..", "hash#", "ünï", "日本", "tab\tx", "a\n", "at@", "", " ", "k" * 250,
    "k" * 251, "mlflow.note.content", "%", "a,b", "back\\slash",
)
# fmt: on


def cases() -> list[Case]:
    return [
        _lifecycle(),
        _names(),
        _locations(),
        _shapes(),
        _gets(),
        _rename(),
        _delete_restore(),
        _cascade(),
        _tags(),
        _tag_keys(),
        _create_tags(),
        _custom_views(),
        _retention_tags(),
        _ids(),
        _default(),
    ]


def _lifecycle() -> Case:
    c = with_experiment("lifecycle")
    c.get("experiments/get", {"experiment_id": "${exp}"})
    c.get("experiments/get-by-name", {"experiment_name": "${u}-lifecycle"})
    c.post("experiments/create", {"name": "${u}-lifecycle"}, "duplicate name")
    c.post("experiments/create", {"name": "${u}-LIFECYCLE"}, "name differs in case")
    return c


def _names() -> Case:
    c = case("names")
    for note, name in NAMES.items():
        c.post("experiments/create", {"name": name}, note).bind("e", "experiment_id")
        c.get("experiments/get", {"experiment_id": "${e}"}, f"get {note}")
    for length in (499, 500, 501, 5000):
        c.post(
            "experiments/create",
            {"name": "${u}" + "n" * (length - UNIQUE_LENGTH)},
            f"length {length}",
        )
    c.post("experiments/create", {"name": " "}, "blank")
    return c


def _locations() -> Case:
    c = case("locations")
    for number, location in enumerate(LOCATIONS):
        body = {"name": f"${{u}}-loc-{number}", "artifact_location": location}
        c.post("experiments/create", body, f"create at {location[:40]}")
        c.get("experiments/get-by-name", {"experiment_name": body["name"]}, f"at {location[:40]}")
    return c


def _shapes() -> Case:
    c = with_experiment("shapes")
    for number, value in enumerate(WRONG):
        body = {"name": f"${{u}}-at-{number}", "artifact_location": value}
        c.post("experiments/create", body, f"artifact_location {value!r}")
    for value in ("", None, 0, 1.5, True, [], {}):
        c.post("experiments/create", {"name": value}, f"name {value!r}")
    c.post("experiments/create", {"tags": []}, "no name")
    for value in (
        None,
        "x",
        {},
        ["x"],
        [None],
        [{}],
        [{"key": "a"}],
        [{"value": "a"}],
        [{"key": 1, "value": "v"}],
        [{"key": "k", "value": 2}],
    ):
        body = {"name": f"${{u}}-tags-{value!r}", "tags": value}
        c.post("experiments/create", body, f"tags {value!r}")
    for path in ("delete", "restore"):
        shape_probes(c, "POST", f"experiments/{path}", {"experiment_id": NO_EXPERIMENT})
    shape_probes(
        c, "POST", "experiments/update", {"experiment_id": NO_EXPERIMENT, "new_name": "${u}-s"}
    )
    tag = {"experiment_id": "${exp}", "key": "k", "value": "v"}
    shape_probes(c, "POST", "experiments/set-experiment-tag", tag)
    shape_probes(c, "POST", "experiments/delete-experiment-tag", tag, ("experiment_id", "key"))
    return c.get("experiments/get", {"experiment_id": "${exp}"})


def _gets() -> Case:
    c = with_experiment("gets")
    query_probes(c, "experiments/get", {"experiment_id": "${exp}"})
    query_probes(c, "experiments/get-by-name", {"experiment_name": "${u}-gets"})
    c.get("experiments/get-by-name", {"experiment_name": "${u}-GETS"}, "name in other case")
    c.get("experiments/get-by-name", {"experiment_name": "${u}-no ü'\""}, "no such name")
    return c


def _ids() -> Case:
    c = with_experiment("ids")
    for value in (
        NO_EXPERIMENT,
        "-1",
        "abc",
        "1.5",
        " ${exp} ",
        "0${exp}",
        "+${exp}",
        "1e3",
        "9" * 30,
        "${exp}x",
        "٩٨٧٦٥٤٣٢١",
        "987_654_321",
    ):
        c.get("experiments/get", {"experiment_id": value}, f"get {value!r}")
        c.post("runs/create", {"experiment_id": value, "run_name": "r"}, f"run in {value!r}")
        c.post(
            "experiments/set-experiment-tag",
            {"experiment_id": value, "key": "k", "value": "v"},
            f"tag {value!r}",
        )
    return c


def _rename() -> Case:
    c = with_experiment("rename").post("experiments/create", {"name": "${u}-other"})
    path, exp = "experiments/update", "${exp}"
    c.pause().post(path, {"experiment_id": exp, "new_name": "${u}-renamed"}, "rename")
    c.get("experiments/get", {"experiment_id": exp})
    c.get("experiments/get-by-name", {"experiment_name": "${u}-rename"}, "old name")
    c.post(path, {"experiment_id": exp, "new_name": "${u}-renamed"}, "same name again")
    c.post(path, {"experiment_id": exp, "new_name": "${u}-other"}, "taken name")
    c.post(path, {"experiment_id": exp, "new_name": "n" * 501}, "too long")
    c.post(path, {"experiment_id": NO_EXPERIMENT, "new_name": "${u}-x"}, "no experiment")
    c.post(path, {"experiment_id": NO_EXPERIMENT, "new_name": "n" * 501}, "no one, too long")
    c.post("experiments/delete", {"experiment_id": exp})
    return c.post(path, {"experiment_id": exp, "new_name": "${u}-late"}, "deleted experiment")


def _delete_restore() -> Case:
    c = with_experiment("delete-restore")
    exp = {"experiment_id": "${exp}"}
    c.post("experiments/restore", exp, "restore an active one")
    c.post("experiments/delete", exp)
    c.get("experiments/get", exp, "get deleted")
    c.get("experiments/get-by-name", {"experiment_name": "${u}-delete-restore"}, "by name deleted")
    c.post("experiments/delete", exp, "delete twice")
    c.post("experiments/create", {"name": "${u}-delete-restore"}, "name of a deleted one")
    c.post("experiments/set-experiment-tag", {**exp, "key": "k", "value": "v"}, "tag deleted")
    c.post("experiments/delete-experiment-tag", {**exp, "key": "k"}, "untag deleted")
    c.post("runs/create", {**exp, "run_name": "r"}, "run in deleted")
    c.post("logged-models", {**exp, "name": "m"}, "logged model in deleted")
    c.post("experiments/restore", exp)
    c.post("experiments/restore", exp, "restore twice")
    c.get("experiments/get", exp, "get restored")
    c.post("experiments/delete", {"experiment_id": NO_EXPERIMENT}, "delete no experiment")
    return c.post("experiments/restore", {"experiment_id": NO_EXPERIMENT}, "restore no experiment")


def _cascade() -> Case:
    c = add_run(add_run(with_experiment("cascade"), "one"), "two")
    c.post("runs/delete", {"run_id": "${two}"})
    c.post("experiments/delete", {"experiment_id": "${exp}"})
    get_run(get_run(c, "one"), "two")
    c.post("runs/set-tag", {"run_id": "${one}", "key": "k", "value": "v"}, "tag cascaded run")
    c.post("runs/restore", {"run_id": "${one}"}, "restore run of deleted experiment")
    c.post("experiments/restore", {"experiment_id": "${exp}"})
    return get_run(get_run(c, "one"), "two")


def _tags() -> Case:
    c = with_experiment("tags", tags=[{"key": "given", "value": "at start"}])
    path, untag = "experiments/set-experiment-tag", "experiments/delete-experiment-tag"
    exp = {"experiment_id": "${exp}"}
    for value in (
        "v1",
        "v2",
        "",
        "ünï 日本 🚀",
        "v" * 8001,
        "v" * 20000,
        "v" * 20001,
        "line\nfeed",
    ):
        c.post(path, {**exp, "key": "k", "value": value}, f"value {value[:12]!r} {len(value)}")
        c.get("experiments/get", exp)
    c.post(path, {**exp, "key": "no value"}, "without value")
    c.post(untag, {**exp, "key": "given"}, "delete tag")
    c.post(untag, {**exp, "key": "given"}, "delete tag twice")
    c.post(untag, {"experiment_id": NO_EXPERIMENT, "key": "k"}, "untag no experiment")
    c.post(path, {"experiment_id": NO_EXPERIMENT, "key": "k", "value": "v"}, "tag no experiment")
    c.post(path, {"experiment_id": NO_EXPERIMENT, "key": "../k", "value": "v"}, "both wrong")
    return c.get("experiments/get", exp)


def _tag_keys() -> Case:
    c = with_experiment("tag-keys")
    for key in TAG_KEYS:
        body = {"experiment_id": "${exp}", "key": key, "value": "v"}
        c.post("experiments/set-experiment-tag", body, f"key {key[:20]!r} {len(key)}")
        c.post("experiments/delete-experiment-tag", body, f"delete {key[:20]!r} {len(key)}")
    return c.get("experiments/get", {"experiment_id": "${exp}"})


def _create_tags() -> Case:
    c = case("create-tags")
    lists = {
        "two": [("a", "1"), ("b", "2")],
        "same twice": [("a", "1"), ("a", "1")],
        "same key, other value": [("a", "1"), ("a", "2")],
        "bad key": [("../a", "1")],
        "long key": [("k" * 251, "1")],
        "long value": [("a", "v" * 20001)],
        "many": [(f"k{i}", str(i)) for i in range(150)],
    }
    for note, pairs in lists.items():
        tags = [{"key": key, "value": value} for key, value in pairs]
        c.post("experiments/create", {"name": f"${{u}}-ct-{note}", "tags": tags}, note)
        c.get("experiments/get-by-name", {"experiment_name": f"${{u}}-ct-{note}"}, f"get {note}")
    return c


def _custom_views() -> Case:
    c = with_experiment("custom-views")
    for number in range(52):
        body = {"experiment_id": "${exp}", "key": f"mlflow.customView.view{number}", "value": "v"}
        c.post("experiments/set-experiment-tag", body, f"view {number}")
    return c


def _retention_tags() -> Case:
    c = with_experiment("retention-tags")
    values = (
        "",
        "30d",
        "{}",
        '{"type":"duration","value":"30d"}',
        '{"type":"x","value":"30d"}',
        '{"type":"duration","value":"30x"}',
        '{"type":"duration"}',
        '{"older_than":"1h"}',
        '{"older_than":5}',
        "[]",
    )
    for key in ("mlflow.trace.archivalRetention", "mlflow.trace.archiveNow"):
        for value in values:
            body = {"experiment_id": "${exp}", "key": key, "value": value}
            c.post("experiments/set-experiment-tag", body, f"{key} {value}")
    return c.get("experiments/get", {"experiment_id": "${exp}"})


def _default() -> Case:
    c = case("default").fresh()
    c.get("experiments/get", {"experiment_id": "0"})
    c.get("experiments/get-by-name", {"experiment_name": "Default"})
    c.post("experiments/search", {"max_results": 5})
    c.post("experiments/delete", {"experiment_id": "0"})
    c.get("experiments/get", {"experiment_id": "0"}, "get deleted default")
    c.post("runs/create", {"experiment_id": "0"}, "run in deleted default")
    c.post("experiments/restore", {"experiment_id": "0"})
    return c.post("runs/create", {"run_name": "no experiment"}, "run without experiment")
