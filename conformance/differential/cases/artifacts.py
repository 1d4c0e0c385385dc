"""Artifacts by proxy: upload, download, ranges, listing, deletion, and paths that attack."""

from __future__ import annotations

from ..dsl import JSON_TYPE, Case
from . import artifact_paths, artifact_uploads
from .artifact_paths import ROOT, RUN_ROOT
from .common import NO_EXPERIMENT, NO_MODEL, NO_RUN, add_model, add_run, query_probes
from .common import with_experiment, with_run

AJAX = "/ajax-api/2.0/mlflow/"
FILE_HEADERS = ("Content-Disposition", "X-Content-Type-Options", "Content-Length", "Accept-Ranges")
# fmt: off
RANGES = (
    "bytes=0-9", "bytes=90-", "bytes=-5", "bytes=0-0", "bytes=99-200", "bytes=100-", "bytes=5-2",
    "bytes=0-9,20-29", "bytes=a-b", "bytes=", "items=0-5", "bytes=-0", "bytes=-1000", "bytes=0-",
    "BYTES=0-4", "bytes= 0-4", "bytes=0 - 4", "bytes", "bytes=-", "bytes=0-4-8", "bytes=--5",
    "bytes=+1-4", "bytes=0-99999999999999999999", "bytes=99999999999999999999-",
)
CONDITIONS = (
    {"If-None-Match": "*"},
    {"If-None-Match": '"nothing"'},
    {"If-None-Match": '"a", W/"b"'},
    {"If-None-Match": ""},
    {"If-Match": "*"},
    {"If-Match": '"nothing"'},
    {"If-Modified-Since": "Fri, 31 Dec 2100 23:59:59 GMT"},
    {"If-Modified-Since": "Sat, 01 Jan 2000 00:00:00 GMT"},
    {"If-Modified-Since": "yesterday"},
    {"If-Unmodified-Since": "Sat, 01 Jan 2000 00:00:00 GMT"},
    {"If-None-Match": '"nothing"', "If-Modified-Since": "Fri, 31 Dec 2100 23:59:59 GMT"},
    {"Range": "bytes=0-4", "If-None-Match": "*"},
    {"Range": "bytes=0-4", "If-Range": '"nothing"'},
    {"Range": "bytes=0-4", "If-Range": "Fri, 31 Dec 2100 23:59:59 GMT"},
    {"Range": "bytes=0-4", "If-Range": "Sat, 01 Jan 2000 00:00:00 GMT"},
    {"If-Range": '"nothing"'},
)
FILES = (
    "a.txt", "b.json", "c.yaml", "d.yml", "e.csv", "f.png", "g.jpg", "h.html", "i.svg", "j.pkl",
    "k.py", "l.md", "m.log", "MLmodel", "n.conf", "o.xml", "p.pdf", "q.zip", "r.tar.gz",
    "s.parquet", "noextension", ".hidden", "T.TXT", "u.js", "v.css", "w.ipynb", "x.bin", "y.wasm",
    "z.mp4", "requirements.txt", "a.b.c", "tsv.tsv", "jl.jsonl",
)
# fmt: on


def cases() -> list[Case]:
    return [
        _round_trip(),
        _types(),
        _names(),
        _ranges(),
        _conditional(),
        _conditions_of_a_run(),
        _heads(),
        _listing(),
        _delete(),
        _run_list(),
        _get_artifact(),
        _model_artifacts(),
        _methods(),
        _custom_location(),
        _chunked(),
        *artifact_paths.cases(),
        *artifact_uploads.cases(),
    ]


