"""Where the files of a model version may be: what is taken, followed, refused, and said of it."""

from __future__ import annotations

from typing import Iterable

from ..dsl import Case
from .common import NO_MODEL, NO_RUN, add_model, add_run, with_experiment
from .registry import PROMPT, add_version, short, versions_of, with_logged_model

RUN, MODEL = {"run_id": "${run}"}, {"model_id": "${model}"}
RUN_ROOT = "mlflow-artifacts:/${exp}/${run}/artifacts"
MODEL_ROOT = "mlflow-artifacts:/${exp}/models/${model}/artifacts"
# fmt: off
LOCAL = (
    "/tmp/x", "/", "relative/path", "x", ".", "./x", "../x", " ", "~/x", "file:///tmp/x",
    "file:/tmp/x", "file://localhost/tmp/x", "file://evil.example/x", "file:x", "FILE:///tmp/x",
    "file:///tmp/%2e%2e/x", "C:\\x", "C:/x", "\\\\host\\x", "//host/x", "/tmp/\u0000x", "/tmp/%00x",
    "file:", "file://",
)
ABSOLUTE = (
    "/tmp/x", "/tmp/../x", "/tmp//x/", "file:///tmp/x", "file:/tmp/x", "file://localhost/tmp/x",
    "file://evil.example/x", "file:///tmp/%2e%2e/x", "/tmp/\u0000x", "/tmp/%00x",
)
SCHEMES = (
    "s3://bucket/x", "S3://bucket/x", "s3://bucket", "s3://bucket/", "s3:/bucket/x", "s3:x", "s3:",
    "gs://b/x", "abfss://c@a.example/x", "wasbs://c@a.example/x", "dbfs:/x", "hdfs://h/x",
    "viewfs://h/x", "ftp://h/x", "sftp://u:p@h/x", "r2://b@h/x", "b2://b/x", "http://h/x",
    "https://h/x", "HTTP://h/x", "hTTps://h/x", "http:/x", "http:x",
    "http://127.0.0.1:1/api/2.0/mlflow-artifacts/artifacts/x", "ws://h/x", "azureml://x",
    "databricks://p/x", "databricks:/x", "uc:/x", "unknown://h/x", "x:y", "a1+b.c-d://h/x",
    "data:text/plain,x", "javascript:x", "://x", ":", "1x://h/x", "x y://h/x", "é://h/x",
    "sqlite:///x.db", "mlflow-artifactsx:/x", "s3+http://h/x", "http\t://h/x", " http://h/x",
    "s3://b:x/x",
)
# An object store's path, from a plain one to those which try to leave it.
PATHS = (
    "a b", "a+b", "a%20b", "ünï", "日本", "a//b", "//a", "a/", "a/./b", ".", "./a", "...", "..a",
    "a..",
    "..", "../x", "a/..", "a/../b", "a/../../b", "%2e%2e/x", "a/%2e%2e/b", "a/.%2e/b", "a/%2E./b",
    "%252e%252e/x", "%25252e%25252e/x", "a%2f..%2fb", "a%252f..%252fb", "a\\..\\b", "a%5c..%5cb",
    "..;/x", "a;x", "a;../x", "a?x=y", "a?x=../y", "a?../x", "a#x", "a#../x", "a%23../x",
    "a%3f../x",
    "a\u0000b", "a%00b", "a%2500b", "a\nb", "a%0ab", "a%zz", "%", "%c0%ae%c0%ae/x", "‥/x",
    "a%2b..%2bb",
    "a+..+b", "+../x", "{x}", "$x", "`x`", "a'b", 'a"b', "a:b", "a@b",
)
# What may follow the root of a run's or a logged model's own artifacts.
BELOW = (
    "", "/", "/m", "/m/", "/m/MLmodel", "//m", "/./m", "/..", "/../x", "/m/../../x", "/%2e%2e/x",
    "/m/%2e%2e/x", "/%252e%252e/x", "x", "%2Fm", "/m%2fn", "?x=y", "#x", "/ünï m", "/m%00", "/a+b",
)
AROUND = (
    "mlflow-artifacts:/", "mlflow-artifacts:", "mlflow-artifacts://", "mlflow-artifacts:/${exp}",
    "mlflow-artifacts:/${exp}/", "mlflow-artifacts:/${exp}/${run}", "mlflow-artifacts:/x",
    "mlflow-artifacts:/${exp}/${run}/artefacts", "mlflow-artifacts:/${exp}/${other}/artifacts/m",
    "mlflow-artifacts:/${exp}/models", "mlflow-artifacts:/${exp}/models/${another}/artifacts",
    "mlflow-artifacts://host/${exp}/${run}/artifacts/m",
    "mlflow-artifacts:///${exp}/${run}/artifacts/m",
    "MLFLOW-ARTIFACTS:/${exp}/${run}/artifacts/m", "mlflow-artifacts:${exp}/${run}/artifacts/m",
    "mlflow-artifacts:/${exp}/${run}/%61rtifacts/m", "mlflow-artifacts://host:1/x",
)
RUNS = (
    "runs:/${run}", "runs:/${run}/", "runs:/${run}/m", "runs:/${run}/m/n", "runs:/${run}//m",
    "runs:/${run}/../x", "runs:/${run}/m/%2e%2e/x", "runs:/${run}/.", "runs:/${other}/m",
    "runs:/" + NO_RUN + "/m", "runs:/none/m", "runs:/", "runs:", "runs://${run}/m",
    "runs:///${run}/m",
    "runs:${run}/m", "RUNS:/${run}/m", "runs:/${run}/m?x", "runs:/${run}/m#x", "runs:/%20/m",
    "runs:/${run}x/m", "runs:/../${run}/m", "runs:/${run}%2Fm",
)
MODELS = (
    "models:/${model}", "models:/${model}/", "models:/${model}/m", "models:/${another}",
    "models:/" + NO_MODEL, "models:/m-x", "models:/${u}", "models:/${u}/1", "models:/${u}/01",
    "models:/${u}/2", "models:/${u}/9", "models:/${u}/0", "models:/${u}/-1", "models:/${u}/None",
    "models:/${u}/none", "models:/${u}/Staging", "models:/${u}/x", "models:/${u}/latest",
    "models:/${u}/LATEST", "models:/${u}@best", "models:/${u}@BEST", "models:/${u}@none",
    "models:/${u}@", "models:/${u}@a@best", "models:/${u}@latest", "models:/${u}/1@best",
    "models:/${u}-none/1", "models:/${u}-none@best", "models:/${u}-p/1", "models:/${u}-p@best",
    "models:/", "models:", "models://h/${u}/1", "models:///${u}/1", "models://${model}",
    "models:${u}/1", "models:/${u}/1/x", "models:/${u}/1/", "models:/${u}//1",
    "models:/${u}/1/../2",
    "models:/../${u}/1", "models:/${u}/%31", "models:/${u}%2F1", "models:/%20/1", "MODELS:/${u}/1",
    "models:/${u}/1?x", "models:/${u}/1#x", "models:/${u}/1 ", "models:/ ${u}/1", "models:/${u}/１",
)
# fmt: on


