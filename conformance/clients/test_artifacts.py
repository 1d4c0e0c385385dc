"""Artifacts: names, trees, sizes, listing, downloading and deleting."""

from __future__ import annotations

import hashlib
import os
import pathlib

import mlflow
import pytest
import yaml
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

from .expect import error

NAMES = [
    "plain.txt",
    "with space.txt",
    "größe 日本 🌊.txt",
    "100%.txt",
    "k%step%0%timestamp.txt",
    "a&b=c+d;e,f.txt",
    "it's (quoted) [x] {y} !$@~^`.txt",
    ".hidden",
    "no extension",
    "x" * 200,
]
MEGABYTES = 100


def tree(directory: str | pathlib.Path) -> dict[str, bytes]:
    """Relative paths and contents of all files below."""
    root = pathlib.Path(directory)
    return {
        str(file.relative_to(root)): file.read_bytes() for file in root.rglob("*") if file.is_file()
    }


def plant(root: pathlib.Path, files: dict[str, bytes]) -> pathlib.Path:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return root


FILES = {
    "model/MLmodel": b"flavors: {}\n",
    "model/data/weights.bin": bytes(range(256)) * 40,
    "model/data/empty": b"",
    "notes ü/read me.md": "# Größe\n".encode(),
    "top.json": b"{}",
}


@pytest.mark.parametrize("name", NAMES)
def test_names_come_back_as_they_were(
    client: MlflowClient, run_id: str, tmp_path: pathlib.Path, name: str
) -> None:
    source = plant(tmp_path / "up", {name: b"content of " + name.encode()}) / name
    client.log_artifact(run_id, str(source))
    client.log_artifact(run_id, str(source), "a dir/ü %&")
    at_root = [file.path for file in client.list_artifacts(run_id)]
    assert sorted(at_root) == sorted(["a dir", name])
    (below,) = client.list_artifacts(run_id, "a dir/ü %&")
    assert (below.path, below.is_dir) == (f"a dir/ü %&/{name}", False)
    assert below.file_size == source.stat().st_size
    fetched = client.download_artifacts(run_id, f"a dir/ü %&/{name}", str(tmp_path))
    assert pathlib.Path(fetched).read_bytes() == source.read_bytes()


def test_a_tree_up_and_down(client: MlflowClient, run_id: str, tmp_path: pathlib.Path) -> None:
    client.log_artifacts(run_id, str(plant(tmp_path / "up", FILES)))
    client.log_artifacts(run_id, str(tmp_path / "up" / "model"), "again/deep er")
    again = {
        f"again/deep er/{name.removeprefix('model/')}": content
        for name, content in FILES.items()
        if name.startswith("model/")
    }

    assert tree(client.download_artifacts(run_id, "")) == FILES | again
    (tmp_path / "down").mkdir()
    below = client.download_artifacts(run_id, "model/data", str(tmp_path / "down"))
    assert tree(below) == {"empty": b"", "weights.bin": FILES["model/data/weights.bin"]}
    by_uri = mlflow.artifacts.download_artifacts(
        artifact_uri=f"runs:/{run_id}/notes ü", dst_path=str(tmp_path / "by uri")
    )
    assert tree(by_uri) == {"read me.md": FILES["notes ü/read me.md"]}
    one = mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path="top.json")
    assert pathlib.Path(one).read_bytes() == b"{}"


def test_listing(client: MlflowClient, run_id: str, tmp_path: pathlib.Path) -> None:
    assert client.list_artifacts(run_id) == []
    client.log_artifacts(run_id, str(plant(tmp_path / "up", FILES)))

    def listed(path: str | None = None) -> list[tuple[str, bool, int | None]]:
        files = client.list_artifacts(run_id, path)
        return [(file.path, file.is_dir, file.file_size) for file in files]

    assert listed() == [("model", True, None), ("notes ü", True, None), ("top.json", False, 2)]
    assert listed("model") == [("model/MLmodel", False, 12), ("model/data", True, None)]
    empty, weights = listed("model/data")
    assert (empty[:2], weights) == (
        ("model/data/empty", False),
        ("model/data/weights.bin", False, 10240),
    )
    assert not empty[2]  # the server leaves a size of zero out
    assert listed("model/MLmodel") == listed("unknown") == listed("top") == []
    by_uri = mlflow.artifacts.list_artifacts(artifact_uri=f"runs:/{run_id}/model")
    assert [file.path for file in by_uri] == ["model/MLmodel", "model/data"]