def _round_trip() -> Case:
    c = with_run("round-trip")
    path = RUN_ROOT + "/dir/hello.txt"
    c.put(path, b"hello", "put", {"Content-Type": "text/plain"})
    c.get(path).headers(*FILE_HEADERS)
    c.put(path, b"second version", "overwrite")
    c.get(path).headers(*FILE_HEADERS)
    c.send("HEAD", path)
    c.get(path.replace("/api/", "/ajax-api/"), None, "ajax").headers(*FILE_HEADERS)
    c.put(path.replace("/api/", "/ajax-api/"), b"third", "put by ajax")
    c.get(path)
    c.put(RUN_ROOT + "/empty", b"", "put nothing").get(RUN_ROOT + "/empty").headers(*FILE_HEADERS)
    c.put(RUN_ROOT + "/bytes", bytes(range(256)) * 64, "put bytes").get(RUN_ROOT + "/bytes")
    c.put(RUN_ROOT + "/dir", b"x", "put over a directory")
    c.put(path + "/below", b"x", "put below a file")
    c.get(RUN_ROOT + "/dir", None, "get a directory")
    c.get(RUN_ROOT + "/none", None, "get nothing")
    c.get(path + "/below", None, "get below a file")
    c.put(f"{ROOT}/{NO_EXPERIMENT}/{NO_RUN}/artifacts/${{u}}", b"x", "of no run")
    return c.put(ROOT + "/${u}", b"x", "at the root").get(ROOT + "/${u}")


def _types() -> Case:
    c = with_run("types")
    for name in FILES:
        c.put(
            f"{RUN_ROOT}/{name}",
            b"<x>",
            f"put {name}",
            {"Content-Type": "application/octet-stream"},
        )
        c.get(f"{RUN_ROOT}/{name}", None, f"get {name}").headers(*FILE_HEADERS)
    return c


def _names() -> Case:
    c = with_run("names")
    for name in (
        "a b.txt",
        "ünï 日本.txt",
        "a&b=c.txt",
        "a'b.txt",
        'a"b.txt',
        "a+b.txt",
        "a;b.txt",
        "100%.txt",
        "k%step%0.png",
        "a,b.txt",
        "(a).txt",
        "[a].txt",
        "{a}.txt",
        "🚀.txt",
        "a:b.txt",
        "a?b.txt",
        "a*b.txt",
        "a|b.txt",
        "~a.txt",
    ):
        encoded = "".join(f"%{b:02X}" for b in name.encode())
        c.put(f"{RUN_ROOT}/n/{encoded}", b"x", f"put {name}")
        c.get(f"{RUN_ROOT}/n/{encoded}", None, f"get {name}").headers(*FILE_HEADERS)
    c.get(ROOT, {"path": "${exp}/${run}/artifacts/n"}, "list")
    return c.get("artifacts/list", {"run_id": "${run}", "path": "n"}, "run list")


def _ranges() -> Case:
    c = with_run("ranges")
    path = RUN_ROOT + "/r.txt"
    c.put(path, b"0123456789" * 10)
    for value in RANGES:
        c.get(path, None, f"range {value}", {"Range": value})
        if "," not in value:
            c.headers("Content-Range", "Content-Length")
    return c.get(path, None, "If-Range", {"Range": "bytes=0-4", "If-Range": '"nothing"'}).headers(
        "Content-Range"
    )


def _conditional() -> Case:
    c = with_run("conditional")
    path = RUN_ROOT + "/c.txt"
    c.put(path, b"x")
    c.get(path, None, "If-None-Match *", {"If-None-Match": "*"})
    c.get(
        path,
        None,
        "If-Modified-Since future",
        {"If-Modified-Since": "Fri, 31 Dec 2100 23:59:59 GMT"},
    )
    return c.get(path, None, "gzip asked for", {"Accept-Encoding": "gzip"}).headers(
        "Content-Encoding"
    )


def _conditions_of_a_run() -> Case:
    """Files of runs and models are sent by another layer of the real server than proxied ones."""
    c = with_run("conditions-of-a-run")
    c.put(RUN_ROOT + "/r.txt", b"0123456789" * 10).put(RUN_ROOT + "/empty", b"")
    query = {"run_id": "${run}", "path": "r.txt"}
    watched = ("Content-Range", "Accept-Ranges", "Cache-Control", "Content-Disposition")
    for value in RANGES:
        c.get("/get-artifact", query, f"range {value}", {"Range": value}).headers(*watched)
    for given in CONDITIONS:
        note = " ".join(f"{name} {value}" for name, value in given.items())
        c.get("/get-artifact", query, note, given).headers(*watched, "Content-Length")
    query["path"] = "empty"
    return c.get("/get-artifact", query, "range of nothing", {"Range": "bytes=0-4"})


