"""Separates explained from unexplained differences and says so in text."""

from __future__ import annotations

import dataclasses

from .compare import Difference
from .known import Known
from .runner import Outcome


@dataclasses.dataclass(frozen=True)
class Verdict:
    """The run passes only if nothing is unexplained and no explanation is stale."""

    unexplained: list[Difference]
    explained: list[tuple[Difference, Known]]
    stale: list[Known]

    @property
    def passed(self) -> bool:
        return not self.unexplained and not self.stale


def judge(outcome: Outcome, known: tuple[Known, ...]) -> Verdict:
    unexplained, explained = [], []
    for difference in outcome.differences:
        match = next((entry for entry in known if entry.explains(difference)), None)
        if match is None:
            unexplained.append(difference)
        else:
            explained.append((difference, match))
    met = {entry for _, entry in explained}
    could = [k for k in known if any(k.concerns(noun, case) for noun, case in outcome.cases)]
    return Verdict(unexplained, explained, [entry for entry in could if entry not in met])


def text(outcome: Outcome, verdict: Verdict, verbose: bool) -> str:
    lines = [difference.show() for difference in verdict.unexplained]
    if verbose:
        lines += [f"explained by {known.entry}: {d.show()}" for d, known in verdict.explained]
    lines += [f"stale: {k.where} ({k.entry}) no longer differs" for k in verdict.stale]
    lines += [f"skipped, needs fresh stores: {name}" for name in outcome.skipped]
    per_noun: dict[str, list[int]] = {}
    for noun, _ in outcome.cases:
        per_noun.setdefault(noun, [0, outcome.requests.get(noun, 0), 0])[0] += 1
    for difference in verdict.unexplained:
        per_noun[difference.noun][2] += 1
    lines += [
        f"{noun:24}{cases:5} cases {requests:6} requests {bad:5} unexplained"
        for noun, (cases, requests, bad) in per_noun.items()
    ]
    lines.append(
        f"{len(outcome.cases)} cases, {sum(outcome.requests.values())} requests, "
        f"{len(verdict.unexplained)} unexplained, {len(verdict.explained)} explained, "
        f"{len(verdict.stale)} stale"
    )
    return "\n".join(lines)
