"""Writes the tables of src/test/resources/golden: what CPython, PyYAML and MLflow make of files, templates and words.

Run it with the Python of a virtual environment that has mlflow 3.17.2:

    python projects-runner/src/test/golden/make_tables.py

One JSON object a line. A row has what came out, or "error" if Python raised. "refused" marks what Python takes and
Millrace does not, "taken" what Millrace takes and Python does not; docs/differences.md says why. Tests of Java read the
tables only.
"""

import itertools
import json
import os
import pathlib
import shlex
import tempfile

os.environ.pop("SHELL", None)

import yaml
from mlflow.projects import _project_spec
from mlflow.utils import conda, environment, virtualenv

TABLES = pathlib.Path(__file__).parent.parent / "resources" / "golden"

WORDS = [
    "", "a", "0", "0.5", "-1", "a b", "a'b", "''", "'", "\"", "a\"b'c", "$HOME", "`id`", "$(id)", "a;b", "a|b", "a&b", "a>b", "*", "?", "~",
    "!x", "#", "a#b", "\\", "a\\b", "\n", "a\nb", "\t", "\r\n", " ", "  a  ", "ä", "naïve", "日本", "😀", "\u00a0", "\u2028", "\ufeff", "é",
    "a=b", "k=v w", "@x", "%d", "+1", "a:b", "a,b", "./x", "../y", "/abs/p", "a-b", "--flag", "-", "--", "_", "a_b", "{", "}", "{}", "{{a}}",
    "[1]", "(x)", "<x>", "^", "True", "None", "nan", "1e-05", "s3://b/k", "runs:/abc/m", "file:///x y", "http://h/p?q=1&r=2", "٣", "²", "ⅷ", "x" * 300,
    "\x01", "\x7f", "\u200b", "a\u0301",
]

