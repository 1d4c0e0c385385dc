"""Points the client at the server under test, and gives every test an experiment of its own."""

from __future__ import annotations

import os
import pathlib
import uuid
from typing import Callable, Iterator

SERVER_URL = os.environ.get("MILLRACE_URL", "").rstrip("/")

# Before mlflow is imported, since some of these are read only once. Few retries, so that a failing
# server is told in seconds and not after minutes of back-off.
for _name in [name for name in os.environ if name.startswith("MLFLOW_")]:
    del os.environ[_name]
os.environ.update(
    MLFLOW_TRACKING_URI=SERVER_URL,
    MLFLOW_HTTP_REQUEST_MAX_RETRIES="1",
    MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR="false",
    MLFLOW_DISABLE_TELEMETRY="true",
    GIT_PYTHON_REFRESH="quiet",
    MPLBACKEND="agg",
)

import mlflow  # noqa: E402
import pytest  # noqa: E402
import requests  # noqa: E402
from mlflow import MlflowClient  # noqa: E402


def pytest_report_header() -> str:
    return f"mlflow client {mlflow.__version__} against {SERVER_URL or 'nothing'}"


@pytest.fixture(scope="session", autouse=True)
def server_url() -> str:
    """The base URL, without a slash at its end."""
    if not SERVER_URL:
        pytest.exit("set MILLRACE_URL to the base URL of a running server", returncode=4)
    try:
        requests.get(f"{SERVER_URL}/health", timeout=30).raise_for_status()
    except requests.RequestException as problem:
        pytest.exit(f"no server at MILLRACE_URL: {problem}", returncode=4)
    return SERVER_URL


@pytest.fixture(autouse=True)
def clean_client(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The fluent API keeps an active run; nor may a test write into the checkout."""
    monkeypatch.chdir(tmp_path)
    yield
    while mlflow.active_run():
        mlflow.end_run()


@pytest.fixture
def client() -> MlflowClient:
    return MlflowClient()


def new_name(stem: str = "conf") -> str:
    """A name no other test or earlier run of the suite has used."""
    return f"{stem}-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def unique() -> Callable[..., str]:
    return new_name


@pytest.fixture
def experiment() -> str:
    """The id of a new experiment, which the fluent API uses as well."""
    return mlflow.set_experiment(new_name()).experiment_id


@pytest.fixture
def run_id(client: MlflowClient, experiment: str) -> str:
    """A running run in `experiment`."""
    return client.create_run(experiment).info.run_id
