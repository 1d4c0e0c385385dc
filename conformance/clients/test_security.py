"""What a hostile or careless caller is told, by the client and by the server itself."""

from __future__ import annotations

import pathlib
from typing import Callable

import pytest
import requests
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from .expect import error

Unique = Callable[..., str]

TRAVERSALS = ["..", "../x", "a/../../x", "/etc", "%2e%2e/x", "%252e%252e/x", "a/..%2f..%2fx"]


@pytest.mark.parametrize("path", TRAVERSALS)
def test_paths_do_not_leave_the_run(
    client: MlflowClient, run_id: str, tmp_path: pathlib.Path, path: str
) -> None:
    client.log_text(run_id, "kept", "kept.txt")
    (tmp_path / "evil.txt").write_text("evil")
    with pytest.raises((MlflowException, requests.HTTPError), match="(?i)invalid"):
        client.log_artifact(run_id, str(tmp_path / "evil.txt"), path)
    with pytest.raises((MlflowException, requests.HTTPError), match="(?i)invalid"):
        client.list_artifacts(run_id, path)
    with pytest.raises((MlflowException, requests.HTTPError, OSError)):
        client.download_artifacts(run_id, path, str(tmp_path))
    assert [file.path for file in client.list_artifacts(run_id)] == ["kept.txt"]


@pytest.mark.parametrize("path", ["../x", "a/../../x", "%2e%2e/x", "%252e%252e/x", "a/..%2f..%2fx"])
@pytest.mark.parametrize("method", ["PUT", "GET", "DELETE"])
def test_the_server_refuses_such_paths_itself(
    server_url: str, client: MlflowClient, run_id: str, method: str, path: str
) -> None:
    place = client.get_run(run_id).info.artifact_uri.removeprefix("mlflow-artifacts:/")
    target = f"{server_url}/api/2.0/mlflow-artifacts/artifacts/{place}/"
    request = requests.Request(method, target, data=b"evil").prepare()
    request.url = target + path
    with requests.Session() as session:
        answer = session.send(request)
    assert answer.status_code in (400, 404), answer.text
    assert client.list_artifacts(run_id) == []


@pytest.mark.parametrize(
    "location",
    ["mlflow-artifacts:/../../x", "mlflow-artifacts:/a/%2e%2e/%2e%2e/x", "file:///tmp#x"],
)
def test_artifact_locations_do_not_lead_outside(
    client: MlflowClient, unique: Unique, location: str
) -> None:
    """Whether the experiment is refused or its files are."""
    with pytest.raises((MlflowException, requests.HTTPError)):
        experiment = client.create_experiment(unique(), artifact_location=location)
        client.log_text(client.create_run(experiment).info.run_id, "evil", "f.txt")


def test_other_hosts_are_refused(server_url: str) -> None:
    """Against DNS rebinding: a page at evil.example that resolves to this server."""
    search = f"{server_url}/api/2.0/mlflow/experiments/get?experiment_id=0"
    answer = requests.get(search, headers={"Host": "evil.example"})
    assert answer.status_code == 403 and "Invalid Host header" in answer.text
    assert requests.get(search).status_code == 200
    health = requests.get(f"{server_url}/health", headers={"Host": "evil.example"})
    assert (health.status_code, health.text) == (200, "OK")


def test_other_origins_may_not_write(server_url: str, unique: Unique, client: MlflowClient) -> None:
    name = unique()
    create = f"{server_url}/api/2.0/mlflow/experiments/create"
    answer = requests.post(create, json={"name": name}, headers={"Origin": "http://evil.example"})
    assert answer.status_code == 403 and "Cross-origin" in answer.text
    plain = requests.post(
        create, data=f'{{"name": "{name}"}}', headers={"Content-Type": "text/plain"}
    )
    assert plain.status_code == 400
    assert client.get_experiment_by_name(name) is None
    local = requests.post(create, json={"name": name}, headers={"Origin": "http://localhost:3000"})
    assert local.status_code == 200


@pytest.mark.parametrize("filter_string", ["name = '' OR 1=1 --'", "name = 'x'; DROP TABLE runs"])
def test_filters_are_no_sql(client: MlflowClient, filter_string: str) -> None:
    with error("INVALID_PARAMETER_VALUE"):
        client.search_experiments(filter_string=filter_string)


@pytest.mark.parametrize("value", ["'; DROP TABLE runs; --", "${jndi:x}", "\\u0000", "%s%n", "\\"])
def test_values_are_only_values(client: MlflowClient, run_id: str, value: str) -> None:
    client.log_param(run_id, "p", value)
    client.set_tag(run_id, "t", value)
    data = client.get_run(run_id).data
    assert (data.params["p"], data.tags["t"]) == (value, value)
