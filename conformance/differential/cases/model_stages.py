"""Stages of model versions, and the latest version of each stage."""

from __future__ import annotations

from ..dsl import Case
from .common import shape_probes
from .registry import BAD_NAMES, NO_NAME, WRONG_NAMES, add_version, get_registered, get_version
from .registry import short, versions_of, with_registered, with_version

MOVE = "model-versions/transition-stage"
LATEST = "registered-models/get-latest-versions"
# fmt: off
STAGES = (
    "None", "Staging", "Production", "Archived", "none", "STAGING", "pRoDuCtIoN", "archived",
    "Deleted_Internal", "deleted_internal", "x", "", " ", "Staging ", "İ", "Null", "0",
)
# fmt: on


def cases() -> list[Case]:
    return [
        _transitions(),
        _shapes(),
        _archive(),
        _archive_values(),
        _archive_fails(),
        _latest(),
        _latest_order(),
        _latest_stages(),
        _latest_gets(),
        _latest_shapes(),
        _state(),
    ]


def _move(c: Case, version: str, stage: str, note: str = "", **fields: object) -> Case:
    body = {"name": "${u}", "version": version, "stage": stage, **fields}
    return c.pause().post(MOVE, body, note or f"{version} to {stage!r}")


def _latest_of(c: Case, note: str, name: str = "${u}", **fields: object) -> Case:
    """The order of stages is not defined: the real server's search has another one."""
    return c.post(LATEST, {"name": name, **fields}, note).unordered("model_versions")


def _with_versions(name: str, count: int) -> Case:
    c = with_registered(name)
    for _ in range(count):
        add_version(c)
    return c


def _transitions() -> Case:
    c = with_version("transitions", description="d", tags=[{"key": "k", "value": "v"}])
    c.post("registered-models/alias", {"name": "${u}", "alias": "best", "version": "1"})
    for stage in STAGES:
        _move(c, "1", stage)
        get_version(c)
    _move(c, "1", "Staging", "twice the same").pause()
    _move(c, "1", "Staging", "twice the same")
    return get_registered(c)


def _shapes() -> Case:
    c = with_version("shapes")
    good = {"name": "${u}", "version": "1", "stage": "Staging", "archive_existing_versions": False}
    shape_probes(c, "POST", MOVE, good, ("name",), WRONG_NAMES)
    shape_probes(c, "POST", MOVE, good, ("version", "stage", "archive_existing_versions"))
    for name in BAD_NAMES[1:5]:
        _move(c, "1", "Staging", f"of {short(name)}", name=name)
    _move(c, "1", "Staging", "of no model", name=NO_NAME)
    _move(c, "1", "x", "wrong stage of no model", name=NO_NAME)
    _move(c, "2", "Staging", "of no version")
    _move(c, "x", "Staging", "of an impossible version")
    _move(c, "x", "x", "wrong version and stage")
    return get_version(c)


def _archive() -> Case:
    c = _with_versions("archive", 5)
    for version, stage in (("1", "Staging"), ("2", "Staging"), ("3", "Production")):
        _move(c, version, stage)
    _move(c, "4", "Staging", "archive those in staging", archive_existing_versions=True)
    versions_of(c)
    get_registered(c)
    _move(c, "4", "Staging", "which is there already", archive_existing_versions=True)
    versions_of(c, "itself stays")
    _move(c, "5", "pRODUCTION", "other spelling", archive_existing_versions=True)
    versions_of(c, "production")
    for stage in ("Archived", "None", "archived"):
        _move(c, "5", stage, f"archive at {stage}", archive_existing_versions=True)
    _move(c, "5", "x", "archive at no stage", archive_existing_versions=True)
    return versions_of(c, "at the end")


def _archive_values() -> Case:
    c = _with_versions("archive-values", 2)
    for value in (True, False, None, "true", "True", "false", "yes", "", 1, 0, 1.0, [], {}):
        _move(c, "1", "Staging")
        _move(c, "2", "Staging", f"archive {value!r}", archive_existing_versions=value)
        get_version(c, "1", f"first after {value!r}")
        _move(c, "2", "None")
    return c