SCALARS = [
    "", "~", "null", "Null", "NULL", "nUll", "none", "None", "yes", "Yes", "YES", "yEs", "y", "Y", "n", "N", "no", "No", "NO", "true", "True", "TRUE",
    "tRue", "false", "False", "FALSE", "on", "On", "ON", "oN", "off", "Off", "OFF", "t", "f", "T", "F",
    "0", "00", "007", "010", "08", "09", "0o10", "0b101", "0b", "0b_", "-0b11", "0x1F", "0xfg", "0x", "0x_", "-0x1f", "+12", "-12", "1_000", "1__0", "_1", "1_",
    "0_", "0_7", "12345678901234567890123", "1:30", "1:60", "190:20:30", "-1:30", "0:30", "00:30", "1:2:3:4", "1:30.5", "-1:30.25", "0:0.0", "1:9.",
    "1.", ".5", "-.5", "+.5", "5.", "0.1", "1.0", "-0.0", "1e3", "1E3", "1.e3", "1.e+3", "1.0e3", "1.0e+3", "1.0E-3", "1e-3", "1e+3", ".5e+3", ".5e3", "1_0.5", "1._5", "1.5_", "._5",
    "1.7976931348623157e+308", "1.0e+309", "5.0e-324", "1.0e-324", "2.0e-323", "9.9e-324", "2.0e+23", "1.0e+15", "1.0e+16", "1.0e+17", "123456789012345678.0", "0.0001", "0.00001",
    "0.1e-3", "1.0e-4", "1.0e-5", "3.141592653589793", "0.30000000000000004", "100.0", "1.0e+22", "1.0e+21", "9007199254740993.0", "4.35", "2.675",
    ".inf", ".Inf", ".INF", ".iNF", "-.inf", "+.inf", ".nan", ".NaN", ".NAN", "-.nan", "inf", "nan", "Infinity", "+", "-", ".", "..", "1.2.3", "1-2", "1,000", "1+1",
    "2001-01-23", "2001-1-23", "2001-13-01", "2001-02-30", "0000-01-01", "2001-12-14t21:59:43.10-05:00", "2001-12-14T21:59:43Z", "2001-12-14 21:59:43.10 -5", "2001-12-15 2:59:43.10",
    "2001-12-14 21:59", "2001-12-14 21:59:00", "2001-12-14 21:59:00.", "2001-12-14 24:00:00", "2001-12-14 21:59:43 +05:30", "2001-12-14 21:59:43 -00:00", "2001-12-14 21:59:43.123456789",
    "2001-12-14 21:59:43 +23:59", "2001-12-14 21:59:43 +24:00", "2001-12-14T21:59:43.5Z", "2001-1-2 3:04:05", "2001-12-14\t21:59:43",
    "=", "<<", "<", "<<<", "a", "a b", "a: b", "a:b", "a#b", "a #b", "'0'", "'yes'", "\"1.0\"", "''", "\"\"", "'it''s'", "\"a\\nb\"", "\"\\x41\\u00e4\\U0001F600\"", "\"\\e\\0\\_\\N\\L\\P\"", "\"\\/\"", "\"\\q\"",
    "!!str 1", "!!str yes", "!!str", "!!int 7", "!!int '7'", "!!int x", "!!int 010", "!!float 1", "!!float 1e3", "!!float x", "!!bool yes", "!!bool x", "!!null x", "!!null ''", "!!binary aGVsbG8=", "!!binary 'AP8nIg=='",
    "!!timestamp 2001-1-2", "!!timestamp x", "!foo bar", "! 1", "!!python/name:os.system x", "!!python/object/apply:os.system ['id']", "!!seq [1]", "!!map {a: 1}", "!!str [1]", "!!seq {a: 1}", "!!list [1]",
    "[]", "[1, 2.0, a, yes, ~, '']", "[a, [b, {c: d}]]", "{}", "{a: 1, b: [x, 'y']}", "{a, b}", "{1: 2, ~: 3, yes: 4}", "{a: 1, a: 2}", "[2001-01-01, 2001-01-02 03:04:05Z, 2001-01-02 03:04:05 +1, 2001-01-02 03:04:05 -1, 2001-01-02 03:04:05.5]",
    "{[1]: 2}", "{{a: 1}: 2}", "? a", "[a: 1]", "[1, 2", "{a: 1", "'abc", "\"abc", "@a", "`a", "%a", "|", ">", "&a 1", "*a", "[&a x, *a]", "[&a [1], *a]", "&a [*a]", "-1.0e+3", "ä", "'ä'", "[ä, \"\\x07\", \"\\xa0\", \"\\u200b\", \"'\", '\"', \"'\\\"\"]",
    "😀", "['😀']", "a\\nb", "a'b", "a\"b", "'a\"b'", "{a: &x {b: 1}, c: {<<: *x, d: 2}}", "{a: &x {b: 1}, c: {<<: *x, b: 2}}", "{a: &x {b: 1}, y: &y {b: 3, e: 4}, c: {<<: [*x, *y], d: 2}}", "{<<: 1}", "{<<: [1]}", "{a: <<}", "{a: =}", "{=: 1}",
    "a,b", "[a,b]", "[a , b]", "[a:b]", "{a:b}", "{a: b:c}", "[http://x/y]", "{u: http://x/y}", "http://x/y", "a? b", "?a", ":a", "-a", "[-a]", "- a", "-", "[?a]", "1 2", "0.1.2", "1e", "e1", "0xG", "1:", "-:", "::", "[a, b,]", "[,]", "{,}", "{a: }", "{a:, b}", "a]", "a}", "[a]b", "\"a\"b", "'a' b",
    "'a\n\n  b'", "\"a\n\n  b\"", "\"a\\\n  b\"", "a\n  b", "|\n    x\n    y\n", ">\n    x\n    y\n\n    z\n", "|-\n    x\n", "|+\n    x\n\n", ">-\n   a\n   b", "|2\n    x", "a # comment", "'a # b'", "\tx", "a\tb", "a\t# b", "!!set {a, b}", "!!omap [a: 1]", "!!pairs [a: 1]",
]

SCALARS_REFUSED = {"!!set {a, b}", "!!omap [a: 1]", "!!pairs [a: 1]", "&a [*a]", "\"\\/\""}

SCALARS_TAKEN = {"2001-12-14\t21:59:43", "a\tb", "a\t# b"}

