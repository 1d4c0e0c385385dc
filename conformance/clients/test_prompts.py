"""Prompts: registered, loaded by version and alias, described by tags, and found again."""

from __future__ import annotations

import importlib
import json
from typing import Any, Callable

import mlflow
import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from .expect import error, mlflow_3

TEMPLATE = "Hello {{name}}, it is {{weekday}}."
# Client 2 has the first half of the API, under another name.
prompts: Any = importlib.import_module(
    "mlflow" if mlflow.__version__.startswith("2.") else "mlflow.genai"
)


@pytest.fixture
def prompt(unique: Callable[..., str]) -> str:
    """The name of a prompt with one version."""
    name = unique()
    prompts.register_prompt(name, TEMPLATE, commit_message="first")
    return name


def test_register_and_load(unique: Callable[..., str]) -> None:
    name = unique()
    first = prompts.register_prompt(name, TEMPLATE, commit_message="first", tags={"task": "ü"})
    assert (first.name, int(first.version), first.template) == (name, 1, TEMPLATE)
    second = prompts.register_prompt(name, "Bye {{name}}.")
    assert int(second.version) == 2
    loaded = prompts.load_prompt(name, version=1)
    assert (loaded.template, loaded.commit_message) == (TEMPLATE, "first")
    assert loaded.variables == {"name", "weekday"}
    assert loaded.format(name="Ann", weekday="Monday") == "Hello Ann, it is Monday."
    by_uri = prompts.load_prompt(f"prompts:/{name}/2")
    assert (by_uri.template, by_uri.uri) == ("Bye {{name}}.", f"prompts:/{name}/2")


def test_what_is_not_there(unique: Callable[..., str], prompt: str) -> None:
    for name, version in ((prompt, 9), (unique(), 1)):
        # Client 2 loses the code, but not the words.
        with pytest.raises(MlflowException, match="RESOURCE_DOES_NOT_EXIST: .*not found"):
            prompts.load_prompt(name, version=version)
    with error("INVALID_PARAMETER_VALUE"):
        prompts.register_prompt(prompt, "x" * 100_001)


def test_aliases(prompt: str) -> None:
    prompts.register_prompt(prompt, "two")
    prompts.set_prompt_alias(prompt, "production", 1)
    assert prompts.load_prompt(f"prompts:/{prompt}@production").template == TEMPLATE
    prompts.set_prompt_alias(prompt, "staging", 2)
    assert prompts.load_prompt(f"prompts:/{prompt}@staging").template == "two"
    prompts.delete_prompt_alias(prompt, "staging")
    with error("INVALID_PARAMETER_VALUE", "staging"):
        MlflowClient().get_model_version_by_alias(prompt, "staging")


@mlflow_3
def test_an_alias_moves(prompt: str) -> None:
    prompts.register_prompt(prompt, "two")
    uri = f"prompts:/{prompt}@production"
    for version, template in ((1, TEMPLATE), (2, "two")):
        prompts.set_prompt_alias(prompt, "production", version)
        assert prompts.load_prompt(uri, cache_ttl_seconds=0).template == template
    assert prompts.load_prompt(f"prompts:/{prompt}@latest", cache_ttl_seconds=0).version == 2


@mlflow_3
def test_a_chat_with_a_format(unique: Callable[..., str]) -> None:
    name = unique()
    turns = [
        {"role": "system", "content": "Be {{mood}}."},
        {"role": "user", "content": "{{question}}"},
    ]
    form = {"type": "object", "properties": {"answer": {"type": "string"}}}
    prompts.register_prompt(
        name, turns, response_format=form, model_config={"temperature": 0.5, "max_tokens": 9}
    )
    loaded = prompts.load_prompt(name, version=1)
    assert not loaded.is_text_prompt
    assert loaded.template == turns
    assert loaded.response_format == form
    assert loaded.model_config == {"temperature": 0.5, "max_tokens": 9}
    assert loaded.format(mood="kind", question="Why?")[1] == {"role": "user", "content": "Why?"}


@mlflow_3
def test_tags(prompt: str) -> None:
    prompts.set_prompt_tag(prompt, "team", "ü")
    prompts.set_prompt_tag(prompt, "gone", "x")
    prompts.delete_prompt_tag(prompt, "gone")
    tags = prompts.get_prompt_tags(prompt)
    # The client notes the experiments that a prompt is of.
    tags.pop("_mlflow_experiment_ids", None)
    assert tags == {"team": "ü"}
    prompts.set_prompt_version_tag(prompt, 1, "author", "ann")
    prompts.set_prompt_version_tag(prompt, 1, "gone", "x")
    prompts.delete_prompt_version_tag(prompt, 1, "gone")
    loaded = prompts.load_prompt(prompt, version=1, cache_ttl_seconds=0)
    assert loaded.tags == {"author": "ann"}


@mlflow_3
def test_search(unique: Callable[..., str]) -> None:
    stem = unique()
    for number in range(5):
        tags = {"parity": "odd" if number % 2 else "even"}
        MlflowClient().create_prompt(f"{stem}_{number}", tags=tags)

    def found(filter_string: str = "", **options: object) -> str:
        text = f"name LIKE '{stem}%'{filter_string}"
        return "".join(prompt.name[-1] for prompt in prompts.search_prompts(text, **options))

    assert sorted(found()) == list("01234")
    assert found(" AND tags.parity = 'odd'") == "13"
    assert len(found(max_results=2)) == 2
    first = MlflowClient().search_prompts(f"name LIKE '{stem}%'", max_results=3)
    rest = MlflowClient().search_prompts(f"name LIKE '{stem}%'", 3, page_token=first.token)
    names = [prompt.name[-1] for page in (first, rest) for prompt in page]
    assert names == list("01234") and not rest.token


def test_prompts_are_no_models(
    client: MlflowClient, prompt: str, unique: Callable[..., str]
) -> None:
    assert client.search_registered_models(f"name = '{prompt}'") == []
    assert client.search_model_versions(f"name = '{prompt}'") == []
    with error("RESOURCE_ALREADY_EXISTS", prompt):
        client.create_registered_model(prompt)
    model = client.create_registered_model(unique()).name
    with pytest.raises(MlflowException):
        prompts.register_prompt(model, TEMPLATE)


@mlflow_3
def test_a_run_remembers_what_it_loaded(client: MlflowClient, experiment: str, prompt: str) -> None:
    with mlflow.start_run() as run:
        prompts.load_prompt(prompt, version=1, cache_ttl_seconds=0)
    tag = client.get_run(run.info.run_id).data.tags["mlflow.linkedPrompts"]
    assert json.loads(tag) == [{"name": prompt, "version": "1"}]


@mlflow_3
def test_delete(client: MlflowClient, prompt: str) -> None:
    prompts.register_prompt(prompt, "two")
    client.delete_prompt_version(prompt, "1")
    with error("RESOURCE_DOES_NOT_EXIST"):
        prompts.load_prompt(prompt, version=1, cache_ttl_seconds=0)
    client.delete_prompt_version(prompt, "2")
    client.delete_prompt(prompt)
    assert client.get_prompt(prompt) is None