def _heads() -> Case:
    c = add_model(with_run("heads"))
    c.put(RUN_ROOT + "/r.txt", b"0123456789" * 10)
    c.put(ROOT + "/${exp}/models/${model}/artifacts/m.txt", b"0123456789" * 10)
    for path in (
        RUN_ROOT + "/r.txt",
        "/get-artifact?run_id=${run}&path=r.txt",
        AJAX + "logged-models/${model}/artifacts/files?artifact_file_path=m.txt",
    ):
        for value in ("", "bytes=0-4", "bytes=200-"):
            given = {"Range": value} if value else {}
            c.send("HEAD", path, None, f"{path.split('?')[0]} {value}", given)
            c.headers("Content-Disposition", "Accept-Ranges", "Content-Range", "Cache-Control")
            if value != "bytes=200-":  # the length of a page says nothing
                c.headers("Content-Length")
    c.send("HEAD", RUN_ROOT + "/r.txt", None, "unmodified", {"If-None-Match": "*"})
    return c.send("HEAD", RUN_ROOT, None, "of a directory")


def _listing() -> Case:
    c = with_run("listing")
    base = "${exp}/${run}/artifacts"
    c.get(ROOT, {"path": base}, "before anything")
    for name in ("z.txt", "a.txt", "dir/b.txt", "dir/sub/c.txt", "dir/empty", "B.txt", "10", "9"):
        c.put(f"{RUN_ROOT}/{name}", b"x" * len(name) if name != "dir/empty" else b"")
    for path in (
        base,
        base + "/",
        base + "/dir",
        base + "/dir/",
        base + "/dir/sub",
        base + "/z.txt",
        base + "/none",
        "${exp}/${run}",
    ):
        c.get(ROOT, {"path": path}, f"list {path}")
    c.get(ROOT.replace("/api/", "/ajax-api/"), {"path": base}, "ajax")
    c.get(ROOT, {"path": [base, base + "/dir"]}, "two paths")
    c.get(ROOT + "/", {"path": base}, "trailing slash in the URL")
    return c.get(ROOT, {"page_token": "x", "path": base}, "page token")


def _delete() -> Case:
    c = with_run("delete")
    for name in ("a", "d/b", "d/e/c"):
        c.put(f"{RUN_ROOT}/{name}", b"x")
    for path in ("/a", "/a", "/none", "/d/", "/d/e/c", "/"):
        c.send("DELETE", RUN_ROOT + path, None, f"delete {path}", JSON_TYPE)
        c.get(ROOT, {"path": "${exp}/${run}/artifacts"}, f"list after {path}")
    c.send("DELETE", RUN_ROOT + "/x", None, "without content type")
    c.send("DELETE", RUN_ROOT, None, "without a slash", JSON_TYPE)
    return c.delete(RUN_ROOT + "/x", {}, "with a body")


def _run_list() -> Case:
    c = with_run("run-list")
    good = {"run_id": "${run}"}
    c.get("artifacts/list", good, "before anything")
    for name in ("z.txt", "dir/b.txt", "dir/sub/c.txt", "empty"):
        c.put(f"{RUN_ROOT}/{name}", b"" if name == "empty" else b"xyz")
    query_probes(c, "artifacts/list", good)
    c.get("artifacts/list", {"run_uuid": "${run}"}, "by run_uuid")
    for path in ("", "dir", "dir/", "dir/sub", "dir/b.txt", "none", "dir/none"):
        c.get("artifacts/list", {**good, "path": path}, f"path {path!r}")
    c.get("artifacts/list", {**good, "page_token": "x"}, "page token")
    c.get("artifacts/list", {"run_id": NO_RUN}, "no run")
    c.get(AJAX + "artifacts/list", good, "ajax")
    c.post("runs/delete", {"run_id": "${run}"})
    return c.get("artifacts/list", good, "deleted run")


