"""Differences from the reference that are intended.

Each names the entry of docs/differences.md that explains it to users. An entry that no longer
meets any difference fails the run, so this list cannot rot.
"""

from __future__ import annotations

import dataclasses
import fnmatch

from .compare import Difference


@dataclasses.dataclass(frozen=True)
class Known:
    """An intended difference.

    `where` is a pattern over noun/case/step (with * and ?), `fields` the parts that may differ.
    """

    where: str
    fields: frozenset[str]
    entry: str
    reason: str

    def explains(self, difference: Difference) -> bool:
        return difference.fields <= self.fields and fnmatch.fnmatchcase(
            difference.label, self.where.replace("[", "[[]")
        )

    def concerns(self, noun: str, case: str) -> bool:
        """Whether a run of this case could have met the entry (to know if it is stale)."""
        return fnmatch.fnmatchcase(f"{noun}/{case}", "/".join(self.where.split("/")[:2]))


KNOWN: tuple[Known, ...] = ()
