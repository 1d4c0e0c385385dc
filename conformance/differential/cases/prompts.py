"""Prompts: registered models which a tag calls so, as the client makes and finds them."""

from __future__ import annotations

from ..dsl import Case, case
from .registry import PROMPT, SOURCE, add_version, get_registered, get_version, versions_of

MODELS, VERSIONS = "registered-models/", "model-versions/"
SOURCE_OF_PROMPTS = "dummy-source"
TEXT = "mlflow.prompt.text"
ALL_PROMPTS = "tags.`mlflow.prompt.is_prompt` = 'true' AND name LIKE '${u}%'"
ALL_MODELS = "tags.`mlflow.prompt.is_prompt` != 'true' AND name LIKE '${u}%'"


def cases() -> list[Case]:
    return [
        _register(),
        _chat(),
        _aliases(),
        _tags(),
        _names_taken(),
        _texts(),
        _as_models(),
        _becoming(),
        _search(),
        _delete(),
    ]


def _prompt(c: Case, note: str = "the prompt", name: str = "${u}", **tags: str) -> Case:
    given = [{"key": key, "value": value} for key, value in tags.items()]
    return c.post(MODELS + "create", {"name": name, "tags": [PROMPT, *given]}, note)


def _version(c: Case, text: str = "Hello {{name}}", note: str = "a version", **extra: str) -> Case:
    tags = [PROMPT, {"key": TEXT, "value": text}, {"key": "_mlflow_prompt_type", "value": "text"}]
    tags += [{"key": key, "value": value} for key, value in extra.items()]
    body = {"name": "${u}", "source": SOURCE_OF_PROMPTS, "tags": tags, "description": "commit"}
    return c.pause().post(VERSIONS + "create", body, note)


def _register() -> Case:
    c = case("register")
    get_registered(c, "not there yet")
    _prompt(c, team="a")
    _prompt(c, "again")
    _version(c)
    _version(c, "Bye {{name}}", "another", author="x")
    get_registered(c)
    get_version(c)
    get_version(c, "2")
    get_version(c, "3")
    versions_of(c, "none by default")
    query = {"filter": "name = '${u}' AND tags.`mlflow.prompt.is_prompt` = 'true'"}
    c.get(VERSIONS + "search", {**query, "order_by": "version_number DESC"}, "by the tag")
    c.get(VERSIONS + "get-download-uri", {"name": "${u}", "version": "1"}, "uri")
    c.get("/model-versions/get-artifact", {"name": "${u}", "version": "1", "path": "x"}, "artifact")
    c.post(MODELS + "get-latest-versions", {"name": "${u}"}, "latest")
    return c.get(MODELS + "alias", {"name": "${u}", "alias": "latest"}, "latest by alias")


def _chat() -> Case:
    c = _prompt(case("chat"))
    tags = [PROMPT, {"key": TEXT, "value": '[{"role": "system", "content": "Be {{mood}}"}]'}]
    tags += [{"key": "_mlflow_prompt_type", "value": "chat"}]
    tags += [{"key": "_mlflow_prompt_response_format", "value": '{"type": "object"}'}]
    tags += [{"key": "_mlflow_prompt_model_config", "value": '{"temperature": 0.5}'}]
    c.post(VERSIONS + "create", {"name": "${u}", "source": SOURCE_OF_PROMPTS, "tags": tags})
    return get_version(c)


def _aliases() -> Case:
    c = _version(_version(_prompt(case("aliases"))), "two")
    alias = {"name": "${u}", "alias": "production"}
    c.post(MODELS + "alias", {**alias, "version": "1"})
    c.get(MODELS + "alias", alias, "get")
    get_registered(c)
    c.post(MODELS + "alias", {**alias, "version": "2"}, "move")
    c.get(MODELS + "alias", alias, "get again")
    c.delete(MODELS + "alias", alias)
    c.get(MODELS + "alias", alias, "deleted")
    return c.post(MODELS + "alias", {**alias, "version": "3"}, "to no version")


def _tags() -> Case:
    c = _version(_prompt(case("tags")))
    one, version = {"name": "${u}", "key": "k"}, {"name": "${u}", "version": "1", "key": "k"}
    c.post(MODELS + "set-tag", {**one, "value": "v"}).post(
        VERSIONS + "set-tag", {**version, "value": "v"}
    )
    get_registered(c)
    get_version(c)
    c.delete(MODELS + "delete-tag", one).delete(VERSIONS + "delete-tag", version)
    c.post(VERSIONS + "set-tag", {**version, "key": TEXT, "value": "changed"}, "the text is a tag")
    c.patch(VERSIONS + "update", {"name": "${u}", "version": "1", "description": "new"})
    c.patch(MODELS + "update", {"name": "${u}", "description": "new"})
    c.post(MODELS + "set-tag", {"name": "${u}", "key": "_mlflow_experiment_ids", "value": ",1,"})
    get_registered(c)
    return get_version(c)