DOCUMENTS = [
    "", "\n", "# c", "---\n", "--- a", "---\na: 1\n...\n", "a: 1\n---\nb: 2\n", "a: 1\n...\n", "a: 1\n... b", "%YAML 1.1\n---\na: 1", "%YAML 1.2\n---\na: yes", "%YAML 2.0\n---\na: 1", "%TAG ! tag:x,2000:\n---\n!a b",
    "a: 1\n b: 2", "a:\n- 1\n- 2", "a:\n  - 1\n  -   b: 2\n      c: 3", "a:\n\t- 1", "\ta: 1", "a:\tb", "a : b", "a:b", "a: b: c", "'a': 1\n\"b\": 2", "? a\n: b", "? - a\n: b", "a: &x 1\nb: *x", "a: *x", "a: 1\na: 2\nb: 3\na: 4",
    "\ufeffa: 1", "a: \ufeff1", "a: \u00851", "a:\r\n  b: 1\r\n", "a: 1\rb: 2", "a: \"x\u2028y\"", "a: x\u2028  y", "a: \x07", "a: \"\x07\"", "a: 'it''s'\nb: it's", "a: [\n1,\n2\n]", "a: {\nb: 1,\nc: 2 }", "- a\n-b", "- - a\n  - b", "a:\n  b:\n    c:\n      d: [1, {e: f}]",
    "a: |\n  x\n   y\n z", "a: >\n  x\n\n   y\n  z\n", "a: |\n\n\n  x", "a: !!str\nb: 1", "key with space: 1\n1: int\n1.5: float\nyes: bool\n~: null\n2001-01-01: date", "a: - b", "a: 'b\n c'", "a: b\nc", "a", "'a'", "- 1", "a: 1 # x\n# y\nb: 2", "a: #x", "a:\n  # x\n  b: 1",
    "base: &b {x: 1}\nuse:\n  <<: *b\n  y: 2", "use:\n  y: 2\n  <<: {x: 1, y: 3}", "a: !!merge x", "? |\n  block key\n: - one\n  - two", "{a: 1}", "[a, b]", "a: {b: 1}}", "a: " + "[" * 30 + "]" * 30, "x" * 200 + ": 1", "{" + "x" * 1500 + ": 1}", "x" * 1500 + ": 1",
    "a: 'x\u0000'", "a: \u00a0x", "a: \ud7ff\ue000", "a: \ufffe", "a: 😀", "😀: 1",
]

TEMPLATES = [
    "", "x", "python t.py", "{a}", "{a}{a}", "{a} {b}", "python t.py --a {a} --b={b}", "{{}}", "{{a}}", "{{{a}}}", "{{{{a}}}}", "a}}b", "a{{b", "}}{{", "{", "}", "{{{", "}}}", "{a", "a}", "{a}}", "{{a}", "{a}}}", "{}", "{0}", "{00}", "{1}", "{٣}", "{-1}", "{ a}", "{a }", "{c}",
    "{A}", "{a-b}", "{a b}", "{a_b}", "{ä}", "{True}", "{None}", "{a:}", "{a!s}", "{a!s:}", "{a:s}", "{a:10}", "{a:<10}", "{a:>10}", "{a:^10}", "{a:^11}", "{a:_>10s}", "{a:x<10}", "{a:010}", "{a:<010}", "{a:x<010}", "{a:0}", "{a:00}", "{a:1}", "{a:>}", "{a:<s}", "{b:>3}", "{e:5}", "{e}", "{q}", "{q:10}",
    "{a:d}", "{a:x}", "{a:f}", "{a:=10}", "{a:+}", "{a:-}", "{a: }", "{a:#}", "{a:,}", "{a:_}", "{a:n}", "{a:ss}", "{a:10x}", "{a:%}", "{a:z}", "{a:99999999999999999999}", "{a!}", "{a!x}", "{a!s", "{a!ss}", "{a!:s}", "{a:", "{a:{", "{a:{}", "{a:}}", "{a:{b", "{a[}", "{a]}", "{a[]}", "{a.}", "{.a}", "{[a]}", "{a{b}}", "{a{b}", "{!s}", "{:s}", "{a.b}", "{a[x]}",
    "bash -c 'echo {a}'", "awk '{{print $1}}' {a}", "for i in 1 2; do echo {a}; done", "echo \"{a}\"", "a\nb {a}\n", "  {a}  ", "${{HOME}} {a}", "{a}ä日{b}😀", "\\{a}", "\\{{a\\}}", "%s {a} %(a)s", "{a}" * 20, "{a:>10}|{b:<5}|",
]

