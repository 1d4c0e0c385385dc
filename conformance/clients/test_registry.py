"""The model registry: models under names and versions, found, loaded, staged, renamed, deleted."""

from __future__ import annotations

from typing import Callable

import mlflow
import numpy
import pandas
import pytest
from mlflow import MlflowClient
from mlflow.entities.model_registry import ModelVersion
from sklearn.linear_model import LinearRegression

from .expect import error, mlflow_3

FRAME = pandas.DataFrame({"a": [0.0, 1.0, 2.0]})
SOURCE = "s3://bucket/model"

pytestmark = pytest.mark.filterwarnings("ignore:.*model registry stages.*")


def linear(slope: float) -> LinearRegression:
    return LinearRegression().fit(FRAME, FRAME["a"] * slope)


def log_linear(slope: float, **options: object) -> mlflow.models.model.ModelInfo:
    with mlflow.start_run():
        return mlflow.sklearn.log_model(
            linear(slope), artifact_path="model", pip_requirements=["scikit-learn"], **options
        )


def predicted(uri: str) -> float:
    """What the model tells for 2, to be compared with its slope."""
    told = mlflow.pyfunc.load_model(uri).predict(pandas.DataFrame({"a": [2.0]}))
    return round(float(told[0]), 6) / 2


@pytest.fixture
def model(client: MlflowClient, unique: Callable[..., str]) -> str:
    """The name of a new registered model without versions."""
    return client.create_registered_model(unique()).name


@pytest.fixture
def add(client: MlflowClient, model: str) -> Callable[..., ModelVersion]:
    """Makes one more version of `model`, of files that are not there."""

    def create(**options: object) -> ModelVersion:
        return client.create_model_version(model, SOURCE, **options)

    return create


def test_register_what_was_logged(
    client: MlflowClient, experiment: str, unique: Callable[..., str]
) -> None:
    name, info = unique(), log_linear(3)
    first = mlflow.register_model(info.model_uri, name, tags={"team": "ü"})
    assert (first.name, int(first.version), first.status) == (name, 1, "READY")
    assert (first.tags, first.current_stage) == ({"team": "ü"}, "None")
    again = mlflow.register_model(info.model_uri, name)
    assert int(again.version) == 2
    run_id = mlflow.last_active_run().info.run_id
    assert client.get_model_version(name, "1").run_id == run_id
    uri = client.get_model_version_download_uri(name, "1")
    assert uri.startswith("mlflow-artifacts:/")
    assert predicted(f"models:/{name}/1") == 3
    loaded = mlflow.sklearn.load_model(f"models:/{name}/2")
    numpy.testing.assert_allclose(loaded.predict(FRAME), [0, 3, 6], atol=1e-9)
    assert set(mlflow.models.get_model_info(f"models:/{name}/1").flavors) == {
        "python_function",
        "sklearn",
    }


def test_register_while_logging(
    client: MlflowClient, experiment: str, unique: Callable[..., str]
) -> None:
    name = unique()
    for slope in (1, 2):
        info = log_linear(slope, registered_model_name=name)
        assert int(info.registered_model_version) == slope
    assert [predicted(f"models:/{name}/{version}") for version in (1, 2)] == [1, 2]
    assert predicted(f"models:/{name}/latest") == 2
    (found,) = client.search_registered_models(f"name = '{name}'")
    assert [int(version.version) for version in found.latest_versions] == [2]


@mlflow_3
def test_the_logged_model_knows_its_versions(
    client: MlflowClient, experiment: str, unique: Callable[..., str]
) -> None:
    name = unique()
    info = log_linear(1, registered_model_name=name)
    known = mlflow.get_logged_model(info.model_id).tags["mlflow.modelVersions"]
    assert name in known
    version = client.get_model_version(name, "1")
    assert version.source == f"models:/{info.model_id}"
    assert version.run_id == mlflow.get_logged_model(info.model_id).source_run_id


def test_a_run_registered_by_its_uri(
    client: MlflowClient, experiment: str, unique: Callable[..., str]
) -> None:
    name = unique()
    with mlflow.start_run() as run:
        mlflow.sklearn.log_model(
            linear(4), artifact_path="model", pip_requirements=["scikit-learn"]
        )
    version = mlflow.register_model(f"runs:/{run.info.run_id}/model", name)
    assert version.run_id == run.info.run_id
    assert predicted(f"models:/{name}/1") == 4


def test_a_version_of_a_bucket(client: MlflowClient, model: str, run_id: str) -> None:
    made = client.create_model_version(
        model, SOURCE, run_id, tags={"a": "1"}, run_link="https://x/y", description="words"
    )
    found = client.get_model_version(model, made.version)
    assert (found.source, found.run_id, found.run_link) == (SOURCE, run_id, "https://x/y")
    assert (found.description, found.tags, found.aliases) == ("words", {"a": "1"}, [])
    assert client.get_model_version_download_uri(model, made.version) == SOURCE
    assert found.creation_timestamp == found.last_updated_timestamp


