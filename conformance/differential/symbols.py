"""Renames the values a server makes up, so that two servers' answers can be compared.

A value which the case bound is called by its name, any other by the step and place where it was
first seen. Naming by place rather than by a running number keeps one missing field from turning
every later answer into a difference.
"""

from __future__ import annotations

import re

GENERATED_ID = re.compile(
    r"(?<![0-9A-Za-z])(?:(?:m-)?[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
    r"(?![0-9A-Za-z])"
)
GENERATED_NAME = re.compile(r"[a-z]+-[a-z]+-\d{1,4}")
PROXIED_URI = re.compile(r"(mlflow-artifacts:/*)(\d+)(?=[/'\"]|$)")
ARTIFACT_DIRECTORY = re.compile(r"((?:^|['\" /]))(\d+)(?=/(?:<|models/))")
QUOTED_NUMBER = re.compile(r"(['\"])(\d+)(?=['\"])")
EXPERIMENT_IN_TEXT = re.compile(r"(experiment[^0-9<>]{0,30}?)(\d+)", re.IGNORECASE)
PYTHON_SET = re.compile(r"\{('[^{}:]*')\}")


class Symbols:
    """The names one server's made-up values go by within one case."""

    def __init__(self) -> None:
        self.variables: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._experiments: dict[str, str] = {}
        self._sent = ""

    def bind(self, name: str, value: str) -> None:
        self.variables[name] = value
        if GENERATED_ID.fullmatch(value) or GENERATED_NAME.fullmatch(value):
            self._names[value] = f"<{name}>"
        elif value.isdigit():
            self._experiments[value] = f"<{name}>"

    def note_sent(self, template: str) -> None:
        """Values spelled out in a request are the case's own and are compared as they are."""
        self._sent += template + "\n"

    def fill(self, template: str) -> str:
        for name, value in self.variables.items():
            template = template.replace("${" + name + "}", value)
        return template

    def experiment(self, value: str, place: str) -> str:
        """An experiment id is a short number, so only its place tells that it is one."""
        number = value.strip().lstrip("+0")
        if not number.isdigit():
            return value
        self._experiments.setdefault(number, f"<experiment@{place}>")
        return value.replace(number, self._experiments[number])

    def text(self, value: str, place: str) -> str:
        if GENERATED_NAME.fullmatch(value) and value not in self._sent:
            return self._names.setdefault(value, f"<name@{place}>")
        for known, name in self._names.items():
            value = value.replace(known, name)
        value = GENERATED_ID.sub(lambda match: self._id(match.group(), place), value)
        about_experiments = "experiment" in value.lower()
        patterns = [PROXIED_URI, ARTIFACT_DIRECTORY, EXPERIMENT_IN_TEXT]
        for pattern in patterns + [QUOTED_NUMBER] * about_experiments:
            value = pattern.sub(self._experiment_in, value)
        return PYTHON_SET.sub(_sorted_set, value)

    def _id(self, value: str, place: str) -> str:
        if value in self._sent:
            return value
        return self._names.setdefault(value, f"<id@{place}>")

    def _experiment_in(self, match: re.Match[str]) -> str:
        lead, number = match.groups()
        return lead + self._experiments.get(number, number)


def _sorted_set(match: re.Match[str]) -> str:
    """The reference prints sets in an order that changes with each process."""
    return "{" + ", ".join(sorted(match.group(1).split(", "))) + "}"