TEMPLATES_REFUSED = ["{a!r}", "{a!a}", "{a!r:>10}", "{a[0]}", "{b[1]}", "{a.__class__}", "{a.__doc__}", "{a:.3}", "{a:10.2}", "{a:.0s}", "{a:{w}}", "{a:>{w}}", "{a:'>9}", "{a:;<9}", "{a:\\>9}", "{a:$^9}", "{a:10001}", "{a:ä<10}"]


def write(name, rows):
    TABLES.mkdir(parents=True, exist_ok=True)
    with open(TABLES / name, "w", encoding="utf-8", newline="\n") as out:
        for row in rows:
            out.write(json.dumps(row) + "\n")
    print(f"{name}: {len(rows)} rows")


def attempt(row, call):
    """Adds what call gives, or that it raises. What it raises is no text to compare."""
    try:
        row.update(call())
    except RecursionError:
        raise
    except Exception as error:
        row["error"] = type(error).__name__
    return row


def yaml_rows():
    texts = list(dict.fromkeys([f"a: {scalar}" for scalar in SCALARS] + [f"[{scalar}]" for scalar in SCALARS if "\n" not in scalar] + DOCUMENTS))
    refused = {f"a: {scalar}" for scalar in SCALARS_REFUSED} | {f"[{scalar}]" for scalar in SCALARS_REFUSED}
    taken = {f"a: {scalar}" for scalar in SCALARS_TAKEN} | {f"[{scalar}]" for scalar in SCALARS_TAKEN if "#" not in scalar}
    rows = []
    for text in texts:
        row = attempt({"text": text}, lambda: {"repr": repr(yaml.safe_load(text))})
        if text in refused:
            row["refused"] = True
        if text in taken:
            row["taken"] = True
        rows.append(row)
    return rows


def quote_rows():
    pairs = ["".join(pair) for pair in itertools.product("a'\" $\\é", repeat=3)]
    return [{"text": word, "quoted": shlex.quote(word)} for word in WORDS + [chr(c) for c in range(1, 256)] + pairs]


def format_rows():
    values = {"a": "x", "b": "'b c'", "e": "''", "q": "'a'\"'\"'b'", "a-b": "dash", "a b": "space", "a_b": "under", "ä": "uml", "True": "t", "None": "n", "w": "5"}
    rows = [attempt({"template": template, "values": values}, lambda: {"result": template.format(**values)}) for template in TEMPLATES]
    for template in TEMPLATES_REFUSED:
        rows.append({"template": template, "values": values, "result": template.format(**values), "refused": True})
    return rows


def project(parameters="{}", command="echo"):
    return f"entry_points:\n  main:\n    parameters: {parameters}\n    command: {json.dumps(command)}\n"