@pytest.mark.parametrize("source", ["/etc/passwd", "file:///tmp/x", "s3://bucket/../x"])
def test_places_that_are_refused(client: MlflowClient, model: str, source: str) -> None:
    with error("INVALID_PARAMETER_VALUE", "source"):
        client.create_model_version(model, source)
    assert client.search_model_versions(f"name = '{model}'") == []


def test_names(client: MlflowClient, unique: Callable[..., str]) -> None:
    for name in (unique("ü 日本"), unique("a.b c'd")):
        client.create_registered_model(name, {"k": "v"}, "words")
        found = client.get_registered_model(name)
        assert (found.name, found.tags, found.description) == (name, {"k": "v"}, "words")
        assert (found.latest_versions, found.aliases) == ([], {})
        with error("RESOURCE_ALREADY_EXISTS", name):
            client.create_registered_model(name)
    for name in (unique("a/b"), unique("a:b")):
        with error("INVALID_PARAMETER_VALUE", name):
            client.create_registered_model(name)
    with error("RESOURCE_DOES_NOT_EXIST"):
        client.get_registered_model(unique())
    with error("RESOURCE_DOES_NOT_EXIST"):
        client.create_model_version(unique(), SOURCE)


def test_descriptions(client: MlflowClient, model: str, add: Callable[..., ModelVersion]) -> None:
    add()
    assert client.update_registered_model(model, "of the model").description == "of the model"
    assert client.update_model_version(model, "1", "of one").description == "of one"
    found = client.get_registered_model(model)
    assert found.description == "of the model"
    assert [version.description for version in found.latest_versions] == ["of one"]
    assert found.last_updated_timestamp >= found.creation_timestamp


def test_tags(client: MlflowClient, model: str, add: Callable[..., ModelVersion]) -> None:
    add(tags={"given": "0"})
    client.set_registered_model_tag(model, "a/b c", "1")
    client.set_registered_model_tag(model, "a/b c", "2")
    client.set_registered_model_tag(model, "gone", "x")
    client.delete_registered_model_tag(model, "gone")
    client.set_model_version_tag(model, "1", "n", 7)
    client.delete_model_version_tag(model, "1", "given")
    assert client.get_registered_model(model).tags == {"a/b c": "2"}
    assert client.get_model_version(model, "1").tags == {"n": "7"}
    with error("INVALID_PARAMETER_VALUE"):
        client.set_registered_model_tag(model, "k" * 251, "v")


def test_aliases(client: MlflowClient, experiment: str, unique: Callable[..., str]) -> None:
    name = unique()
    for slope in (1, 2, 3):
        log_linear(slope, registered_model_name=name)
    client.set_registered_model_alias(name, "champion", "1")
    client.set_registered_model_alias(name, "Challenger-2", "2")
    assert predicted(f"models:/{name}@champion") == 1
    client.set_registered_model_alias(name, "champion", "3")
    assert predicted(f"models:/{name}@champion") == 3
    assert predicted(f"models:/{name}@Challenger-2") == 2
    assert int(client.get_model_version_by_alias(name, "champion").version) == 3
    assert client.get_model_version(name, "3").aliases == ["champion"]
    aliases = client.get_registered_model(name).aliases
    assert {alias: int(aliases[alias]) for alias in aliases} == {"champion": 3, "Challenger-2": 2}
    client.delete_registered_model_alias(name, "champion")
    with error("INVALID_PARAMETER_VALUE", "champion"):
        client.get_model_version_by_alias(name, "champion")
    for alias in ("v1", "latest", "a b", ""):
        with error("INVALID_PARAMETER_VALUE"):
            client.set_registered_model_alias(name, alias, "1")
    with error("RESOURCE_DOES_NOT_EXIST"):
        client.set_registered_model_alias(name, "none", "9")


def test_stages(client: MlflowClient, experiment: str, unique: Callable[..., str]) -> None:
    name = unique()
    for slope in (1, 2, 3):
        log_linear(slope, registered_model_name=name)
    moved = client.transition_model_version_stage(name, "1", "production")
    assert moved.current_stage == "Production"
    assert predicted(f"models:/{name}/Production") == 1
    client.transition_model_version_stage(name, "2", "Production", archive_existing_versions=True)
    assert client.get_model_version(name, "1").current_stage == "Archived"
    assert predicted(f"models:/{name}/Production") == 2
    latest = client.get_latest_versions(name)
    assert sorted((version.current_stage, int(version.version)) for version in latest) == [
        ("Archived", 1),
        ("None", 3),
        ("Production", 2),
    ]
    (only,) = client.get_latest_versions(name, ["Production"])
    assert int(only.version) == 2
    assert client.get_latest_versions(name, ["Staging"]) == []
    with error("INVALID_PARAMETER_VALUE", "Staging"):
        client.transition_model_version_stage(name, "1", "Live")


def test_rename(client: MlflowClient, experiment: str, unique: Callable[..., str]) -> None:
    old, new = unique(), unique()
    log_linear(5, registered_model_name=old)
    client.set_registered_model_alias(old, "champion", "1")
    client.rename_registered_model(old, new)
    assert client.get_registered_model(new).name == new
    assert predicted(f"models:/{new}@champion") == 5
    with error("RESOURCE_DOES_NOT_EXIST", old):
        client.get_registered_model(old)
    with error("RESOURCE_ALREADY_EXISTS", new):
        client.rename_registered_model(client.create_registered_model(old).name, new)