def cases() -> list[Case]:
    return [
        _local(),
        _schemes(),
        _paths(),
        _below_run(),
        _below_model(),
        _around(),
        _runs(),
        _runs_and_models(),
        _models(),
        _models_with_ids(),
        _copies(),
        _own_location(),
        _local_location(),
        _prompts(),
    ]


def _sources(c: Case, sources: Iterable[str], note: str, **fields: object) -> Case:
    for source in sources:
        add_version(c, f"{note} {short(source)}", source=source, **fields)
    return c


def _with_others(name: str) -> Case:
    """Like with_logged_model, and another run ${other} and logged model ${another}."""
    return add_model(add_run(with_logged_model(name), "other"), "another")


def _local() -> Case:
    c = with_logged_model("local")
    _sources(c, LOCAL, "bare")
    for note, ids in (("of a run", RUN), ("of a model", MODEL)):
        _sources(c, ABSOLUTE, note, **ids)
        for source in ("x", "../x", "\\\\host\\x", "C:\\x", "file:x", "FILE:///x", " "):
            _sources(c, [source], note, **ids)
            c.loose("tells the server's working directory", "Invalid model version source: ")
    _sources(c, LOCAL[:1], "of no run", run_id=NO_RUN)
    _sources(c, LOCAL[:1], "of an impossible run", run_id="none")
    _sources(c, LOCAL[:1], "of no model", model_id=NO_MODEL)
    return versions_of(c)