def command_cases():
    """(MLproject, entry point, parameters, files besides)"""
    for word in WORDS:
        yield project("{p: string}", "echo {p}"), "main", {"p": word}, {}
        yield project("{}", "echo"), "main", {"x": word}, {}
        if word:
            yield project("{}", "echo"), "main", {word: "v"}, {}
    for scalar in SCALARS:
        if "\n" not in scalar and scalar not in SCALARS_REFUSED | SCALARS_TAKEN:
            yield f"entry_points:\n  main:\n    parameters:\n      p:\n        default: {scalar}\n    command: 'echo {{p}}'\n", "main", {}, {}
    for kind in ["float", "int", "string", "str", "bool", "path", "uri", "nonsense", "''"]:
        for value in ["0.5", "notafloat", "", "a b", "data.csv", "missing.csv", "sub/data.csv", "s3://b/k", "http://h/x y", "runs:/r/a", "x:", "1x:y", "models:/m/1", "file://host/x"]:
            if kind == "path" and (value == "" or ":" in value):
                continue
            yield project(f"{{p: {kind}}}", "cat {p}"), "main", {"p": value}, {"data.csv": "", "sub/data.csv": ""}
            yield project(f"{{p: {{type: {kind}, default: {json.dumps(value)}}}}}", "cat {p}"), "main", {}, {"data.csv": "", "sub/data.csv": ""}
    for template in TEMPLATES:
        yield project("{a: string, b: {default: 'b c'}, e: {default: ''}, q: {default: \"a'b\"}}", template), "main", {"a": "x", "z": "1", "y": "2 3"}, {}
    declared = "{a: float, b: {type: int, default: 3}, c: {default: null}, d: {type: string}}"
    for names in itertools.chain.from_iterable(itertools.combinations("abcdz", n) for n in range(6)):
        yield project(declared, "t {a} {b} {d}"), "main", {name: name.upper() for name in names}, {}
    for order in itertools.permutations(["x", "y y", "a", "z'"]):
        yield project("{a: string}", "t {a}"), "main", {name: name + "!" for name in order}, {}
    for keys in ["{1: {default: x}}", "{yes: {default: x}}", "{1.5: {default: x}}", "{~: {default: x}}", "{2001-01-01: {default: x}}", "{1: string}"]:
        for command in ["t", "t {1}", "t {True}", "t {None}"]:
            yield project(keys, command), "main", {}, {}
            yield project(keys, command), "main", {"other": "1"}, {}
    for declaration in ["{p: }", "{p: 5}", "{p: [a]}", "{p: yes}", "[p]", "~", "5", "{p: {}}", "{p: {type: }}", "{p: {type: 5, default: 1}}", "{p: {default: }}", "{p: {type: uri, default: 5}}", "{p: {type: path, default: 5}}", "{p: {type: Path, default: 5}}", "{p: {type: uri, default: {a: b}}}"]:
        yield project(declaration, "t"), "main", {}, {}
        yield project(declaration, "t"), "main", {"p": "v"}, {}
    whole = [
        "", "a", "[]", "{}", "name: x", "entry_points:", "entry_points: []", "entry_points: {}", "entry_points: {main: }", "entry_points: {main: {}}", "entry_points: {main: {command: }}", "entry_points: {main: {command: 5}}", "entry_points: {main: {command: [a]}}",
        "entry_points: {main: {command: a}}", "entry_points: {main: {command: 'a {x}', parameters: {x: {default: [1, 'a b', ~]}}}}", "entry_points: {other: {command: a}}", "entry_points: {yes: {command: a}, main: {command: b}}", "entry_points: {main: {command: a}, other: 5}", "entry_points: {main: {command: a}, other: {command: '{bad'}}",
        "entry_points: {main: {command: a}, other: {parameters: {p: }}}", "entry_points: {main: {command: |\n    a\n}}", "entry_points:\n  main:\n    command: |\n      set -e\n      python a.py {x}\n    parameters:\n      x: {default: 1}\n", "entry_points:\n  main:\n    command: >\n      python a.py\n      --x {x}\n    parameters:\n      x: {default: .1}\n",
        "unknown: 1\nentry_points: {main: {command: a, unknown: 2}}", "name: 5\nentry_points: {main: {command: a}}", "python_env: nothing.yaml\nentry_points: {main: {command: a}}", "conda_env: nothing.yaml\nentry_points: {main: {command: a}}", "python_env: ''\nentry_points: {main: {command: a}}", "python_env:\nentry_points: {main: {command: a}}", "python_env: data.csv\nentry_points: {main: {command: a}}",
        "python_env: p.yaml\nconda_env: c.yaml\nentry_points: {main: {command: a}}", "docker_env: {}\nconda_env: data.csv\nentry_points: {main: {command: a}}", "docker_env: {}\nentry_points: {main: {command: a}}", "docker_env: {image: x}\nentry_points: {main: {command: a}}", "docker_env: {image: }\nentry_points: {main: {command: a}}", "docker_env: {volumes: [a]}\nentry_points: {main: {command: a}}", "docker_env: {image: x, volumes: [a, 1]}\nentry_points: {main: {command: a}}",
        "docker_env: {image: x, volumes: a}\nentry_points: {main: {command: a}}", "docker_env: {image: x, volumes: ['/a:/b'], environment: [A, [B, c], [D, 1]]}\nentry_points: {main: {command: a}}", "docker_env: {image: x, environment: {A: b}}\nentry_points: {main: {command: a}}", "docker_env: {image: x, environment: [5]}\nentry_points: {main: {command: a}}", "docker_env: [x]\nentry_points: {main: {command: a}}", "docker_env: x\nentry_points: {main: {command: a}}",
        "databricks_spark_job: {}\nentry_points: {}", "databricks_spark_job: {python_file: a.py}\nentry_points: {main: {command: a}}", "databricks_spark_job: {python_file: a.py}\ndocker_env: {image: x}", "databricks_spark_job:\nentry_points: {main: {command: a}}",
    ]
    for text in whole:
        for entry_point in ["main", "other", "train.py"]:
            yield text, entry_point, {}, {"data.csv": ""}
    for entry_point in ["train.py", "sub/train.py", "a b.py", "it's.py", "x.sh", "x.R", "x.r", "x.PY", ".py", "a.b.py", "a.py.txt", "train", "", "True", "True.py", "..py", "sub.d/x", "é.py", "dir/.py", "a'b.R", "x.py "]:
        yield None, entry_point, {}, {}
        yield project("{}", "a"), entry_point, {"x": "1 2", "y": ""}, {}


