"""How single values are spelled: numbers, enums, nesting, and what a bad one takes with it."""

from __future__ import annotations

from ..dsl import JSON_TYPE, Case
from .common import get_run, with_experiment, with_run

# fmt: off
FLOATS = (
    "NaN", "Infinity", "-Infinity", "-NaN", "+Infinity", "nan", "inf", '"NaN"', '"Infinity"',
    '"-Infinity"', '"+Infinity"', '"infinity"', '"INF"', '"-nan"', '"nan"', "1e309", "-1e309", "1e-400",
    '"1e309"', '"1e-400"', ".5", "5.", '".5"', '"5."', "00.5", '"1,5"', "1.0000000000000000000000001",
    '"٥"',
)
# fmt: on
# fmt: off
INTEGERS = (
        "5",
        "-5",
        "0",
        "-0",
        "5.0",
        "5e0",
        "5E+2",
        "500e-2",
        "5.5",
        '"5"',
        '"5.0"',
        '"5e0"',
        '" 5 "',
        '"+5"',
        '"0x5"',
        '"05"',
        "05",
        "+5",
        "1e3",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "-9223372036854775809",
        '"9223372036854775807"',
        '"9223372036854775808"',
        "1e18",
        "1e19",
        "9007199254740993",
        "9007199254740993.0",
        "9" * 40,
        "9" * 400,
        "9" * 5000,
        "NaN",
        "Infinity",
        '"NaN"',
        "true",
        "false",
        "null",
        '""',
        '"five"',
        "1e400",
        "0.0",
        '"٥"',
        '"1_000"',
)
# fmt: on


def cases() -> list[Case]:
    return [
        _deep(),
        _numbers(),
        _enums(),
        _floats(),
        _parse_stops(),
    ]


def _deep() -> Case:
    c = with_run("deep")
    for depth in (50, 99, 100, 101, 500, 5000):
        for left, right in (("[", "]"), ('{"a":', "}")):
            value = left * depth + ("" if left == "[" else "1") + right * depth
            c.send(
                "POST",
                "runs/set-tag",
                '{"run_id": "${run}", "key": "k", "value": "v", "x": %s}' % value,
                f"{left} {depth} deep, unknown",
                JSON_TYPE,
            )
            c.send(
                "POST",
                "runs/set-tag",
                '{"run_id": "${run}", "key": "k", "value": %s}' % value,
                f"{left} {depth} deep, known",
                JSON_TYPE,
            )
    return c


def _numbers() -> Case:
    """One integer field, spelled in every way JSON and protobuf know."""
    c = with_experiment("numbers")
    for text in INTEGERS:
        raw = '{"experiment_id": "${exp}", "run_name": "r", "start_time": %s}' % text
        c.send("POST", "runs/create", raw, f"start_time {text[:30]}", JSON_TYPE)
    return c


def _enums() -> Case:
    c = with_run("enums")
    for text in (
        '"FINISHED"',
        '"finished"',
        '" FINISHED"',
        '"FINISHED "',
        "3",
        "3.0",
        '"3"',
        "4.5",
        "99",
        '"99"',
        "-1",
        "null",
        "true",
        '""',
        "[]",
        '["FAILED"]',
        '{"a": 1}',
        '"RUNNING,FAILED"',
        '"0x3"',
        "3e0",
    ):
        c.send(
            "POST",
            "runs/update",
            '{"run_id": "${run}", "status": %s}' % text,
            f"status {text}",
            JSON_TYPE,
        )
        c.send(
            "POST",
            "runs/update",
            '{"status": %s, "run_id": "${run}", "end_time": 5}' % text,
            f"status {text} first",
            JSON_TYPE,
        )
        c.send(
            "POST",
            "runs/search",
            '{"experiment_ids": ["${exp}"], "run_view_type": %s}' % text,
            f"view {text}",
            JSON_TYPE,
        )
    return c


def _floats() -> Case:
    """A bare NaN ends the parsing of the message where it stands; a quoted one does not."""
    c = with_run("floats")
    for number, text in enumerate(FLOATS):
        value, rest = f'"value": {text}', '"timestamp": 7, "step": 3'
        orders = {"last": f"{rest}, {value}", "first": f"{value}, {rest}"}
        for order, fields in orders.items():
            single = '{"run_id": "${run}", "key": "f%d %s", %s}' % (number, order, fields)
            c.send("POST", "runs/log-metric", single, f"value {text} {order}", JSON_TYPE)
            batch = (
                '{"run_id": "${run}", "metrics": [{"key": "b%d %s", %s}],'
                ' "tags": [{"key": "t%d %s", "value": "after"}]}'
            ) % (number, order, fields, number, order)
            c.send("POST", "runs/log-batch", batch, f"batch {text} {order}", JSON_TYPE)
    first = '{"value": %s, "run_id": "${run}", "key": "k", "timestamp": 7}'
    for text in ("NaN", '"NaN"', "1e309"):
        c.send("POST", "runs/log-metric", first % text, f"value {text} before all", JSON_TYPE)
    return get_run(c)


def _parse_stops() -> Case:
    """Parsing stops at the first bad field of the JSON text; what stood before it counts."""
    c = with_run("parse-stops")
    for fields in (
        '"run_id": "${run}", "end_time": 1.5, "status": "FAILED"',
        '"run_id": "${run}", "status": "FAILED", "end_time": 1.5',
        '"end_time": 1.5, "run_id": "${run}", "status": "FAILED"',
        '"run_id": "${run}", "foo": 1, "end_time": 9',
        '"run_id": "${run}", "run_name": null, "end_time": true, "status": "KILLED"',
        '"run_id": "${run}", "status": "BOGUS", "run_name": "after bogus"',
        '"run_id": "${run}", "run_name": 5, "end_time": 1',
        '"run_id": "${run}", "run_uuid": 5, "end_time": 11',
        '"run_uuid": 5, "run_id": "${run}", "end_time": 12',
        '"run_id": null, "end_time": 1.5',
    ):
        c.send("POST", "runs/update", "{" + fields + "}", fields, JSON_TYPE)
        get_run(c)
    return c
