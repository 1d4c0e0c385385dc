"""Figures, images and tables."""

from __future__ import annotations

import pathlib
import re

import matplotlib.pyplot
import mlflow
import numpy
import pandas
import PIL.Image
import pytest
from mlflow import MlflowClient


def test_figures(client: MlflowClient, run_id: str) -> None:
    figure, axes = matplotlib.pyplot.subplots()
    axes.plot([0, 1], [2, 3])
    with mlflow.start_run(run_id=run_id):
        mlflow.log_figure(figure, "plots/loss curve.png")
        mlflow.log_figure(figure, "loss.svg")
    matplotlib.pyplot.close(figure)
    assert [file.path for file in client.list_artifacts(run_id)] == ["loss.svg", "plots"]
    assert mlflow.artifacts.load_image(f"runs:/{run_id}/plots/loss curve.png").format == "PNG"
    assert "</svg>" in mlflow.artifacts.load_text(f"runs:/{run_id}/loss.svg")


@pytest.mark.parametrize("kind", ["array", "pillow"])
def test_one_image(run_id: str, kind: str) -> None:
    array = numpy.arange(12 * 10 * 3, dtype=numpy.uint8).reshape(10, 12, 3)
    image = array if kind == "array" else PIL.Image.fromarray(array)
    with mlflow.start_run(run_id=run_id):
        mlflow.log_image(image, "images of/one.png")
    numpy.testing.assert_array_equal(
        mlflow.artifacts.load_image(f"runs:/{run_id}/images of/one.png"), array
    )


def test_images_with_steps(client: MlflowClient, run_id: str, tmp_path: pathlib.Path) -> None:
    """The names are full of `+` with client 3, and of `%` with client 2."""
    with mlflow.start_run(run_id=run_id):
        for step in (0, 10):
            image = numpy.full((64, 64, 3), step, numpy.uint8)
            asynchronous = {"synchronous": False} if step else {}
            mlflow.log_image(image, key="sam ple", step=step, timestamp=7, **asynchronous)
        mlflow.flush_artifact_async_logging()
    files = [file.path for file in client.list_artifacts(run_id, "images")]
    assert (len(files), sum(file.endswith(".webp") for file in files)) == (4, 2)
    assert client.get_run(run_id).data.tags["mlflow.loggedImages"] == "True"
    down = pathlib.Path(client.download_artifacts(run_id, "images", str(tmp_path)))
    for file in files:
        named = re.fullmatch(r"images/sam ple[+%]step[+%](\d+)[+%]timestamp[+%]7[+%].*", file)
        step = int(named.group(1))
        with PIL.Image.open(down.parent / file) as image:
            assert image.convert("RGB").getpixel((3, 3)) == (step, step, step)


def test_tables_grow_and_are_loaded(client: MlflowClient, experiment: str) -> None:
    ids = []
    for name in ("x", "y"):
        with mlflow.start_run(run_name=name) as run:
            mlflow.log_table({"q": [f"{name}1"], "a": [1.5]}, "eval/results.json")
            more = pandas.DataFrame({"q": [f"{name}2", "ü"], "a": [2.5, None]})
            mlflow.log_table(more, "eval/results.json")
            ids.append(run.info.run_id)
    one = mlflow.load_table("eval/results.json", run_ids=ids[:1])
    assert list(one["q"]) == ["x1", "x2", "ü"]
    numpy.testing.assert_array_equal(one["a"].astype(float), [1.5, 2.5, numpy.nan])
    both = mlflow.load_table("eval/results.json", extra_columns=["run_id"])
    assert sorted(set(both["run_id"])) == sorted(ids) and len(both) == 6
    tag = client.get_run(ids[0]).data.tags["mlflow.loggedArtifacts"]
    assert tag == '[{"path": "eval/results.json", "type": "table"}]'
