"""Training scripts, unchanged but for MLFLOW_TRACKING_URI, and what is there afterwards.

With MILLRACE_ORACLE_URL set the same script also runs against that server, a real one, and both
must read back equal.
"""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
from typing import Any, Callable

import pandas
import pytest
from sklearn import datasets

from . import readback

SCRIPTS = pathlib.Path(__file__).parent / "scripts"
ORACLE_URL = os.environ.get("MILLRACE_ORACLE_URL", "").rstrip("/")
PATIENCE_SECONDS = 300

Run = dict[str, Any]


def train(script: str, experiment: str, url: str, directory: pathlib.Path) -> None:
    """Runs a script the way a user does, in a process without any other setting of MLflow."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("MLFLOW_")}
    done = subprocess.run(
        [sys.executable, str(SCRIPTS / script), experiment],
        env={**kept, "MLFLOW_TRACKING_URI": url, "DO_NOT_TRACK": "true"},
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def trained(
    server_url: str, unique: Callable[..., str], tmp_path: pathlib.Path
) -> Callable[[str, pandas.DataFrame], list[Run]]:
    """Runs a script and reads back what it left; and compares that with the oracle, if any."""

    def train_and_read(script: str, example: pandas.DataFrame) -> list[Run]:
        experiment, read = unique(), {}
        for url in filter(None, (server_url, ORACLE_URL)):
            train(script, experiment, url, tmp_path)
            read[url] = readback.of_experiment(url, experiment, example)
        if ORACLE_URL:
            assert readback.differences(read[server_url], read[ORACLE_URL]) == {}
        return read[server_url]

    return train_and_read


def test_sklearn(trained: Callable[[str, pandas.DataFrame], list[Run]]) -> None:
    runs = trained("train_sklearn.py", datasets.load_iris(as_frame=True).data.iloc[[0, 60, 120]])
    assert len(runs) == 6 and {run["status"] for run in runs} == {"FINISHED"}
    named = {run["name"]: run for run in runs if not run["nested"]}

    pipeline = named["pipeline"]
    assert pipeline["params"]["classify__C"] == "0.5"
    assert pipeline["tags"]["estimator_name"] == "Pipeline"
    assert pipeline["metrics"]["training_accuracy_score"] > 0.9
    assert pipeline["metrics"]["Pipeline_score_x_test"] > 0.8
    assert pipeline["metrics"]["f1_score_x_test"] > 0.8
    assert {"estimator.html", "training_confusion_matrix.png"} <= set(pipeline["artifacts"])
    assert [used["tags"] for used in pipeline["datasets"]] == [
        {"mlflow.data.context": "train"},
        {"mlflow.data.context": "eval"},
    ]

    search, tried = named["search"], [run for run in runs if run["nested"]]
    assert search["params"]["best_n_estimators"] in "39"
    assert "cv_results.csv" in search["artifacts"]
    assert sorted((run["params"]["max_depth"], run["params"]["n_estimators"]) for run in tried) == [
        ("1", "3"),
        ("1", "9"),
        ("3", "3"),
        ("3", "9"),
    ]
    assert search["metrics"]["best_cv_score"] == max(
        run["metrics"]["mean_test_score"] for run in tried
    )
    for run in (pipeline, search):
        for model in run["models"]:
            assert model["predicted"] == [0, 1, 2]
            assert set(model["MLmodel"]["flavors"]) == {"python_function", "sklearn"}


def test_the_registry(server_url: str, unique: Callable[..., str], tmp_path: pathlib.Path) -> None:
    experiment, read = unique(), {}
    example = datasets.load_iris(as_frame=True).data.iloc[[0, 60, 120]]
    for url in filter(None, (server_url, ORACLE_URL)):
        train("register_sklearn.py", experiment, url, tmp_path)
        runs = readback.of_experiment(url, experiment, example)
        model = readback.of_registry(url, f"{experiment} flowers", example)
        read[url] = [{"runs": runs, "model": model}]
    if ORACLE_URL:
        assert readback.differences(read[server_url], read[ORACLE_URL]) == {}
    (told,) = read[server_url]
    assert len(told["runs"]) == 2
    model = told["model"]
    assert (model["aliases"], model["by alias"]) == ({"champion": 2}, {"champion": [0, 1, 2]})
    assert (model["description"], model["tags"]["task"]) == (
        "Tells flowers apart.",
        "classification",
    )
    first, best = model["versions"]
    assert (first["aliases"], best["aliases"]) == ([], ["champion"])
    assert best["description"].startswith("Wrong about ") and float(best["tags"]["accuracy"]) > 0.8
    assert best["of a run"] and best["predicted"] == [0, 1, 2]


def test_xgboost(trained: Callable[[str, pandas.DataFrame], list[Run]]) -> None:
    example = datasets.load_breast_cancer(as_frame=True).data.iloc[:5]
    (run,) = trained("train_xgboost.py", example)
    assert run["status"] == "FINISHED"
    assert run["params"]["objective"] == "binary:logistic"
    assert run["params"]["num_boost_round"] == "20"
    rounds = run["histories"]["test-logloss"]
    assert [step for step, _ in rounds] == list(range(len(rounds))) and len(rounds) > 5
    assert run["metrics"]["best_iteration"] <= 20
    assert "feature_importance_weight.json" in run["artifacts"]
    (model,) = run["models"]
    assert len(model["predicted"]) == 5 and all(0 <= value <= 1 for value in model["predicted"])
    assert set(model["MLmodel"]["flavors"]) == {"python_function", "xgboost"}


def test_lightgbm(trained: Callable[[str, pandas.DataFrame], list[Run]]) -> None:
    (run,) = trained("train_lightgbm.py", datasets.load_diabetes(as_frame=True).data.iloc[:4])
    assert (run["name"], run["status"], run["tags"]["team"]) == ("boosting", "FINISHED", "tabular")
    assert (run["params"]["learning_rate"], run["params"]["num_boost_round"]) == ("0.2", "12")
    assert [step for step, _ in run["histories"]["test-l2"]] == list(range(12))
    assert 100 < run["metrics"]["after training"] < 200
    assert "feature_importance_split.png" in run["artifacts"]
    (model,) = run["models"]
    assert len(model["predicted"]) == 4
    assert set(model["MLmodel"]["flavors"]) == {"python_function", "lightgbm"}
