"""Finds and shows the differences between two normalised replies."""

from __future__ import annotations

import dataclasses
import difflib
import json
import re
from typing import Any

SHOWN_WIDTH = 400
DATABASE_TEXT = re.compile(
    r"(?:Error: )?\((?:(?:sqlite3|builtins|psycopg2?|pymysql)\.|raised as a result)"
)


@dataclasses.dataclass(frozen=True)
class Difference:
    """One request which the two servers answered differently."""

    noun: str
    case: str
    step: str
    fields: frozenset[str]
    oracle: Any
    candidate: Any

    @property
    def label(self) -> str:
        return f"{self.noun}/{self.case}/{self.step}"

    def show(self) -> str:
        lines = difflib.unified_diff(
            _lines(self.oracle), _lines(self.candidate), "oracle", "candidate", lineterm="", n=2
        )
        body = "\n".join("    " + line for line in lines)
        return f"{self.label}  [{', '.join(sorted(self.fields))}]\n{body}"


def forgive_database_text(oracle: dict[str, Any], candidate: dict[str, Any]) -> None:
    """Where the reference quotes its SQL, only what it says before the quotation must be equal."""
    left, right = oracle.get("body"), candidate.get("body")
    if not (isinstance(left, dict) and isinstance(right, dict)):
        return
    said, told = left.get("message"), right.get("message")
    quotation = DATABASE_TEXT.search(said) if isinstance(said, str) else None
    if quotation is None:
        return
    before = said[: quotation.start()].rstrip()
    left["message"] = before + "<database error>"
    if isinstance(told, str) and told and told.startswith(before):
        right["message"] = left["message"]


def differing_fields(oracle: dict[str, Any], candidate: dict[str, Any]) -> frozenset[str]:
    """Names what differs: status, type, a header, the body, or of an error body the fields."""
    found = set()
    for key in oracle.keys() | candidate.keys():
        left, right = _text(oracle.get(key)), _text(candidate.get(key))
        if left == right:
            continue
        if key == "body":
            found |= _body_fields(oracle.get(key), candidate.get(key))
        else:
            found.add(key)
    return frozenset(found)


def _body_fields(oracle: Any, candidate: Any) -> set[str]:
    if not (isinstance(oracle, dict) and isinstance(candidate, dict)):
        return {"body"}
    if "error_code" not in oracle or "error_code" not in candidate:
        return {"body"}
    return {
        key
        for key in oracle.keys() | candidate.keys()
        if _text(oracle.get(key)) != _text(candidate.get(key))
    }


def _text(value: Any) -> str:
    """As JSON text, since in Python 1, 1.0 and True are all equal."""
    return json.dumps(value, sort_keys=True)


def _lines(value: Any) -> list[str]:
    text = json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False)
    return [
        x if len(x) <= SHOWN_WIDTH else f"{x[:SHOWN_WIDTH]}… ({len(x)})" for x in text.split("\n")
    ]
