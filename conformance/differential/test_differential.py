"""Runs every case against two servers named in the environment; skipped if none are.

MILLRACE_ORACLE_URL is a reference server, MILLRACE_URL the server under test. With
MILLRACE_FRESH=1 both stores must be new, and the cases that need this run too.
"""

from __future__ import annotations

import os

import pytest

from .cases import NOUNS
from .known_differences import KNOWN
from .report import judge, text
from .runner import Runner, run_all, run_fresh, unique_prefix
from .transport import Server

ORACLE = os.environ.get("MILLRACE_ORACLE_URL", "")
CANDIDATE = os.environ.get("MILLRACE_URL", "")
FRESH = os.environ.get("MILLRACE_FRESH") == "1"


@pytest.mark.skipif(not (ORACLE and CANDIDATE and FRESH), reason="needs two new servers")
def test_new_stores() -> None:
    """Comes first: each noun's other cases write to the stores."""
    runner = Runner(Server(ORACLE), Server(CANDIDATE), unique_prefix())
    outcome = run_fresh(runner, NOUNS)
    verdict = judge(outcome, KNOWN)
    assert outcome.cases and not verdict.unexplained, "\n" + text(outcome, verdict, verbose=False)


@pytest.mark.skipif(not (ORACLE and CANDIDATE), reason="needs two running servers")
@pytest.mark.parametrize("noun", NOUNS)
def test_answers_like_the_reference(noun: str) -> None:
    runner = Runner(Server(ORACLE), Server(CANDIDATE), unique_prefix())
    outcome = run_all(runner, NOUNS, noun, "", False)
    verdict = judge(outcome, KNOWN)
    assert outcome.cases and verdict.passed, "\n" + text(outcome, verdict, verbose=False)
