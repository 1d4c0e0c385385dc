"""Models logged by their flavor, loaded by the URIs users write, and asked to predict."""

from __future__ import annotations

import json
import pathlib

import mlflow
import numpy
import pandas
import pytest
from mlflow import MlflowClient
from mlflow.models import infer_signature
from sklearn.linear_model import LinearRegression

from .expect import mlflow_3

FRAME = pandas.DataFrame({"a": [0.0, 1.0, 2.0], "b": [1.0, 0.0, 3.0]})
MODEL = LinearRegression().fit(FRAME, [1.0, 2.0, 8.0])
PREDICTED = MODEL.predict(FRAME)


class Greeter(mlflow.pyfunc.PythonModel):
    """Answers with words from a file that is logged with it."""

    def load_context(self, context: mlflow.pyfunc.PythonModelContext) -> None:
        self.word = pathlib.Path(context.artifacts["word"]).read_text()

    def predict(self, context, model_input, params=None):  # type: ignore[no-untyped-def]
        return [f"{self.word} {name}" for name in model_input["name"]]


def log_linear(**options: object) -> mlflow.models.model.ModelInfo:
    return mlflow.sklearn.log_model(
        MODEL, artifact_path="model", pip_requirements=["scikit-learn"], **options
    )


def test_a_model_of_a_run(client: MlflowClient, experiment: str) -> None:
    signature = infer_signature(FRAME, PREDICTED)
    with mlflow.start_run() as run:
        info = log_linear(signature=signature, input_example=FRAME.head(1))
    by_run = f"runs:/{run.info.run_id}/model"
    for uri in (by_run, info.model_uri):
        loaded = mlflow.sklearn.load_model(uri)
        numpy.testing.assert_array_equal(loaded.predict(FRAME), PREDICTED)
        numpy.testing.assert_array_equal(mlflow.pyfunc.load_model(uri).predict(FRAME), PREDICTED)
        described = mlflow.models.get_model_info(uri)
        assert set(described.flavors) == {"python_function", "sklearn"}
        assert described.signature == signature
    files = [
        pathlib.Path(file.path).name for file in client.list_artifacts(run.info.run_id, "model")
    ]
    assert {"MLmodel", "requirements.txt", "conda.yaml", "input_example.json"} <= set(files)


@mlflow_3
def test_it_is_a_logged_model(client: MlflowClient, experiment: str) -> None:
    with mlflow.start_run() as run:
        info = log_linear(params={"alpha": 1}, model_type="regressor", step=3)
    assert info.model_uri == f"models:/{info.model_id}"
    model = mlflow.get_logged_model(info.model_id)
    assert (model.name, model.status, model.model_type) == ("model", "READY", "regressor")
    assert (model.source_run_id, model.params) == (run.info.run_id, {"alpha": "1"})
    (output,) = client.get_run(run.info.run_id).outputs.model_outputs
    assert (output.model_id, output.step) == (info.model_id, 3)
    assert mlflow.last_logged_model().model_id == info.model_id
    with mlflow.start_run() as evaluation:
        loaded = mlflow.pyfunc.load_model(info.model_uri)
        assert loaded.model_id == info.model_id
        mlflow.log_metric("rmse", 0.5, model_id=info.model_id)
    (metric,) = mlflow.get_logged_model(info.model_id).metrics
    assert (metric.run_id, metric.value) == (evaluation.info.run_id, 0.5)


def test_many_models_of_one_run(client: MlflowClient, experiment: str) -> None:
    with mlflow.start_run() as run:
        for number in range(3):
            mlflow.sklearn.log_model(
                LinearRegression().fit(FRAME, [number] * 3),
                artifact_path=f"model {number}",
                pip_requirements=["scikit-learn"],
            )
    for number in range(3):
        loaded = mlflow.sklearn.load_model(f"runs:/{run.info.run_id}/model {number}")
        assert loaded.predict(FRAME)[0] == pytest.approx(number)
    if mlflow.__version__.startswith("2."):
        history = json.loads(client.get_run(run.info.run_id).data.tags["mlflow.log-model.history"])
        assert [each["artifact_path"] for each in history] == ["model 0", "model 1", "model 2"]
    else:
        assert len(client.get_run(run.info.run_id).outputs.model_outputs) == 3


def test_a_model_of_plain_python(experiment: str, tmp_path: pathlib.Path) -> None:
    (tmp_path / "wörd.txt").write_text("hello")
    with mlflow.start_run():
        info = mlflow.pyfunc.log_model(
            artifact_path="greeter",
            python_model=Greeter(),
            artifacts={"word": str(tmp_path / "wörd.txt")},
            pip_requirements=["pandas"],
        )
    loaded = mlflow.pyfunc.load_model(info.model_uri)
    assert loaded.predict(pandas.DataFrame({"name": ["ü", "b"]})) == ["hello ü", "hello b"]
