"""What the cases of the model registry have in common."""

from __future__ import annotations

from typing import Any

from ..dsl import Case, case
from .common import WRONG, add_model, add_run, with_experiment

# Nothing looks into a bucket when a version is made, so this source is always good.
SOURCE = "s3://bucket/model"
NO_NAME = "${u}-none"
PROMPT = {"key": "mlflow.prompt.is_prompt", "value": "true"}
# What no name is. Names are the store's, not the experiment's, so "text" would be seen by others.
WRONG_NAMES = tuple(value for value in WRONG if value != "text")
# fmt: off
NAMES = (
    "plain", "a b", "a.b", "a-b_c", "ünï 日本 🚀", "a%2Fb", "a%b", "a+b", "a&b=c", "a?b", "a#b",
    "a@b", "a'b", 'a"b', "a\\b", "a\nb", "a\tb", " lead", "trail ", "A", "a", "a;b", "<b>", "a,b",
    "{a}", "$a", "n" * 240,
)
BAD_NAMES = (
    "", " ", "\t\n", "/", ":", "a/b", "a:b", "a/../b", "..", ".", "./a", "../a", "a/", "/a",
    "models:/x", "${u}nul\u0000x",
)
# What tags may and may not be called, and what they may hold.
KEYS = (
    "plain", "a b", "a.b", "a/b", "a:b", "a-b_c", "ünï", "a%b", "a\nb", "a//b", "./a", "..", ".",
    "/a", "a/", "'", "`", "", " ", "k" * 250, "k" * 251, "A", "a", "nul\u0000x",
    "mlflow.note.content",
)
VALUES = ("", "v", " ", "ünï 日本 🚀", "line\nfeed", "<b>", "x" * 5001, "nul\u0000x")
# Versions as a path, a query or a body may give them.
VERSIONS = (
    "1", "01", " 1 ", "+1", "1.0", "0", "-1", "2", "abc", "", "latest", "1e0", "0x1", "1_0", "١",
    "99999999999999999999", "2147483648", "1 2", "Production", "None", "1\u0000",
)
# fmt: on


def short(text: str) -> str:
    """A long text as it may stand in the note of a step."""
    return f"{text[:24]!r} {len(text)}"


def with_registered(name: str, **fields: Any) -> Case:
    """A case that starts with a registered model of its own, which is called ${u}."""
    return case(name).post("registered-models/create", {"name": "${u}", **fields}, "the model")


def add_version(c: Case, note: str = "a version", **fields: Any) -> Case:
    """One more version of ${u}."""
    body = {"name": "${u}", "source": SOURCE, **fields}
    return c.pause().post("model-versions/create", body, note)


def with_version(name: str, **fields: Any) -> Case:
    return add_version(with_registered(name), **fields)


def with_logged_model(name: str) -> Case:
    """An experiment ${exp}, its run ${run}, the run's logged model ${model}, and a name ${u}."""
    c = add_run(with_experiment(name))
    add_model(c, source_run_id="${run}")
    return c.post("registered-models/create", {"name": "${u}"}, "the model")


def get_registered(c: Case, note: str = "", name: str = "${u}") -> Case:
    return c.get("registered-models/get", {"name": name}, note or "registered-models/get")


def get_version(c: Case, version: str = "1", note: str = "", name: str = "${u}") -> Case:
    note = note or f"model-versions/get {version}"
    return c.get("model-versions/get", {"name": name, "version": version}, note)


def versions_of(c: Case, note: str = "", name: str = "${u}") -> Case:
    """All versions that are there, in an order of their own."""
    query = {"filter": f"name = '{name}'", "order_by": "version_number", "max_results": 100}
    return c.get("model-versions/search", query, note or "all versions")
