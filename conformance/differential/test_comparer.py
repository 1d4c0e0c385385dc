"""Proves that the comparison can fail: answers altered in one respect must be told apart."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

import pytest

from .cases import NOUNS
from .compare import Difference
from .dsl import Case, case
from .known import Known
from .report import Verdict, judge
from .runner import Outcome, Runner
from .transport import Reply

RUN = "0123456789abcdef" * 2
OTHER_RUN = "fedcba9876543210" * 2


class Canned:
    """A server that gives prepared answers."""

    base_url = "http://server"

    def __init__(self, *replies: Reply) -> None:
        self._replies = list(replies)
        self.seen: list[tuple[str, bytes | None]] = []

    def send(self, method: str, path: str, headers: dict[str, str], body: bytes | None) -> Reply:
        self.seen.append((path, body))
        return self._replies.pop(0)


def reply(body: Any, status: int = 200, **headers: str) -> Reply:
    return Reply(status, {"content-type": "application/json", **headers}, json.dumps(body).encode())


def a_run(run: str = RUN, experiment: str = "7", name: str = "calm-fox-12", **info: Any) -> Reply:
    uri = f"mlflow-artifacts:/{experiment}/{run}/artifacts"
    fields = {"run_id": run, "experiment_id": experiment, "run_name": name, "artifact_uri": uri}
    return reply({"run": {"info": {**fields, "start_time": 5, **info}}})


def an_error(message: str, status: int = 400, code: str = "INVALID_PARAMETER_VALUE") -> Reply:
    return reply({"error_code": code, "message": message}, status)


def played(steps: Case, oracle: Canned, candidate: Canned) -> Outcome:
    runner = Runner(oracle, candidate, "d0000000")
    runner.run("noun", steps)
    return runner.outcome


def differences(oracle: Reply, candidate: Reply, steps: Case | None = None) -> list[Difference]:
    steps = steps or case("probe").get("runs/get")
    return played(steps, Canned(oracle), Canned(candidate)).differences


def test_values_the_server_makes_up_may_differ() -> None:
    assert not differences(a_run(), a_run(OTHER_RUN, "12", "bold-owl-7"))


@pytest.mark.parametrize(
    "altered",
    [
        a_run(start_time=6),
        a_run(start_time="5"),
        a_run(start_time=5.0),
        a_run(end_time=None),
        a_run(name="given"),
        a_run(run="short"),
        a_run(artifact_uri=f"mlflow-artifacts:/8/{RUN}/artifacts"),
        a_run(artifact_uri=f"s3://7/{RUN}/artifacts"),
        an_error("x"),
        Reply(200, {"content-type": "text/plain"}, a_run().body),
        Reply(500, {"content-type": "application/json"}, a_run().body),
        Reply(200, {"content-type": "application/json"}, b"{"),
        Reply(0, {}, b"no HTTP answer"),
    ],
)
def test_every_alteration_is_seen(altered: Reply) -> None:
    assert differences(a_run(), altered)


def test_later_mentions_must_mean_the_same_run() -> None:
    steps = case("two").post("runs/create").bind("run", "run.info.run_id")
    steps.get("runs/get", {"run_id": "${run}"})
    mine, yours = Canned(a_run(), a_run()), Canned(a_run(OTHER_RUN), a_run("9" * 32))
    outcome = played(steps, mine, yours)
    assert [found.step for found in outcome.differences] == ["02 GET runs/get"]
    assert yours.seen[1][0].endswith("run_id=" + OTHER_RUN)


def test_ids_of_all_kinds_may_differ() -> None:
    one, other = str(uuid.uuid4()), str(uuid.uuid4())
    assert not differences(reply({"webhook_id": one}), reply({"webhook_id": other}))
    assert differences(reply({"webhook_id": one}), reply({"webhook_id": other[:-1]}))
    assert not differences(an_error(f"no hook {one}x."), an_error(f"no hook {one}x."))


def test_a_change_is_told_from_a_creation() -> None:
    now = int(time.time() * 1000)
    new = {"creation_timestamp": now, "last_updated_timestamp": now}
    assert not differences(reply(new), reply({key: now - 5 for key in new}))
    assert differences(reply(new), reply({**new, "last_updated_timestamp": now + 1}))


def test_messages_are_compared_after_renaming() -> None:
    steps = case("two").post("runs/create").bind("run", "run.info.run_id").get("runs/get")
    for message, expected in ((f"no run {OTHER_RUN}", 0), (f"no such run {OTHER_RUN}", 1)):
        mine = Canned(a_run(), an_error(f"no run {RUN}"))
        yours = Canned(a_run(OTHER_RUN), an_error(message))
        assert len(played(steps, mine, yours).differences) == expected


def test_python_sets_have_no_order_but_content() -> None:
    assert not differences(an_error("one of {'a', 'b'}"), an_error("one of {'b', 'a'}"))
    assert differences(an_error("one of {'a', 'b'}"), an_error("one of {'b', 'c'}"))


def test_a_loose_message_must_still_name_its_parameter() -> None:
    def steps() -> Case:
        return case("probe").get("runs/get").loose("reason", "run_id")

    assert not differences(an_error("bad run_id"), an_error("run_id is wrong"), steps())
    assert differences(an_error("bad run_id"), an_error("something is wrong"), steps())
    assert differences(an_error("bad run_id"), an_error(""), steps())


def test_database_text_is_forgiven_but_not_what_precedes_it() -> None:
    quoted = an_error("X already exists. Error: (sqlite3.IntegrityError) UNIQUE failed")
    assert not differences(quoted, an_error("X already exists."))
    assert differences(quoted, an_error("Y already exists."))
    assert differences(quoted, an_error(""))
    assert differences(quoted, an_error("X already exists.", code="BAD_REQUEST"))


def test_order_counts_where_the_server_defines_it() -> None:
    rows = [{"key": "m", "value": 1.0}, {"key": "m", "value": 2.0}]
    assert differences(reply({"metrics": rows}), reply({"metrics": rows[::-1]}))
    assert not differences(reply({"tags": rows}), reply({"tags": rows[::-1]}))


def test_order_can_be_undefined_in_one_answer() -> None:
    rows = [{"name": "a", "creation_timestamp": 9}, {"name": "b", "creation_timestamp": 5}]
    one, other = reply({"model_versions": rows}), reply({"model_versions": rows[::-1]})
    assert differences(one, other)
    steps = case("probe").get("latest").unordered("model_versions")
    assert not differences(one, other, steps)
    assert differences(one, reply({"model_versions": rows[:1]}), steps)


def test_pages_are_followed_with_each_servers_own_token() -> None:
    steps = case("pages").post("runs/search", {"max_results": 1}).pages()
    first, other = (reply({"runs": [1], "next_page_token": t}) for t in ("a", "b"))
    oracle, candidate = Canned(first, reply({"runs": [2]})), Canned(other, reply({"runs": [3]}))
    outcome = played(steps, oracle, candidate)
    assert [found.step for found in outcome.differences] == ["01 POST runs/search page 2"]
    assert json.loads(candidate.seen[1][1] or b"")["page_token"] == "b"


def verdict_with(known: Known, candidate: Reply) -> Verdict:
    return judge(
        played(case("probe").get("runs/get"), Canned(a_run()), Canned(candidate)), (known,)
    )


def test_a_known_difference_explains_only_its_fields_and_goes_stale() -> None:
    known = Known("noun/probe/*", frozenset({"status"}), "D-x", "because")
    moved = Reply(201, a_run().headers, a_run().body)
    assert verdict_with(known, moved).passed
    assert not verdict_with(known, a_run(start_time=6)).passed
    assert verdict_with(known, a_run()).stale == [known]
    elsewhere = Known("noun/another/*", frozenset({"status"}), "D-x", "because")
    assert verdict_with(elsewhere, a_run()).passed


@pytest.mark.parametrize("noun", NOUNS)
def test_case_names_are_unique(noun: str) -> None:
    names = [each.name for each in NOUNS[noun]()]
    assert len(names) == len(set(names))