def test_delete(client: MlflowClient, model: str, add: Callable[..., ModelVersion]) -> None:
    for _ in range(3):
        add()
    client.set_registered_model_alias(model, "champion", "2")
    client.delete_model_version(model, "2")
    with error("RESOURCE_DOES_NOT_EXIST"):
        client.get_model_version(model, "2")
    left = client.search_model_versions(f"name = '{model}'", order_by=["version_number ASC"])
    assert [int(version.version) for version in left] == [1, 3]
    assert client.get_registered_model(model).aliases == {}
    client.delete_model_version(model, "3")
    assert int(add().version) == 4
    client.delete_registered_model(model)
    with error("RESOURCE_DOES_NOT_EXIST"):
        client.get_registered_model(model)
    client.create_registered_model(model)
    assert int(add().version) == 1


def test_copy(client: MlflowClient, experiment: str, unique: Callable[..., str]) -> None:
    source, target = unique(), unique()
    log_linear(2, registered_model_name=source)
    log_linear(6, registered_model_name=source)
    client.set_registered_model_alias(source, "champion", "2")
    copied = client.copy_model_version(f"models:/{source}/1", target)
    assert (copied.name, int(copied.version)) == (target, 1)
    assert copied.source == f"models:/{source}/1"
    client.copy_model_version(f"models:/{source}@champion", target)
    assert [predicted(f"models:/{target}/{version}") for version in (1, 2)] == [2, 6]
    client.delete_registered_model(source)
    assert predicted(f"models:/{target}/2") == 6


def test_search_models(client: MlflowClient, unique: Callable[..., str]) -> None:
    stem = unique()
    for number in range(5):
        tags = {"parity": "odd" if number % 2 else "even"}
        client.create_registered_model(f"{stem} {number}", tags)
    client.update_registered_model(f"{stem} 1", "the last to change")

    def found(filter_string: str, **options: object) -> str:
        models = client.search_registered_models(f"name LIKE '{stem}%'{filter_string}", **options)
        return "".join(model.name[-1] for model in models)

    assert found("") == "01234"
    assert found(" AND tags.parity = 'odd'") == "13"
    assert found(" AND tags.parity != 'odd'", order_by=["name DESC"]) == "420"
    assert found(f" AND name ILIKE '%{stem.upper()} 3'") == "3"
    assert found("", order_by=["last_updated_timestamp DESC"])[0] == "1"
    assert found(" AND tags.none = 'x'") == ""
    with error("INVALID_PARAMETER_VALUE"):
        found(" AND colour = 'red'")
    with error("INVALID_PARAMETER_VALUE"):
        found("", max_results=1001)


def test_pages_of_models(client: MlflowClient, unique: Callable[..., str]) -> None:
    stem = unique()
    for number in range(7):
        client.create_registered_model(f"{stem} {number}")
    names, token = [], None
    while True:
        page = client.search_registered_models(f"name LIKE '{stem}%'", 3, page_token=token)
        names.append([model.name[-1] for model in page])
        token = page.token
        if not token:
            break
    assert names == [["0", "1", "2"], ["3", "4", "5"], ["6"]]


def test_search_versions(
    client: MlflowClient, run_id: str, model: str, add: Callable[..., ModelVersion]
) -> None:
    add(tags={"kind": "flat"})
    add(run_id=run_id, tags={"kind": "deep"})
    client.create_model_version(model, "s3://bucket/other", run_id)
    client.update_model_version(model, "2", "the last to change")

    def found(filter_string: str, **options: object) -> list[int]:
        versions = client.search_model_versions(f"name = '{model}'{filter_string}", **options)
        return [int(version.version) for version in versions]

    assert found("")[0] == 2 and sorted(found("")) == [1, 2, 3]
    assert found(f" AND run_id = '{run_id}'", order_by=["version_number ASC"]) == [2, 3]
    assert found(" AND tags.kind = 'flat'") == [1]
    assert found(" AND version_number > 1", order_by=["version_number DESC"]) == [3, 2]
    assert found(" AND source_path LIKE '%other'") == [3]
    page = client.search_model_versions(f"name = '{model}'", 2, ["version_number ASC"])
    assert [int(version.version) for version in page] == [1, 2] and page.token
    rest = client.search_model_versions(
        f"name = '{model}'", 2, ["version_number ASC"], page_token=page.token
    )
    assert [int(version.version) for version in rest] == [3] and not rest.token
    with error("INVALID_PARAMETER_VALUE"):
        found(" AND status = 'READY'")


def test_fluent_search(model: str, add: Callable[..., ModelVersion]) -> None:
    for _ in range(3):
        add()
    found = mlflow.search_model_versions(
        max_results=2, filter_string=f"name = '{model}'", order_by=["version_number ASC"]
    )
    assert [int(version.version) for version in found] == [1, 2]
    (registered,) = mlflow.search_registered_models(filter_string=f"name = '{model}'")
    assert registered.name == model
