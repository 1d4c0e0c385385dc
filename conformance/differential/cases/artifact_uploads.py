"""The other ways to send an artifact: upload-artifact, multipart upload, presigned URLs."""

from __future__ import annotations

from ..dsl import Case
from .artifact_paths import RUN_ROOT
from .common import NO_RUN, add_model, shape_probes, with_run

AJAX = "/ajax-api/2.0/mlflow/"


def cases() -> list[Case]:
    return [
        _upload(),
        _multipart(),
        _presigned(),
    ]


def _upload() -> Case:
    c = with_run("upload")
    path = AJAX + "upload-artifact"

    def up(query: str, body: bytes, note: str) -> Case:
        return c.send(
            "POST", f"{path}?{query}", body, note, {"Content-Type": "application/octet-stream"}
        )

    up("run_uuid=${run}&path=d/a.txt", b"hello", "upload")
    c.get(RUN_ROOT + "/d/a.txt")
    up("run_uuid=${run}&path=top.txt", b"hello", "top level")
    up("run_id=${run}&path=a.txt", b"hello", "by run_id")
    up("run_uuid=${run}", b"hello", "no path")
    up("path=a.txt", b"hello", "no run")
    up("", b"hello", "nothing")
    up("run_uuid=${run}&path=a.txt", b"", "no data")
    up(f"run_uuid={NO_RUN}&path=a.txt", b"hello", "unknown run")
    up("run_uuid=${run}&path=../x", b"hello", "parent path")
    up("run_uuid=${run}&path=%252e%252e/x", b"hello", "parent path encoded twice")
    up("run_uuid=${run}&path=/etc/x", b"hello", "absolute path")
    up("run_uuid=${run}&path=big", b"x" * (10 * 1024 * 1024 + 1), "over 10 MB")
    up("run_uuid=${run}&path=max", b"x" * (10 * 1024 * 1024), "10 MB")
    c.send(
        "POST",
        path + "?run_uuid=${run}&path=form",
        b"a=b",
        "form",
        {"Content-Type": "application/x-www-form-urlencoded"},
    )
    c.send(
        "POST",
        path.replace("/ajax-api/", "/api/") + "?run_uuid=${run}&path=x",
        b"x",
        "not below /api",
    )
    c.get(path, {"run_uuid": "${run}", "path": "x"}, "GET")
    return c.get("artifacts/list", {"run_id": "${run}"})


def _multipart() -> Case:
    c = with_run("multipart")
    base, below = "/api/2.0/mlflow-artifacts/mpu/", "/${exp}/${run}/artifacts"
    part = {"part_number": 1, "etag": "e", "url": "u"}
    c.post(base + "create" + below, {"path": "/local/big.bin", "num_parts": 2}, "create")
    c.post(
        base + "complete" + below,
        {"path": "big.bin", "upload_id": "1", "parts": [part]},
        "complete",
    )
    c.post(base + "abort" + below, {"path": "big.bin", "upload_id": "1"}, "abort")
    for verb, body in (
        ("create", {"num_parts": 2}),
        ("complete", {"upload_id": "1", "parts": [part]}),
        ("complete", {"path": "x", "upload_id": "1"}),
        ("complete", {"path": "x", "parts": []}),
        ("abort", {"upload_id": "1"}),
        ("create", {"path": "x", "num_parts": "y"}),
        ("create", {"path": 5}),
    ):
        c.post(base + verb + below, body, f"{verb} {sorted(body)}")
    for verb in ("create", "complete", "abort"):
        c.post(base + verb + "/..%2f..", {"path": "x"}, f"{verb} parent path")
        c.send("POST", base + verb + below, b"{}", f"{verb} without content type")
    c.post(
        base.replace("/api/", "/ajax-api/") + "create" + below,
        {"path": "x", "num_parts": 1},
        "ajax",
    )
    return c.post(base + "none" + below, {"path": "x"}, "unknown verb")


def _presigned() -> Case:
    c = add_model(with_run("presigned"))
    c.get("/api/2.0/mlflow-artifacts/presigned/${exp}/${run}/artifacts/a", None, "download")
    c.get("/api/2.0/mlflow-artifacts/presigned/..%2fa", None, "parent path")
    for way in ("upload", "download"):
        path = f"artifacts/presigned-{way}-url"
        shape_probes(c, "POST", path, {"run_id": "${run}", "path": "a", "expiration": 60})
        c.post(path, {"run_id": "${run}", "path": "../a"}, f"{way} parent path")
        c.post(path, {"run_id": NO_RUN, "path": "a"}, f"{way} no run")
        c.post(path, {"model_id": "${model}", "path": "a"}, f"{way} model")
        c.post(path, {"model_id": "${model}", "run_id": "${run}", "path": "a"}, f"{way} both")
        for seconds in (0, -1, 604800, 604801):
            c.post(
                path, {"run_id": "${run}", "path": "a", "expiration": seconds}, f"{way} {seconds} s"
            )
    return c