def command_rows():
    rows = []
    for mlproject, entry_point, parameters, files in command_cases():
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as storage:
            folder = os.path.realpath(folder)
            for name, text in {**files, **({} if mlproject is None else {"MLproject": mlproject})}.items():
                path = pathlib.Path(folder, name)
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(text.encode())
            os.chdir(folder)

            def run():
                found = _project_spec.load_project(folder).get_entry_point(entry_point)
                found._validate_parameters(parameters)
                params, extra = found.compute_parameters(parameters, storage_dir=None)
                line = found.compute_command(parameters, storage)
                if "\0" in line:
                    raise ValueError("embedded null byte")
                return {"line": line.replace(folder, "/FOLDER"), "logged": [*params.items(), *extra.items()]}

            row = {"mlproject": mlproject, "entry_point": entry_point, "parameters": list(parameters.items()), "files": list(files)}
            rows.append(attempt(row, run))
            os.chdir("/")
    return rows


def environment_cases():
    """(files, manager)"""
    for text in [
        "", "{}", "[]", "a", "python: '3.10'", "python: 3.10", "python: ''", "python:", "python: \"3.11.7\"\nbuild_dependencies: [pip, setuptools==65.5.0]\ndependencies: [numpy]", "dependencies: [numpy, 'pandas>=1.0', \"a; python_version < '3'\"]",
        "dependencies: [-r requirements.txt]", "dependencies: [-r requirements.txt, numpy]", "dependencies: ['--requirement requirements.txt']", "dependencies: [-r missing.txt]", "dependencies: [-c constraints.txt, numpy]", "dependencies: ['-r  requirements.txt ']", "dependencies: ['-rrequirements.txt']", "dependencies: [-r sub/more.txt]",
        "dependencies: numpy", "dependencies: {a: b}", "dependencies: [1]", "dependencies: [~]", "dependencies:", "dependencies: []", "build_dependencies: pip", "build_dependencies: []", "unknown: 1", "python: '3.9'\nname: x", "dependencies: [numpy # x, 'scipy # y', '# z', '']", "dependencies: ['b', 'a', 'B', '_', 'ä', '😀', '\ufffd']",
        "dependencies: ['a \\', 'b']", "dependencies: ['a\\\\', 'b']", "dependencies: ['last\\\\']", "dependencies: [\"it's\", 'say \"x\"', \"both ' and \\\"\"]", "dependencies: [-r circle.txt]",
    ]:
        yield {"MLproject": "name: x", "python_env.yaml": text}, "uv"
    for text in [
        "", "{}", "dependencies: []", "dependencies:", "dependencies: [python=3.10, pip, {pip: [numpy]}]", "dependencies: [python=3.8.13, pip=21, setuptools, wheel<1, {pip: [a, b]}]", "dependencies: [python]", "dependencies: ['python<3']", "dependencies: ['python>=3.9']", "dependencies: ['python>3']", "dependencies: ['python!=3']", "dependencies: [python==3.9, python=3.8]",
        "dependencies: [numpy, scipy=1.0, python=3.10]", "dependencies: [python=3.10, {pip: }]", "dependencies: [python=3.10, {pip: x}]", "dependencies: [python=3.10, {conda: [x]}]", "dependencies: [5]", "dependencies: [python=3.10, {pip: [a]}, {pip: [b]}]", "dependencies: [python=, pip]", "dependencies: ['python=3.10', 'pip<=23', 'pip!=22']", "channels: [x]\nname: y\ndependencies: [python=3.10, {pip: [-r requirements.txt]}]",
        "dependencies: ['python 3.10']", "dependencies: [python=3.10.*]", "dependencies: [conda-forge::python=3.10]", "dependencies: ['python=3.10', pip==20.1]",
    ]:
        yield {"MLproject": "name: x", "conda.yaml": text}, "uv"
    yield {}, "uv"
    yield {"MLproject": "name: x"}, "uv"
    yield {"MLproject": "python_env: env/p.yaml", "env/p.yaml": "dependencies: [-r requirements.txt]"}, "uv"
    yield {"MLproject": "conda_env: env/c.yaml", "env/c.yaml": "dependencies: [python=3.9, {pip: [x]}]"}, "uv"
    for text in ["dependencies: [python=3.9]", "name: ä\r\nprefix: /x\rdependencies:\n- python=3.9 # 😀\n", "dependencies: [python=3.9, {pip: [numpy, '--pre']}]", "[]", ""]:
        yield {"MLproject": "conda_env: env/c.yaml", "env/c.yaml": text}, "conda"
    yield {"MLproject": "name: x", "python_env.yaml": "python: '3.9'", "conda.yaml": "dependencies: [python=3.8]"}, "uv"
    yield {"MLproject": "name: x", "python_env.yaml": "python: '3.9'"}, "conda"
    yield {"MLproject": "name: x"}, "conda"


