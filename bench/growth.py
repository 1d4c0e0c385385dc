"""How Millrace's answers slow down as a store on PostgreSQL grows. Run by `bench/growth`.

Runs are put into its tables by SQL, which is what makes a million possible: each has 30 metrics, 30 params and 3 tags, in experiments
of at most 100,000 runs. After each size the same requests are measured, one after the other on an idle server: p50 and p99 of each.
At the end points are added to the histories, up to a number, and their table and its index are weighed.

Where much is put in at once, indexes are dropped before and made anew after. They are then denser than those that grew.
"""

import argparse
import contextlib
import hashlib
import http.client
import json
import os
import pathlib
import random
import statistics
import subprocess
import time

import servers

PER_EXPERIMENT = 100_000
METRICS = 30

# Of a run and a metric; the same in the point and the latest value.
VALUE = "hashint8(n::bigint * 31 + i)::double precision / 4294967296 + 0.5"
# Numbers of keys and experiments are given here, far above what the server gives itself meanwhile.
SEED = """
INSERT INTO keys (key_id, name)
  SELECT 1000000 + i, 'gm' || i FROM generate_series(0, {metrics} - 1) i
  UNION ALL SELECT 2000000 + i, 'gp' || i FROM generate_series(0, {metrics} - 1) i
  UNION ALL SELECT 3000000 + i, 'gt' || i FROM generate_series(0, 2) i
  ON CONFLICT DO NOTHING;
INSERT INTO experiments (experiment_id, workspace, name, artifact_location, lifecycle_stage, creation_time, last_update_time)
  SELECT 1000000 + i, 'default', 'growth-' || i, 'mlflow-artifacts:/' || (1000000 + i), 'active', 0, 0
  FROM generate_series({first} / {per}, ({last} - 1) / {per}) i ON CONFLICT DO NOTHING;
INSERT INTO runs (run_no, run_id, experiment_id, name, user_id, status, start_time, end_time, lifecycle_stage, artifact_uri)
  SELECT 10000000 + n, md5('run' || n), 1000000 + n / {per}, 'run-' || n, 'bench', 'FINISHED', 1700000000000 + n, 1700000001000 + n, 'active',
    'mlflow-artifacts:/' || (1000000 + n / {per}) || '/' || md5('run' || n) || '/artifacts'
  FROM generate_series({first}, {last} - 1) n;
INSERT INTO latest_metrics (run_no, key_id, experiment_id, step, timestamp, value, is_nan)
  SELECT 10000000 + n, 1000000 + i, 1000000 + n / {per}, 0, 1700000000000 + n, {value}, false
  FROM generate_series({first}, {last} - 1) n, generate_series(0, {metrics} - 1) i;
INSERT INTO metric_points (run_no, key_id, timestamp, step, value, is_nan)
  SELECT 10000000 + n, 1000000 + i, 1700000000000 + n, 0, {value}, false
  FROM generate_series({first}, {last} - 1) n, generate_series(0, {metrics} - 1) i;
INSERT INTO params (run_no, key_id, experiment_id, value)
  SELECT 10000000 + n, 2000000 + i, 1000000 + n / {per}, 'v' || floor(random() * 100)
  FROM generate_series({first}, {last} - 1) n, generate_series(0, {metrics} - 1) i;
INSERT INTO tags (run_no, key_id, experiment_id, value)
  SELECT 10000000 + n, 3000000 + i, 1000000 + n / {per}, 'x' || floor(random() * 10)
  FROM generate_series({first}, {last} - 1) n, generate_series(0, 2) i;
"""

# More steps of every metric of some runs.
POINTS = """
INSERT INTO metric_points (run_no, key_id, timestamp, step, value, is_nan)
  SELECT 10000000 + n, 1000000 + i, 1700000000000 + s * 1000, s, random(), false
  FROM generate_series({first}, {last} - 1) n, generate_series(0, {metrics} - 1) i, generate_series(1, {steps}) s;
"""
BIG = ("runs", "latest_metrics", "metric_points", "params", "tags")
DEFINITIONS = """
SELECT c.relname || '	' || i.relname || '	' || coalesce(pg_get_constraintdef(k.oid), '') || '	' || pg_get_indexdef(i.oid)
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
LEFT JOIN pg_constraint k ON k.conindid = i.oid AND k.contype IN ('p', 'u')
WHERE c.relnamespace = 'public'::regnamespace AND c.relname IN ({tables})
"""


class Client:
    def __init__(self, server):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)

    def call(self, method, path, body=None):
        self.connection.request(method, "/api/2.0/mlflow/" + path, json.dumps(body) if body else None, {"Content-Type": "application/json"})
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{answer.status} to {path}: {content[:500]}")
        return json.loads(content)


def run_id(number):
    return hashlib.md5(f"run{number}".encode()).hexdigest()