def _archive_fails() -> Case:
    """What is archived when the transition itself is refused."""
    c = _with_versions("archive-fails", 1)
    _move(c, "1", "Staging")
    _move(c, "7", "Staging", "no such version", archive_existing_versions=True)
    get_version(c, "1")
    _move(c, "x", "Staging", "impossible version", archive_existing_versions=True)
    get_version(c, "1")
    _move(c, "01", "Staging", "itself, spelled otherwise", archive_existing_versions=True)
    return get_version(c, "1")


def _latest() -> Case:
    c = _with_versions("latest", 6)
    c.post("registered-models/alias", {"name": "${u}", "alias": "best", "version": "6"})
    _latest_of(c, "one stage")
    for version, stage in (("1", "Production"), ("2", "Production"), ("4", "Staging")):
        _move(c, version, stage)
    _move(c, "3", "Archived")
    _move(c, "6", "Archived")
    _latest_of(c, "every stage")
    get_registered(c)
    c.get("registered-models/search", {"filter": "name = '${u}'"})
    c.delete("model-versions/delete", {"name": "${u}", "version": "2"})
    _latest_of(c, "after one was deleted")
    get_registered(c)
    c.post(LATEST, {"name": NO_NAME}, "no such model")
    c.post(LATEST, {"name": NO_NAME, "stages": ["x"]}, "no such model nor stage")
    return c.post(LATEST, {"name": "a/b"}, "bad name")


def _latest_order() -> Case:
    """In which order the stages come, however the versions got there."""
    for_each = ("Archived", "Staging", "None", "Production")
    c = _with_versions("latest-order", 8)
    for version in range(8, 0, -1):
        _move(c, str(version), for_each[version % 4])
    _latest_of(c, "latest")
    get_registered(c)
    c.get("registered-models/search", {"filter": "name = '${u}'"})
    c.patch("registered-models/update", {"name": "${u}", "description": "d"})
    _move(c, "1", "Archived")
    _move(c, "8", "Production")
    _latest_of(c, "latest after moves")
    get_registered(c, "model after moves")
    return c.post("registered-models/rename", {"name": "${u}", "new_name": "${u}-b"})


def _latest_stages() -> Case:
    c = _with_versions("latest-stages", 4)
    for version, stage in (("1", "Production"), ("2", "Staging"), ("3", "Archived")):
        _move(c, version, stage)
    for stages in (
        [],
        ["Production"],
        ["Staging", "Production"],
        ["Production", "Staging"],
        ["production", "PRODUCTION"],
        ["None"],
        ["none", "archived"],
        ["Archived"],
        ["x"],
        ["Production", "x"],
        ["Deleted_Internal"],
        [""],
        [None],
        [5],
    ):
        _latest_of(c, f"stages {stages}", stages=stages)
    return c


def _latest_gets() -> Case:
    c = _with_versions("latest-gets", 3)
    _move(c, "1", "Production")
    _move(c, "2", "Staging")
    c.get(LATEST, {"name": "${u}"}, "as the Java client does").unordered("model_versions")
    for stages in (
        ["Production"],
        ["Staging", "Production"],
        "None",
        "x",
        "",
        "Production,Staging",
    ):
        c.get(LATEST, {"name": "${u}", "stages": stages}, f"stages {stages}")
        c.unordered("model_versions")
    c.get(LATEST, {"stages": "None"}, "no name")
    c.get(LATEST, {"name": ""}, "empty name")
    c.get(LATEST, {"name": NO_NAME}, "no such model")
    ajax = "/ajax-api/2.0/mlflow/" + LATEST
    c.get(ajax, {"name": "${u}"}, "ajax").unordered("model_versions")
    return c.post(ajax, {"name": "${u}"}, "ajax by POST").unordered("model_versions")


def _latest_shapes() -> Case:
    c = with_version("latest-shapes")
    good = {"name": "${u}", "stages": ["None"]}
    shape_probes(c, "POST", LATEST, good, ("name",), WRONG_NAMES)
    return shape_probes(c, "POST", LATEST, good, ("stages",))


def _state() -> Case:
    c = _with_versions("state", 2)
    _move(c, "1", "Production")
    c.post("registered-models/rename", {"name": "${u}", "new_name": "${u}-b"})
    _move(c, "2", "Staging", "by the old name")
    _move(c, "2", "Staging", "by the new name", name="${u}-b")
    _latest_of(c, "latest by the new name", "${u}-b")
    c.delete("registered-models/delete", {"name": "${u}-b"})
    return _move(c, "1", "Staging", "of a deleted model", name="${u}-b")
