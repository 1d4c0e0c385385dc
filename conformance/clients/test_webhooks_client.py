"""Webhooks by the client: made, listed, changed and deleted.

They wait for an event that nothing here causes, so that the server has nothing to deliver.
"""

from __future__ import annotations

from typing import Callable, Iterator

import pytest
from mlflow import MlflowClient

from .expect import error, mlflow_3

pytestmark = mlflow_3

URL = "https://8.8.8.8/hook"
EVENT = "budget_policy.exceeded"


@pytest.fixture
def hook_id(client: MlflowClient) -> Iterator[str]:
    hook = client.create_webhook("hook", URL, [EVENT], "words", "s3cret", "DISABLED")
    yield hook.webhook_id
    client.delete_webhook(hook.webhook_id)


def test_create_and_get(client: MlflowClient, hook_id: str) -> None:
    hook = client.get_webhook(hook_id)
    assert (hook.name, hook.url, hook.description) == ("hook", URL, "words")
    assert ([str(event) for event in hook.events], str(hook.status)) == ([EVENT], "DISABLED")
    assert hook.creation_timestamp == hook.last_updated_timestamp
    assert hook.secret is None


def test_all_events(client: MlflowClient) -> None:
    events = [
        "registered_model.created",
        "model_version.created",
        "model_version_tag.set",
        "model_version_tag.deleted",
        "model_version_alias.created",
        "model_version_alias.deleted",
        "prompt.created",
        "prompt_version.created",
        "prompt_tag.set",
        "prompt_tag.deleted",
        "prompt_version_tag.set",
        "prompt_version_tag.deleted",
        "prompt_alias.created",
        "prompt_alias.deleted",
        EVENT,
    ]
    hook = client.create_webhook("all", URL, events, status="DISABLED")
    assert {str(event) for event in client.get_webhook(hook.webhook_id).events} == set(events)
    client.delete_webhook(hook.webhook_id)


def test_update(client: MlflowClient, hook_id: str) -> None:
    changed = client.update_webhook(
        hook_id, "other", "new words", URL + "/2", ["prompt.created", EVENT], "new", "DISABLED"
    )
    assert changed.last_updated_timestamp >= changed.creation_timestamp
    found = client.get_webhook(hook_id)
    assert (found.name, found.description, found.url) == ("other", "new words", URL + "/2")
    assert {str(event) for event in found.events} == {"prompt.created", EVENT}
    client.update_webhook(hook_id, events=[EVENT], status="ACTIVE")
    found = client.get_webhook(hook_id)
    assert (found.name, str(found.status)) == ("other", "ACTIVE")


def test_list(client: MlflowClient) -> None:
    made = [client.create_webhook(f"hook-{n}", URL, [EVENT]).webhook_id for n in range(3)]
    page = client.list_webhooks(max_results=2)
    found, token = [hook.webhook_id for hook in page], page.token
    while token and len(found) < 100:
        page = client.list_webhooks(max_results=50, page_token=token)
        found, token = found + [hook.webhook_id for hook in page], page.token
    assert set(made) <= set(found) and len(found) == len(set(found))
    for hook_id in made:
        client.delete_webhook(hook_id)
    left = {hook.webhook_id for hook in client.list_webhooks(max_results=1000)}
    assert not left & set(made)


def test_delete(client: MlflowClient) -> None:
    hook_id = client.create_webhook("hook", URL, [EVENT]).webhook_id
    client.delete_webhook(hook_id)
    for call in (client.get_webhook, client.delete_webhook, client.test_webhook):
        with error("RESOURCE_DOES_NOT_EXIST", hook_id):
            call(hook_id)


@pytest.mark.parametrize(
    "url",
    [
        "http://8.8.8.8/",
        "https://127.0.0.1/",
        "https://169.254.169.254/latest",
        "https://[::ffff:10.0.0.1]/",
        "https://localhost/",
        "ftp://8.8.8.8/",
        "text",
    ],
)
def test_places_that_are_refused(client: MlflowClient, hook_id: str, url: str) -> None:
    with error("INVALID_PARAMETER_VALUE"):
        client.create_webhook("hook", url, [EVENT])
    with error("INVALID_PARAMETER_VALUE"):
        client.update_webhook(hook_id, url=url)
    assert client.get_webhook(hook_id).url == URL


def test_names_and_events_that_are_refused(client: MlflowClient, hook_id: str) -> None:
    for name in ("a b", "-a", "x" * 64):
        with error("INVALID_PARAMETER_VALUE"):
            client.create_webhook(name, URL, [EVENT])
        with error("INVALID_PARAMETER_VALUE"):
            client.update_webhook(hook_id, name=name)
    assert client.get_webhook(hook_id).name == "hook"
