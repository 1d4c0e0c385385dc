"""python -m differential --oracle URL --candidate URL"""

from __future__ import annotations

import argparse
import json
import pathlib
import sys

from .cases import NOUNS
from .known_differences import KNOWN
from .report import judge, text
from .runner import Runner, run_all, unique_prefix
from .transport import Server


def main() -> int:
    parser = argparse.ArgumentParser(prog="differential", description=__doc__)
    parser.add_argument("--oracle", required=True, help="base URL of the reference server")
    parser.add_argument("--candidate", required=True, help="base URL of the server under test")
    parser.add_argument("--only", default="", choices=["", *NOUNS], metavar="NOUN")
    parser.add_argument("--case", default="", help="run only the cases of this name")
    parser.add_argument("--fresh", action="store_true", help="both stores are new and empty")
    parser.add_argument("--no-known", action="store_true", help="ignore known differences")
    parser.add_argument("--record", default="", metavar="FILE", help="save the oracle's answers")
    parser.add_argument("--verbose", action="store_true", help="show explained differences too")
    options = parser.parse_args()
    runner = Runner(Server(options.oracle), Server(options.candidate), unique_prefix())
    outcome = run_all(runner, NOUNS, options.only, options.case, options.fresh)
    verdict = judge(outcome, () if options.no_known else KNOWN)
    if options.record:
        pathlib.Path(options.record).write_text(json.dumps(outcome.answers, indent=1))
    print(text(outcome, verdict, options.verbose))
    return 0 if verdict.passed and outcome.cases else 1


if __name__ == "__main__":
    sys.exit(main())