def requests(client, runs, values):
    """What is measured: by name, a function that sends one request."""
    experiment = str(1_000_000 + (runs - 1) // PER_EXPERIMENT)

    def run():
        return run_id(values.randrange(runs))

    def batch():
        now = int(time.time() * 1000)
        metrics = [{"key": f"gm{i % METRICS}", "value": values.random(), "timestamp": now + i, "step": i} for i in range(100)]
        client.call("POST", "runs/log-batch", {"run_id": run(), "metrics": metrics})

    def search(**more):
        return client.call("POST", "runs/search", {"experiment_ids": [experiment], "max_results": 100, **more})

    # Five of those that a filter finds: the more runs there are the more it finds, and the answer's size is not what is measured.

    def selective():
        a, b = values.sample(range(METRICS), 2)
        return search(
            filter=f"metrics.gm{a} > 0.5 and params.gp{b} = 'v{values.randrange(100)}' and tags.gt0 = 'x{values.randrange(10)}'",
            order_by=[f"metrics.gm{values.randrange(METRICS)} DESC"],
            max_results=5,
        )

    # A page deep in an order: the token of the fiftieth.
    token = None
    for _ in range(min(50, runs // 200)):
        token = search(order_by=["metrics.gm1 DESC"], page_token=token or "").get("next_page_token")
    return {
        "log-batch of 100 metrics": batch,
        "runs/get": lambda: client.call("GET", f"runs/get?run_id={run()}"),
        "newest 100": search,
        "metric > and param = and tag =, by metric, first 5": selective,
        "by metric, first page": lambda: search(order_by=["metrics.gm1 DESC"]),
        "by metric, page 50": lambda: search(order_by=["metrics.gm1 DESC"], page_token=token),
        "metric > 0.999, newest 5": lambda: search(filter="metrics.gm2 > 0.999", max_results=5),
    }


def measure(request, count):
    times = []
    for _ in range(count):
        began = time.perf_counter()
        request()
        times.append((time.perf_counter() - began) * 1000)
    return {"p50": statistics.median(times), "p99": sorted(times)[int(len(times) * 0.99)]}


def psql(database, sql):
    output = subprocess.run(
        [os.environ["BENCH_PSQL"], "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database], input=sql, capture_output=True, text=True
    )
    if output.returncode:
        raise SystemExit(output.stderr)
    return output.stdout


@contextlib.contextmanager
def without_indexes(database, tables):
    """Inside, the tables have no indexes."""
    lines = psql(database, DEFINITIONS.format(tables=", ".join(f"'{table}'" for table in tables))).splitlines()
    found = [line.split("\t") for line in lines]
    for table, name, constraint, _ in found:
        psql(database, f"ALTER TABLE {table} DROP CONSTRAINT {name}" if constraint else f"DROP INDEX {name}")
    yield
    for table, name, constraint, index in found:
        made = f"ALTER TABLE {table} ADD CONSTRAINT {name} {constraint}" if constraint else index
        psql(database, f"SET maintenance_work_mem = '2GB'; {made}")


def load(database, first, last):
    for begin in range(first, last, 50_000):
        psql(database, SEED.format(first=begin, last=min(begin + 50_000, last), per=PER_EXPERIMENT, metrics=METRICS, value=VALUE))


SIZES = """
SELECT relname, pg_relation_size(c.oid), pg_indexes_size(c.oid), reltuples::bigint FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
WHERE relkind = 'r' AND nspname = 'public' AND relname IN ('runs', 'latest_metrics', 'metric_points', 'params', 'tags') ORDER BY 1
"""


def histories(server, database, runs, points):
    """Adds points, 1,000 steps to each metric of a run, and measures what writes and reads them: lines that say so."""
    missing = (points - runs * METRICS) // (METRICS * 1000)
    if missing <= 0:
        return []
    began = time.monotonic()
    with without_indexes(database, ("metric_points",)):
        for begin in range(0, missing, 200):
            psql(database, POINTS.format(first=begin, last=min(begin + 200, missing), metrics=METRICS, steps=1000))
    psql(database, "VACUUM ANALYZE metric_points")
    print(f"{points:,} points: loaded in {time.monotonic() - began:,.0f} s", flush=True)
    client = Client(server)
    values = random.Random(2)
    measured = {
        "log-batch of 100 metrics": requests(client, runs, values)["log-batch of 100 metrics"],
        "history of 1,001 points": lambda: client.call(
            "GET", f"metrics/get-history?metric_key=gm{values.randrange(METRICS)}&run_id={run_id(values.randrange(missing))}"
        ),
    }
    lines = ["", f"With {points:,} metric points:", ""]
    for name, request in measured.items():
        measure(request, 100)
        times = measure(request, 200)
        print(f"  {name}: {times}", flush=True)
        lines.append(f"- {name}: {times['p50']:.2f} / {times['p99']:.2f}")
    return lines


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--work", type=pathlib.Path, required=True)
    options.add_argument("--out", type=pathlib.Path, required=True)
    options.add_argument("--runs", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    options.add_argument("--points", type=int, default=100_000_000, help="metric points at the end")
    options.add_argument("--requests", type=int, default=200)
    options = options.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    database = os.environ["BENCH_DATABASE_MILLRACE"]
    server = servers.millrace(options.work, options.out, database)
    table = {}
    try:
        server.start()
        first = 0
        for last in options.runs:
            began = time.monotonic()
            with without_indexes(database, BIG) if last - first > PER_EXPERIMENT else contextlib.nullcontext():
                load(database, first, last)
            psql(database, "VACUUM ANALYZE")
            print(f"{last:,} runs: loaded in {time.monotonic() - began:,.0f} s", flush=True)
            first = last
            for name, request in requests(Client(server), last, random.Random(1)).items():
                measure(request, options.requests // 2)
                table.setdefault(name, {})[last] = measure(request, options.requests)
                print(f"  {name}: {table[name][last]}", flush=True)
        points = histories(server, database, first, options.points)
        sizes = psql(database, SIZES)
    finally:
        server.stop()
    lines = ["| request | " + " | ".join(f"{n:,} runs" for n in options.runs) + " | growth |", "|---|" + "---|" * (len(options.runs) + 1)]
    for name, row in table.items():
        cells = [f"{row[n]['p50']:.2f} / {row[n]['p99']:.2f}" for n in options.runs]
        lines.append(f"| {name} | " + " | ".join(cells) + f" | {row[options.runs[-1]]['p50'] / row[options.runs[0]]['p50']:.2f}x |")
    lines += ["", "p50 / p99 in milliseconds; growth is that of the p50.", *points, "", "Tables at the end (bytes, bytes of indexes, rows):", "", "```"]
    lines += [sizes.strip(), "```"]
    (options.out / "growth.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