def _schemes() -> Case:
    c = with_logged_model("schemes")
    _sources(c, SCHEMES, "bare")
    _sources(c, SCHEMES[:20:3], "of a model", **MODEL)
    return versions_of(c)


def _paths() -> Case:
    c = with_logged_model("paths")
    _sources(c, ("s3://bucket/" + path for path in PATHS), "bare")
    _sources(c, ("dbfs:/" + path for path in PATHS[::4]), "bare")
    _sources(c, ("s3://bucket/" + path for path in PATHS[::4]), "of a model", **MODEL)
    return versions_of(c)


def _below_run() -> Case:
    c = with_logged_model("below-run")
    _sources(c, (RUN_ROOT + path for path in BELOW), "of its run", **RUN)
    _sources(c, (RUN_ROOT + path for path in BELOW[::4]), "of no run")
    _sources(c, (RUN_ROOT + path for path in BELOW[::6]), "of a model", **MODEL)
    _sources(c, (RUN_ROOT + "/m",), "of another run", run_id=NO_RUN)
    _sources(c, (RUN_ROOT + "/m",), "of an impossible run", run_id="a b")
    _sources(c, (RUN_ROOT + "/m",), "of run and model", **RUN, **MODEL)
    return versions_of(c)


def _below_model() -> Case:
    c = with_logged_model("below-model")
    _sources(c, (MODEL_ROOT + path for path in BELOW), "of its model", **MODEL)
    _sources(c, (MODEL_ROOT + path for path in BELOW[::6]), "of no model")
    _sources(c, (MODEL_ROOT + path for path in BELOW[::6]), "of a run", **RUN)
    _sources(c, (MODEL_ROOT + "/m",), "of another model", model_id=NO_MODEL)
    _sources(c, (MODEL_ROOT + "/m",), "of run and model", **RUN, **MODEL)
    return versions_of(c)


def _around() -> Case:
    c = _with_others("around")
    _sources(c, AROUND, "of a run", **RUN)
    _sources(c, AROUND, "of a model", **MODEL)
    return versions_of(c)


def _runs() -> Case:
    c = _with_others("runs")
    _sources(c, RUNS, "of a run", **RUN)
    _sources(c, RUNS[::4], "bare")
    _sources(c, RUNS[:3], "of another run", run_id="${other}")
    _sources(c, ("runs:/" + NO_RUN + "/m",), "of no run", run_id=NO_RUN)
    for version in ("1", "2"):
        query = {"name": "${u}", "version": version}
        c.get("model-versions/get-download-uri", query, f"uri of {version}")
    return versions_of(c)


def _runs_and_models() -> Case:
    c = with_logged_model("runs-and-models")
    _sources(c, RUNS[:12:3], "of a model", **MODEL)
    _sources(c, RUNS[:3], "of a run and a model", **RUN, **MODEL)
    return versions_of(c)


def _with_versions(name: str) -> Case:
    """Versions 1 of the run, 2 of the logged model and 3 of a bucket; and a prompt ${u}-p."""
    c = _with_others(name)
    add_version(c, "of the run", source="runs:/${run}/m", **RUN)
    add_version(c, "of the logged model", source="models:/${model}", **MODEL)
    add_version(c, "of a bucket")
    c.post("registered-models/alias", {"name": "${u}", "alias": "best", "version": "2"})
    stage = {"name": "${u}", "version": "1", "stage": "Staging"}
    c.post("model-versions/transition-stage", stage)
    c.post("registered-models/create", {"name": "${u}-p", "tags": [PROMPT]})
    add_version(c, "of the prompt", name="${u}-p", source="dummy-source", tags=[PROMPT])
    c.post("registered-models/alias", {"name": "${u}-p", "alias": "best", "version": "1"})
    return c.post("registered-models/create", {"name": "${u}-copy"})


def _models() -> Case:
    c = _with_versions("models")
    _sources(c, MODELS, "bare", name="${u}-copy")
    return versions_of(c, name="${u}-copy")


