"""What a known difference is, and what its entries have in common."""

from __future__ import annotations

import dataclasses
import fnmatch
import re

from .compare import Difference


@dataclasses.dataclass(frozen=True)
class Known:
    """An intended difference.

    `where` is a pattern over noun/case/step (with * and ?), `fields` the parts that may differ, and
    `told`, if given, a regular expression for the message that Millrace has to answer with.
    """

    where: str
    fields: frozenset[str]
    entry: str
    reason: str
    told: str = ""

    def explains(self, difference: Difference) -> bool:
        return (
            difference.fields <= self.fields
            and fnmatch.fnmatchcase(difference.label, self.where.replace("[", "[[]"))
            and (not self.told or re.fullmatch(self.told, _message(difference)) is not None)
        )

    def concerns(self, noun: str, case: str) -> bool:
        """Whether a run of this case could have met the entry (to know if it is stale)."""
        return fnmatch.fnmatchcase(f"{noun}/{case}", "/".join(self.where.split("/")[:2]))


def _message(difference: Difference) -> str:
    """What Millrace says, if it says that a request is wrong."""
    candidate = difference.candidate
    if candidate.get("status") != 400 or not isinstance(candidate.get("body"), dict):
        return ""
    return str(candidate["body"].get("message", ""))


PAGE = frozenset({"status", "type", "body"})
MESSAGE = frozenset({"message"})
BODY = frozenset({"body"})
CLASS = frozenset({"error_class", "sqlstate"})
REFUSED = frozenset({"status", "body"})
ERROR = frozenset({"status", "error_code", "error_class", "message", "sqlstate"})
TOKEN = r"Invalid page token, .*"
WRONG = r"Invalid value .* for parameter '[^']+' supplied:  Hint: Value was of type '\w+'\. .*"
NUL = r".*must not contain the character U\+0000\..*"