def environment_rows():
    common = {"requirements.txt": "pandas\n\n# c\n-c constraints.txt\n -r sub/more.txt\nnumpy==1.0 \\\n  --hash=sha256:00\n", "constraints.txt": "z<2\n", "sub/more.txt": "-r deep.txt\nmore", "sub/deep.txt": "deep # c\n", "circle.txt": "x"}
    rows = []
    for files, manager in environment_cases():
        with tempfile.TemporaryDirectory() as folder:
            for name, text in {**common, **files}.items():
                path = pathlib.Path(folder, name)
                path.parent.mkdir(exist_ok=True)
                path.write_text(text, encoding="utf-8")

            def run():
                loaded = _project_spec.load_project(folder)
                if manager == "conda":
                    if loaded.env_type == "python_env":
                        raise ValueError
                    # conda refuses what is no mapping, when it is run.
                    if not isinstance(yaml.safe_load(pathlib.Path(loaded.env_config_path).read_text(encoding="utf-8")), dict):
                        raise ValueError
                    return {"kind": "conda", "name": conda._get_conda_env_name(loaded.env_config_path)}
                env = environment._PythonEnv
                if loaded.env_type == "conda_env":
                    found = env.from_conda_yaml(loaded.env_config_path)
                else:
                    found = env.from_yaml(loaded.env_config_path) if loaded.env_config_path else env()
                "\n".join(found.build_dependencies)
                return {"kind": "python", "name": virtualenv._get_virtualenv_name(found, pathlib.Path(folder))}

            rows.append(attempt({"files": {**common, **files}, "manager": manager, "python": environment.PYTHON_VERSION}, run))
    return rows


if __name__ == "__main__":
    write("yaml.jsonl", yaml_rows())
    write("quote.jsonl", quote_rows())
    write("format.jsonl", format_rows())
    write("command.jsonl", command_rows())
    write("environment.jsonl", environment_rows())
