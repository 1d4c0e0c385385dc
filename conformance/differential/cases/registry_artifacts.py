"""The files of a model version: where they are, and one of them through the server."""

from __future__ import annotations

from ..dsl import Case
from .artifact_paths import HOSTILE, ROOT, RUN_ROOT
from .common import NO_RUN, add_model, add_run, with_experiment
from .registry import PROMPT, VERSIONS, add_version, with_logged_model

GET = "/model-versions/get-artifact"
URI = "model-versions/get-download-uri"
FILE_HEADERS = ("Content-Disposition", "X-Content-Type-Options", "Content-Length")
PLACE = "mlflow-artifacts:/${exp}/${run}/artifacts/m"
ONE = {"name": "${u}", "version": "1"}


def cases() -> list[Case]:
    return [
        _get(),
        _hostile(),
        _origins(),
        _of_runs(),
        _of_models(),
        _elsewhere(),
        _ranges(),
        _state(),
    ]


def _with_files(name: str) -> Case:
    c = with_logged_model(name)
    for path in ("m/MLmodel", "m/data/a b.txt", "m/page.html", "m/ünï.json", "outside.txt"):
        c.put(RUN_ROOT + "/" + path.replace(" ", "%20").replace("ünï", "%C3%BCn%C3%AF"), b"hello")
    return add_version(c, source=PLACE, run_id="${run}")


def _get() -> Case:
    c = _with_files("get")
    for path in ("MLmodel", "data/a b.txt", "page.html", "ünï.json"):
        c.get(GET, {**ONE, "path": path}, f"path {path!r}").headers(*FILE_HEADERS)
    for path in ("none", "data", "data/", ""):
        c.get(GET, {**ONE, "path": path}, f"path {path!r}").headers(*FILE_HEADERS[:2])
    good = {**ONE, "path": "MLmodel"}
    for name in good:
        rest = {key: value for key, value in good.items() if key != name}
        c.get(GET, rest, f"without {name}")
        c.get(GET, {**good, name: ""}, f"empty {name}")
        c.get(GET, {**good, name: [good[name], "x"]}, f"{name} twice")
    c.get(GET, None, "nothing given")
    c.get(GET, {**good, "name": "${u}-none"}, "no such model")
    c.get(GET, {**good, "name": "a/b"}, "bad name")
    for version in VERSIONS:
        c.get(GET, {**good, "version": version}, f"version {version!r}")
    c.get("/api/2.0/mlflow" + GET, good, "below the API")
    return c.get("/ajax-api/2.0/mlflow" + GET, good, "below the browser's API")


def _hostile() -> Case:
    c = _with_files("hostile")
    for path in HOSTILE:
        c.send("GET", f"{GET}?name=${{u}}&version=1&path={path}", None, f"get {path[:40]}")
    c.send("GET", f"{GET}?name=${{u}}&version=1&path=../outside.txt", None, "next to the model")
    return c


def _origins() -> Case:
    """Whatever the source is, the files are those of the run it leads to."""
    c = _with_files("origins")
    for note, source in (
        ("with a slash", PLACE + "/"),
        ("with slashes", PLACE.replace(":/", ":///")),
        ("a file", PLACE + "/MLmodel"),
        ("all of the run", PLACE.removesuffix("/m")),
        ("in capitals", PLACE.replace("mlflow-artifacts", "MLFLOW-ARTIFACTS")),
        ("quoted", PLACE.replace("/artifacts", "/%61rtifacts")),
        ("with a query", PLACE + "?x"),
        ("of a version", "models:/${u}/1"),
    ):
        add_version(c, note, source=source, **({} if "models:" in source else {"run_id": "${run}"}))
    for version in range(1, 10):
        which = {"name": "${u}", "version": str(version)}
        c.get(URI, which, f"uri of {version}")
        c.get(GET, {**which, "path": "MLmodel"}, f"MLmodel of {version}")
        c.get(GET, {**which, "path": "m/MLmodel"}, f"m/MLmodel of {version}")
    return c


def _of_runs() -> Case:
    """The real server cannot follow these: it looks for itself at an address it does not have."""
    c = _with_files("of-runs")
    for path in ("m", "", "m/MLmodel"):
        add_version(c, f"of {path!r}", source="runs:/${run}/" + path, run_id="${run}")
    add_version(c, "of no run", source=f"runs:/{NO_RUN}/m", run_id=NO_RUN)
    for version in range(2, 6):
        which = {"name": "${u}", "version": str(version)}
        c.get(URI, which, f"uri of {version}")
        c.get(GET, {**which, "path": "MLmodel"}, f"MLmodel of {version}")
        c.loose("tells the address of the real server's store")
        c.get(GET, {**which, "path": "../outside.txt"}, f"next to {version}")
    return c


def _of_models() -> Case:
    c = with_logged_model("of-models")
    c.put(ROOT + "/${exp}/models/${model}/artifacts/MLmodel", b"hello")
    add_version(c, source="models:/${model}", model_id="${model}")
    add_version(c, "a copy", source="models:/${u}/1")
    for version in ("1", "2"):
        which = {"name": "${u}", "version": version}
        c.get(URI, which, f"uri of {version}")
        c.get(GET, {**which, "path": "MLmodel"}, f"MLmodel of {version}").headers(*FILE_HEADERS)
    c.send("DELETE", "logged-models/${model}", None, "delete the logged model")
    return c.get(GET, {**ONE, "path": "MLmodel"}, "of a deleted logged model")


def _elsewhere() -> Case:
    """Places that are not the server's own."""
    c = with_experiment("elsewhere", artifact_location="mlflow-artifacts:/own/${u}/place")
    add_model(add_run(c), source_run_id="${run}")
    c.put(ROOT + "/own/${u}/place/${run}/artifacts/m/MLmodel", b"hello")
    c.post("registered-models/create", {"name": "${u}"})
    own = "mlflow-artifacts:/own/${u}/place/${run}/artifacts/m"
    add_version(c, "in a place of its own", source=own, run_id="${run}")
    add_version(c, "of a prompt", source="dummy-source", tags=[PROMPT])
    add_version(c, "of an unknown scheme", source="unknown://h/x")
    for version in ("1", "2", "3"):
        which = {"name": "${u}", "version": version}
        c.get(URI, which, f"uri of {version}")
        c.get(GET, {**which, "path": "MLmodel"}, f"MLmodel of {version}")
    return c


def _ranges() -> Case:
    c = _with_files("ranges")
    for span in ("bytes=0-1", "bytes=3-", "bytes=9-", "bytes=x"):
        c.get(GET, {**ONE, "path": "MLmodel"}, f"range {span}", {"Range": span})
        c.headers("Content-Range")
    c.get(GET, {**ONE, "path": "MLmodel"}, "not if it is there", {"If-None-Match": "*"})
    return c


def _state() -> Case:
    c = _with_files("state")
    c.post("registered-models/rename", {"name": "${u}", "new_name": "${u}-b"})
    c.get(GET, {**ONE, "path": "MLmodel"}, "by the old name")
    c.get(GET, {**ONE, "name": "${u}-b", "path": "MLmodel"}, "by the new name")
    c.post("runs/delete", {"run_id": "${run}"})
    c.get(GET, {**ONE, "name": "${u}-b", "path": "MLmodel"}, "of a deleted run")
    c.delete("model-versions/delete", {"name": "${u}-b", "version": "1"})
    c.get(GET, {**ONE, "name": "${u}-b", "path": "MLmodel"}, "of a deleted version")
    return c.get(URI, {"name": "${u}-b", "version": "1"}, "uri of a deleted version")