def test_files_are_replaced(client: MlflowClient, run_id: str) -> None:
    for text in ("a long first version", "short", ""):
        client.log_text(run_id, text, "f.txt")
        assert mlflow.artifacts.load_text(f"runs:/{run_id}/f.txt") == text


def test_text_and_dictionaries(run_id: str, experiment: str) -> None:
    content = {"ü": [1, 2.5, None, True], "nested": {"a": "b"}}
    with mlflow.start_run(run_id=run_id) as run:
        mlflow.log_text("日本\n", "texts/t.txt")
        mlflow.log_text("<h1>x</h1>", "page.html")
        for file in ("d.json", "d.yaml", "deep/d.yml"):
            mlflow.log_dict(content, file)
            text = mlflow.artifacts.load_text(f"{run.info.artifact_uri}/{file}")
            assert yaml.safe_load(text) == content, file
        assert mlflow.artifacts.load_dict(f"runs:/{run_id}/d.json") == content
        assert mlflow.artifacts.load_text(mlflow.get_artifact_uri("texts/t.txt")) == "日本\n"
        assert mlflow.artifacts.load_text(f"runs:/{run_id}/page.html") == "<h1>x</h1>"


@pytest.mark.parametrize("path", ["unknown.txt", "unknown/dir"])
def test_missing_files(client: MlflowClient, run_id: str, path: str) -> None:
    client.log_text(run_id, "x", "other.txt")
    with pytest.raises((MlflowException, OSError)):
        client.download_artifacts(run_id, path)


def test_a_big_file_up_and_down(client: MlflowClient, run_id: str, tmp_path: pathlib.Path) -> None:
    source, block, digest = tmp_path / "big.bin", os.urandom(1 << 20), hashlib.sha256()
    with source.open("wb") as file:
        for number in range(MEGABYTES):
            piece = number.to_bytes(4, "big") + block[4:]
            digest.update(piece)
            file.write(piece)
    client.log_artifact(run_id, str(source), "big")
    source.unlink()
    (listed,) = client.list_artifacts(run_id, "big")
    assert listed.file_size == MEGABYTES << 20
    with open(client.download_artifacts(run_id, "big/big.bin", str(tmp_path)), "rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == digest.hexdigest()


def test_deleting(client: MlflowClient, run_id: str, tmp_path: pathlib.Path) -> None:
    client.log_artifacts(run_id, str(plant(tmp_path / "up", FILES)))
    repository = get_artifact_repository(client.get_run(run_id).info.artifact_uri)
    repository.delete_artifacts("model/data/weights.bin")
    assert [file.path for file in client.list_artifacts(run_id, "model/data")] == [
        "model/data/empty"
    ]
    repository.delete_artifacts("model")
    repository.delete_artifacts("unknown")
    assert [file.path for file in client.list_artifacts(run_id)] == ["notes ü", "top.json"]
    repository.delete_artifacts()
    assert client.list_artifacts(run_id) == []


def test_artifacts_of_one_run_are_not_anothers(client: MlflowClient, experiment: str) -> None:
    first, second = (client.create_run(experiment).info.run_id for _ in range(2))
    client.log_text(first, "first", "f.txt")
    assert client.list_artifacts(second) == []
    client.delete_run(first)
    assert mlflow.artifacts.load_text(f"runs:/{first}/f.txt") == "first"


def test_unknown_runs_have_no_artifacts(client: MlflowClient) -> None:
    with error("RESOURCE_DOES_NOT_EXIST", "f" * 32):
        client.log_text("f" * 32, "x", "f.txt")