def _names_taken() -> Case:
    c = _prompt(case("names-taken"))
    c.post(MODELS + "create", {"name": "${u}"}, "model of a prompt's name")
    c.post(MODELS + "create", {"name": "${u}-m"}, "model")
    _prompt(c, "prompt of a model's name", "${u}-m")
    for value in ("True", "false", ""):
        body = {"name": "${u}", "tags": [{**PROMPT, "value": value}]}
        c.post(MODELS + "create", body, f"prompt {value!r} of a prompt's name")
        body["name"] = "${u}-m"
        c.post(MODELS + "create", body, f"prompt {value!r} of a model's name")
    c.post(
        MODELS + "rename", {"name": "${u}-m", "new_name": "${u}"}, "rename a model to a prompt's"
    )
    c.post(
        MODELS + "rename", {"name": "${u}", "new_name": "${u}-m"}, "rename a prompt to a model's"
    )
    c.post(MODELS + "rename", {"name": "${u}", "new_name": "${u}-p"}, "rename a prompt")
    return get_registered(c, name="${u}-p")


def _texts() -> Case:
    c = _prompt(case("texts"))
    for text in ("", " ", "ünï 日本 🚀\n\t", "{{", "x" * 5001, "x" * 100_000, "x" * 100_001):
        _version(c, text, f"text {text[:9]!r} {len(text)}")
    _version(c, "x" * 100_001, "text and tag too long", other="x" * 100_001)
    get_version(c, "3")
    return get_version(c, "6")


def _as_models() -> Case:
    """What a prompt that is used as a model may do, and the other way around."""
    c = _version(_prompt(case("as-models")))
    add_version(c, "a model's version of a prompt", source=SOURCE)
    c.post(MODELS + "create", {"name": "${u}-m"})
    tags = [PROMPT, {"key": TEXT, "value": "x"}]
    add_version(c, "a prompt's of a model", name="${u}-m", source=SOURCE_OF_PROMPTS, tags=tags)
    add_version(c, "a prompt's with files", name="${u}-m", tags=tags)
    add_version(c, "a copy of a prompt's", name="${u}-m", source="models:/${u}/1")
    add_version(c, "a copy of a model's of a prompt", name="${u}-m", source="models:/${u}/2")
    add_version(c, "a copy of a prompt's of a model", name="${u}-m", source="models:/${u}-m/1")
    stage = {"name": "${u}", "version": "1", "stage": "Production"}
    c.post(VERSIONS + "transition-stage", stage, "a stage")
    get_registered(c)
    return get_registered(c, "the model", "${u}-m")


def _becoming() -> Case:
    """The tag is like any other: it can be set and taken away."""
    c = _prompt(case("becoming"))
    _version(c)
    c.post(MODELS + "create", {"name": "${u}-m"})
    c.delete(MODELS + "delete-tag", {"name": "${u}", "key": PROMPT["key"]}, "no prompt any more")
    c.post(MODELS + "create", {"name": "${u}"}, "is taken by a model now")
    c.get(MODELS + "search", {"filter": ALL_MODELS}, "models")
    c.post(MODELS + "set-tag", {"name": "${u}-m", **PROMPT}, "a prompt now")
    c.get(MODELS + "search", {"filter": ALL_PROMPTS}, "prompts")
    c.post(MODELS + "set-tag", {"name": "${u}-m", **PROMPT, "value": "TRUE"}, "in capitals")
    c.get(MODELS + "search", {"filter": ALL_PROMPTS}, "prompts without it")
    c.get(MODELS + "search", {"filter": ALL_MODELS}, "models with it")
    version = {"name": "${u}", "version": "1"}
    c.delete(VERSIONS + "delete-tag", {**version, "key": PROMPT["key"]}, "the version, too")
    versions_of(c, "is a model's now")
    return get_version(c)


def _search() -> Case:
    c = case("search")
    for number in range(5):
        _prompt(c, f"prompt {number}", "${u}-%d" % number, team="ab"[number % 2])
    c.post(MODELS + "create", {"name": "${u}-m", "tags": [{"key": "team", "value": "a"}]})
    for text in (
        ALL_PROMPTS,
        ALL_MODELS,
        "name LIKE '${u}%'",
        ALL_PROMPTS + " AND tags.team = 'a'",
    ):
        c.get(MODELS + "search", {"filter": text}, text)
    pages = {"filter": ALL_PROMPTS, "max_results": 2, "order_by": "name DESC"}
    return c.get(MODELS + "search", pages, "pages").pages()


def _delete() -> Case:
    c = _version(_version(_prompt(case("delete"))), "two")
    c.delete(VERSIONS + "delete", {"name": "${u}", "version": "1"})
    get_version(c)
    get_registered(c)
    _version(c, "three")
    c.delete(MODELS + "delete", {"name": "${u}"})
    get_registered(c)
    c.post(MODELS + "create", {"name": "${u}"}, "a model of the name")
    return versions_of(c)