def _get_artifact() -> Case:
    c = with_run("get-artifact")
    c.put(RUN_ROOT + "/d/a.txt", b"hello").put(RUN_ROOT + "/p.html", b"<b>")
    for key in ("run_id", "run_uuid"):
        c.get("/get-artifact", {key: "${run}", "path": "d/a.txt"}, f"by {key}").headers(
            *FILE_HEADERS[:2]
        )
    c.get("/get-artifact", {"run_id": "${run}", "path": "p.html"}, "html").headers(
        *FILE_HEADERS[:2]
    )
    c.get("/get-artifact", {"run_id": "${run}"}, "no path")
    c.get("/get-artifact", {"path": "d/a.txt"}, "no run")
    c.get("/get-artifact", {"run_id": NO_RUN, "path": "d/a.txt"}, "unknown run")
    c.get("/get-artifact", {"run_id": "${run}", "path": ""}, "empty path")
    c.get("/get-artifact", {"run_id": "${run}", "path": "d"}, "directory")
    c.get("/get-artifact", {"run_id": "${run}", "path": "none"}, "missing")
    c.get(
        "/get-artifact", {"run_id": "${run}", "path": "d/a.txt"}, "range", {"Range": "bytes=0-1"}
    ).headers("Content-Range")
    return c


def _model_artifacts() -> Case:
    c = add_model(with_experiment("model-artifacts"))
    root = ROOT + "/${exp}/models/${model}/artifacts"
    directories, files = (
        "logged-models/${model}/artifacts/directories",
        AJAX + "logged-models/${model}/artifacts/files",
    )
    c.get(directories, None, "before anything")
    for name in ("MLmodel", "data/m.bin", "data/deep/x.json"):
        c.put(f"{root}/{name}", b"hello")
    for prefix in ("", AJAX):
        c.get(prefix + directories, None, f"{prefix} root")
        for path in (
            "data",
            "data/",
            "data/deep",
            "MLmodel",
            "none",
            "..",
            "%2e%2e",
            "/etc",
            "a#b",
            "",
        ):
            c.get(prefix + directories, {"artifact_directory_path": path}, f"{prefix} {path!r}")
    for path in (
        "MLmodel",
        "data/m.bin",
        "data",
        "none",
        "..",
        "../x",
        "%2e%2e/x",
        "/etc/passwd",
        "a#b",
        "",
    ):
        c.get(files, {"artifact_file_path": path}, f"file {path!r}").headers(*FILE_HEADERS[:2])
    c.get(files, None, "no path")
    c.get(files.replace("/ajax-api/", "/api/"), {"artifact_file_path": "MLmodel"}, "not below /api")
    c.get(
        files.replace("${model}", NO_MODEL), {"artifact_file_path": "MLmodel"}, "file of no model"
    )
    c.get(directories.replace("${model}", NO_MODEL), None, "directories of no model")
    c.send("DELETE", "logged-models/${model}", None, "delete model")
    c.get(directories, None, "directories of deleted model")
    return c.get(files, {"artifact_file_path": "MLmodel"}, "file of deleted model")


def _methods() -> Case:
    c = with_run("methods")
    for method in ("POST", "PATCH", "OPTIONS", "HEAD", "PUT", "DELETE"):
        c.send(
            method,
            RUN_ROOT + "/x" if method in ("POST", "PATCH", "OPTIONS") else ROOT,
            b"",
            f"{method} on {'a file' if method in ('POST', 'PATCH', 'OPTIONS') else 'the list'}",
        )
    return c.send("HEAD", RUN_ROOT + "/none", None, "HEAD of nothing")


def _custom_location() -> Case:
    c = add_run(
        with_experiment("custom-location", artifact_location="mlflow-artifacts:/own/${u}/place")
    )
    c.put(ROOT + "/own/${u}/place/${run}/artifacts/d/a.txt", b"hello")
    c.get("artifacts/list", {"run_id": "${run}"}, "list")
    c.get("artifacts/list", {"run_id": "${run}", "path": "d"}, "list d")
    c.get("/get-artifact", {"run_id": "${run}", "path": "d/a.txt"}, "get")
    return c


def _chunked() -> Case:
    c = with_run("chunked")
    body = b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"
    c.send("PUT", RUN_ROOT + "/chunks", body, "put in chunks", {"Transfer-Encoding": "chunked"})
    c.get(RUN_ROOT + "/chunks")
    c.send(
        "PUT",
        RUN_ROOT + "/zipped",
        b"\x1f\x8bnot really",
        "put called gzip",
        {"Content-Encoding": "gzip"},
    )
    c.get(RUN_ROOT + "/zipped")
    c.send("PUT", RUN_ROOT + "/unnamed", b"x", "put without content type")
    return c.get(RUN_ROOT + "/unnamed")
