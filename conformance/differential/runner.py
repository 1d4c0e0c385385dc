"""Plays the cases against both servers at once, step by step, and collects what differs."""

from __future__ import annotations

import dataclasses
import json
import time
import urllib.parse
import uuid
import zlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable

from .compare import Difference, differing_fields, forgive_database_text
from .dsl import Case, Step
from .normalise import document
from .symbols import Symbols
from .transport import Reply, Server

MOST_PAGES = 60


def unique_prefix() -> str:
    """What sets the names of this run apart; never a word, so not mistaken for a made-up name."""
    return "d0" + uuid.uuid4().hex[:6]


@dataclasses.dataclass
class Outcome:
    """What a run found; `answers` holds the oracle's side for --record."""

    requests: dict[str, int] = dataclasses.field(default_factory=dict)
    cases: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    skipped: list[str] = dataclasses.field(default_factory=list)
    differences: list[Difference] = dataclasses.field(default_factory=list)
    answers: dict[str, Any] = dataclasses.field(default_factory=dict)


class Runner:
    def __init__(self, oracle: Server, candidate: Server, prefix: str) -> None:
        self._servers = (oracle, candidate)
        self._both = ThreadPoolExecutor(len(self._servers))
        self._prefix = prefix
        self.outcome = Outcome()

    def run(self, noun: str, case: Case) -> None:
        self.outcome.cases.append((noun, case.name))
        sides = (Symbols(), Symbols())
        for symbols in sides:
            symbols.variables["u"] = (
                self._prefix + f"{zlib.crc32(f'{noun}/{case.name}'.encode()):08x}"
            )
        for step in case.steps:
            time.sleep(step.pause_before)
            replies = self._step(noun, case, step, sides)
            unbound = [_bind(step, reply, symbols) for reply, symbols in zip(replies, sides)]
            if bool(unbound[0]) != bool(unbound[1]):
                self._differ(
                    noun,
                    case,
                    step.label + " (bind)",
                    {"oracle": unbound[0]},
                    {"candidate": unbound[1]},
                    frozenset({"bind"}),
                )
                return

    def _step(
        self, noun: str, case: Case, step: Step, sides: tuple[Symbols, Symbols]
    ) -> list[Reply]:
        template = step.path + "\n" + (step.body or b"").decode(errors="replace")
        for symbols in sides:
            symbols.note_sent(template)
        tokens: list[str | None] = [None, None]
        first: list[Reply] = []
        for page in range(1, MOST_PAGES + 1):
            replies = list(self._both.map(_send, self._servers, (step, step), sides, tokens))
            documents = [
                document(reply, step, symbols, server.base_url)
                for reply, symbols, server in zip(replies, sides, self._servers)
            ]
            self.outcome.requests[noun] = self.outcome.requests.get(noun, 0) + 1
            label = step.label + (f" page {page}" if page > 1 else "")
            self.outcome.answers[f"{noun}/{case.name}/{label}"] = documents[0]
            forgive_database_text(*documents)
            fields = differing_fields(*documents)
            if fields:
                self._differ(noun, case, label, documents[0], documents[1], fields)
            first = first or replies
            tokens = [_token(reply) for reply in replies]
            if not step.follow_pages or fields or not all(tokens):
                break
        return first

    def _differ(
        self, noun: str, case: Case, label: str, left: Any, right: Any, fields: frozenset[str]
    ) -> None:
        self.outcome.differences.append(Difference(noun, case.name, label, fields, left, right))


def _send(server: Server, step: Step, symbols: Symbols, token: str | None) -> Reply:
    path, body = symbols.fill(step.path), step.body
    if body is not None and b"${" in body:
        body = symbols.fill(body.decode("utf-8", "surrogateescape")).encode(
            "utf-8", "surrogateescape"
        )
    if token is not None and step.method == "GET":
        path += ("&" if "?" in path else "?") + "page_token=" + urllib.parse.quote(token, safe="")
    elif token is not None:
        body = json.dumps({**json.loads(body or b"{}"), "page_token": token}).encode()
    return server.send(step.method, path, step.headers, body)


def _token(reply: Reply) -> str | None:
    return _at(reply, "next_page_token")


def _at(reply: Reply, path: str) -> str | None:
    try:
        value = json.loads(reply.body)
        for part in path.split("."):
            value = value[int(part)] if part.isdigit() else value[part]
    except (ValueError, LookupError, TypeError):
        return None
    return str(value)


def _bind(step: Step, reply: Reply, symbols: Symbols) -> str:
    for name, path in step.binds:
        value = _at(reply, path)
        if value is None:
            return f"nothing at {path} in {reply.status} {reply.body[:200]!r}"
        symbols.bind(name, value)
    return ""


def run_all(
    runner: Runner, nouns: dict[str, Callable[[], list[Case]]], only: str, name: str, fresh: bool
) -> Outcome:
    """Runs the chosen cases; those needing a fresh store come first, or are skipped."""
    chosen = [
        (noun, case)
        for noun, make in nouns.items()
        if not only or noun == only
        for case in make()
        if not name or case.name == name
    ]
    for noun, case in sorted(chosen, key=lambda pair: not pair[1].needs_fresh_store):
        if case.needs_fresh_store and not fresh:
            runner.outcome.skipped.append(f"{noun}/{case.name}")
        else:
            runner.run(noun, case)
    return runner.outcome


def run_fresh(runner: Runner, nouns: dict[str, Callable[[], list[Case]]]) -> Outcome:
    """Runs the cases that need stores nothing was ever written to, and no others."""
    for noun, make in nouns.items():
        for case in make():
            if case.needs_fresh_store:
                runner.run(noun, case)
    return runner.outcome
