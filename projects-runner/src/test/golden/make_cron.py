"""Writes src/test/resources/golden/cron.txt: which times croniter finds, in zones where clocks are not changed.

Run it with a Python that has croniter (7.0.0 wrote the table):

    python projects-runner/src/test/golden/make_cron.py

A line has an expression, a time, and the times behind it, with | between them. Of croniter's rules the ones of crontab(5) are
asked for: a field of days that begins with * restricts nothing. Tests of Java read the table only.
"""

import datetime
import pathlib

from croniter import croniter

TABLE = pathlib.Path(__file__).parent.parent / "resources" / "golden" / "cron.txt"

EXPRESSIONS = [
    "* * * * *", "0 * * * *", "*/5 * * * *", "*/7 * * * *", "0 0 * * *", "30 2 * * *", "59 23 31 12 *", "0 0 1 * *", "0 0 31 * *", "0 0 30 * *",
    "0 0 29 2 *", "15,45 8-17 * * 1-5", "0 9 * * mon", "0 9 * * MON-FRI", "0 0 * * 7", "0 0 * * 0", "0 0 * * 5-7", "0 0 * * sun,wed", "0 0 13 * 5",
    "0 0 1,15 * 3", "0 0 */2 * 1", "0 0 * */3 *", "0 12 * jan,JUL *", "0 0 1 1 *", "0-10/5 0 * * *", "5/20 * * * *", "0 */6 * * *", "1-59/2 1-23/2 * * *",
    "0 0 1-7 * *", "0 0 1-7 * 1", "0 0 10-20/5 3-5 *", "0 22 * * 1-5", "23 0-20/2 * * *", "5 4 * * sun", "0 0,12 1 */2 *", "0 4 8-14 * *", "10 0 1 4,7,10,1 *",
    "@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually", "*/59 * * * *", "0 0 * 2 *", "0 0 31 4,6,9,11,12 *", "7 7 7 7 *", "00 007 * * *",
    "0,0,1 3 * * *", "*,5 3 * * *", "0 0 * * */2", "0 0 * * 1-5/2", "0\t1  * * *",
]

STARTS = ["2023-12-31T23:59:00", "2024-02-28T12:34:56", "2025-06-15T00:00:00", "2099-12-31T23:58:59"]


def rows():
    for expression in EXPRESSIONS:
        for start in STARTS:
            at = datetime.datetime.fromisoformat(start)
            times = croniter(expression.replace("\t", " "), at, implement_cron_bug=True)
            yield [expression, start, *(times.get_next(datetime.datetime).isoformat() for _ in range(12))]


with open(TABLE, "w", encoding="utf-8") as out:
    for row in rows():
        out.write("|".join(row) + "\n")