def _models_with_ids() -> Case:
    c = _with_versions("models-with-ids")
    chosen = MODELS[:2] + MODELS[3:9:2] + ("models:/${u}/2", "models:/${u}/3", "models:/${u}@best")
    for note, ids in (
        ("of a run", RUN),
        ("of a model", MODEL),
        ("of both", {**RUN, **MODEL}),
        ("of no run", {"run_id": ""}),
        ("of no model", {"model_id": ""}),
        ("of another run", {"run_id": "${other}"}),
        ("of another model", {"model_id": "${another}"}),
    ):
        _sources(c, chosen, note, name="${u}-copy", **ids)
    return versions_of(c, name="${u}-copy")


def _copies() -> Case:
    """A copy tells the version it was made of, and finds its files without it."""
    c = _with_versions("copies")
    for source in ("${u}/1", "${u}/2", "${u}/3", "${u}@best", "${u}/latest", "${u}-copy/1"):
        add_version(c, f"of {source}", name="${u}-copy", source="models:/" + source)
    for version in range(1, 7):
        query = {"name": "${u}-copy", "version": str(version)}
        c.get("model-versions/get-download-uri", query, f"uri of {version}")
    c.get("logged-models/${model}", None, "what the logged model knows")
    c.delete("registered-models/delete", {"name": "${u}"})
    query = {"name": "${u}-copy", "version": "1"}
    c.get("model-versions/get-download-uri", query, "uri after its origin is gone")
    add_version(c, "of what is gone", name="${u}-copy", source="models:/${u}/1")
    return versions_of(c, name="${u}-copy")


def _own_location() -> Case:
    c = with_experiment("own-location", artifact_location="mlflow-artifacts:/own/${u}/place")
    add_model(add_run(c), source_run_id="${run}")
    c.post("registered-models/create", {"name": "${u}"})
    own = "mlflow-artifacts:/own/${u}/place"
    for source in (own + "/${run}/artifacts/m", own, own + "/${run}/artifacts/../x", RUN_ROOT):
        add_version(c, f"of the run {source}", source=source, **RUN)
    for source in (own + "/models/${model}/artifacts", own + "/${run}/artifacts", MODEL_ROOT):
        add_version(c, f"of the model {source}", source=source, **MODEL)
    return versions_of(c)


def _local_location() -> Case:
    """An experiment whose artifacts are on the server's disk."""
    c = add_run(with_experiment("local-location", artifact_location="file:///tmp/${u}"))
    c.post("registered-models/create", {"name": "${u}"})
    own = "/tmp/${u}/${run}/artifacts"
    for source in (
        own + "/m",
        "file://" + own + "/m",
        own,
        own + "/../x",
        own + "/%2e%2e/x",
        "/tmp/${u}",
        own + "x",
        "/etc/passwd",
    ):
        add_version(c, f"of the run {source}", source=source, **RUN)
        add_version(c, f"of no run {source}", source=source)
    return versions_of(c)


def _prompts() -> Case:
    """A prompt has no files, and so no source."""
    c = with_logged_model("prompts")
    c.post("registered-models/create", {"name": "${u}-p", "tags": [PROMPT]})
    sources = (
        "dummy-source",
        "prompt-template",
        "Dummy-Source",
        "s3://bucket/x",
        "x",
        "http://h/x",
    )
    _sources(c, sources + ("/etc/passwd", "runs:/${run}/m"), "prompt", name="${u}-p", tags=[PROMPT])
    _sources(c, sources[:2], "no prompt", name="${u}-p")
    _sources(c, sources[:2], "of a model")
    _sources(c, sources[:1], "prompt of a model", tags=[PROMPT])
    for value in ("True", "TRUE", "false", "1", ""):
        tags = [{**PROMPT, "value": value}]
        _sources(c, sources[:1] + sources[3:4], f"prompt {value!r}", name="${u}-p", tags=tags)
    twice = [PROMPT, {**PROMPT, "value": "false"}]
    _sources(c, sources[:1], "prompt, or not", name="${u}-p", tags=twice)
    _sources(c, sources[:1], "not, or prompt", name="${u}-p", tags=twice[::-1])
    _sources(c, sources[:1], "prompt of a run", name="${u}-p", tags=[PROMPT], **RUN)
    _sources(c, sources[:1], "prompt of no model", name="${u}-p", tags=[PROMPT], model_id=NO_MODEL)
    query = {"filter": "name = '${u}-p' AND tags.`mlflow.prompt.is_prompt` = 'true'"}
    c.get("model-versions/search", {**query, "order_by": "version_number"}, "all prompts")
    return versions_of(c)
