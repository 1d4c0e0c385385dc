"""Ignore files, in the language of .gitignore."""

import re

FILES = (".mlflowignore", ".amlignore")


class Ignored:
    """Tells which paths of a project a list of patterns leaves out."""

    def __init__(self, lines):
        self._rules = [rule for rule in map(_rule, lines) if rule]

    def __call__(self, path, is_folder):
        """Whether `path`, relative and with slashes, is left out. What is in a folder that is left out is not asked for."""
        out = False
        for pattern, folders_only, negated in self._rules:
            if (is_folder or not folders_only) and pattern.fullmatch(path):
                out = not negated
        return out


def _rule(line):
    line = line.rstrip("\r\n")
    # Spaces at the end count only if they are escaped.
    while line.endswith(" ") and not line.endswith("\\ "):
        line = line[:-1]
    if not line or line.startswith("#"):
        return None
    negated = line.startswith("!")
    if negated:
        line = line[1:]
    folders_only = line.endswith("/")
    line = line.rstrip("/") if folders_only else line
    # A slash before its end ties a pattern to the project's folder.
    anchored = "/" in line
    line = line.lstrip("/")
    if not line:
        return None
    return re.compile(("" if anchored else "(?:.*/)?") + _regex(line), re.DOTALL), folders_only, negated


def _regex(pattern):
    out = []
    at = 0
    while at < len(pattern):
        rest = pattern[at:]
        char = pattern[at]
        if rest.startswith("**/") and (at == 0 or pattern[at - 1] == "/"):
            out.append("(?:.*/)?")
            at += 3
        elif rest == "**" and at > 0 and pattern[at - 1] == "/":
            out.append(".*")
            at += 2
        elif char == "*":
            out.append("[^/]*")
            at += 1
        elif char == "?":
            out.append("[^/]")
            at += 1
        elif char == "[" and (found := re.match(r"\[([!^]?)(\]?[^\]/]*)\]", rest)):
            body = found.group(2).replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]").replace("^", "\\^")
            out.append(f"(?!/)[{'^' if found.group(1) else ''}{body}]")
            at += found.end()
        elif char == "[":
            # One that is not closed matches nothing.
            return "(?!)"
        elif char == "\\" and at + 1 < len(pattern):
            out.append(re.escape(pattern[at + 1]))
            at += 2
        else:
            out.append(re.escape(char))
            at += 1
    return "".join(out)
