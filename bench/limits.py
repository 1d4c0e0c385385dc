"""How far Millrace is from what the machine allows. Run by `bench/limits`.

Beside Millrace itself, each workload is measured twice without it, in the same run, with the same connections and load generator:

- bare HTTP: Netty answers the same requests with bytes it keeps, those that Millrace answers (`Bare.java`);
- bare SQL: pgbench reads or writes the same rows in the same tables, a transaction a request, all statements of a request in one round trip
  where none needs the answer of another. Rows are not read into anything; nothing is checked.

A server has to do both, and both used up the machine: the limit is the rate of one after the other, 1 / (1/http + 1/sql).
It is none where commits are shared, which pgbench does not do.
"""

import argparse
import json
import os
import pathlib
import random
import re
import subprocess
import time
import urllib.request

import bench
import data
import report
import servers
import workloads

HERE = pathlib.Path(__file__).resolve().parent

# What Millrace sets in its sessions (`Database.PLANNER`): with PostgreSQL's own settings the searches here are planned worse, and slower.
SETTINGS = "-c random_page_cost=1.1 -c max_parallel_workers_per_gather=0 -c jit=off -c enable_mergejoin=off -c enable_memoize=off"

RUN = """
SELECT * FROM runs WHERE run_no = :run;
SELECT name, value, timestamp, step, is_nan FROM latest_metrics JOIN keys USING (key_id) WHERE run_no = :run;
SELECT name, value FROM params JOIN keys USING (key_id) WHERE run_no = :run;
SELECT name, value FROM tags JOIN keys USING (key_id) WHERE run_no = :run;
"""
# The runs first: what was logged to them is then asked for by their numbers.
NEWEST = """
SELECT string_agg(run_no::text, ',') AS found
FROM (SELECT run_no FROM runs WHERE experiment_id = :experiment ORDER BY start_time DESC, run_id LIMIT :page) AS newest \\gset
"""
PAGE = """
SELECT * FROM runs WHERE run_no = ANY(string_to_array(:found, ',')::bigint[]);
SELECT run_no, key_id, value, timestamp, step, is_nan FROM latest_metrics WHERE run_no = ANY(string_to_array(:found, ',')::bigint[]);
SELECT run_no, key_id, value FROM params WHERE run_no = ANY(string_to_array(:found, ',')::bigint[]);
SELECT run_no, key_id, value FROM tags WHERE run_no = ANY(string_to_array(:found, ',')::bigint[]);
"""
FILTERED = """
WITH found AS MATERIALIZED (
  SELECT o.run_no, o.value FROM latest_metrics m JOIN params p USING (run_no) JOIN tags t USING (run_no) JOIN latest_metrics o USING (run_no)
  WHERE m.experiment_id = :experiment AND m.key_id = {m} AND m.value > 0.5 AND p.key_id = {p} AND p.value = '{v}' AND t.key_id = {t} AND t.value = '{x}'
    AND o.key_id = {o} ORDER BY o.value DESC LIMIT 100)
SELECT run_no, name, user_id || status || artifact_uri, start_time FROM found JOIN runs USING (run_no)
UNION ALL SELECT run_no, k.name, l.value::text, l.step FROM found JOIN latest_metrics l USING (run_no) JOIN keys k USING (key_id)
UNION ALL SELECT run_no, k.name, l.value, 0 FROM found JOIN params l USING (run_no) JOIN keys k USING (key_id)
UNION ALL SELECT run_no, k.name, l.value, 0 FROM found JOIN tags l USING (run_no) JOIN keys k USING (key_id);
"""
HISTORY = """
SELECT timestamp, step, value, is_nan FROM metric_points WHERE run_no = :long_run AND key_id = :long ORDER BY timestamp, step, value;
"""
ALIAS = """
SELECT v.* FROM registered_models m JOIN registered_model_aliases a USING (model_no)
JOIN model_versions v ON v.model_no = m.model_no AND v.version = a.version WHERE m.name = 'bench' AND a.alias = 'champion';
"""
VERSION = """
UPDATE registered_models SET last_version = last_version + 1, last_update_time = :now WHERE name = 'bench-new';
INSERT INTO model_versions (model_no, workspace, name, version, creation_time, last_update_time, current_stage, source, storage_location, run_id, status)
  SELECT model_no, workspace, name, last_version, :now, :now, 'None', 's3://bucket/models/' || :now, 's3://bucket/models/' || :now,
    md5(:now::text), 'READY' FROM registered_models WHERE name = 'bench-new';
"""
POINTS = """
INSERT INTO metric_points (run_no, key_id, timestamp, step, value, is_nan)
  SELECT :run, :key + i % {keys}, 1700000000000 + :now + i, i, random(), false FROM generate_series(0, {points} - 1) i ON CONFLICT DO NOTHING;
INSERT INTO latest_metrics (run_no, key_id, experiment_id, step, timestamp, value, is_nan)
  SELECT :run, :key + i, :experiment, 0, 1700000000000 + :now, random(), false FROM generate_series(0, {keys} - 1) i
  ON CONFLICT (run_no, key_id) DO UPDATE SET step = excluded.step, timestamp = excluded.timestamp, value = excluded.value;
"""
PARAM = "INSERT INTO params (run_no, key_id, experiment_id, value) VALUES (:run, 10000 + :now, :experiment, '0.123456') ON CONFLICT DO NOTHING;\n"
CREATE = """
INSERT INTO runs (run_id, experiment_id, name, user_id, status, start_time, lifecycle_stage, artifact_uri)
  VALUES (md5(random()::text), :lives, 'life', 'bench', 'RUNNING', :now, 'active', 'mlflow-artifacts:/2/' || md5(random()::text) || '/artifacts');
INSERT INTO tags (run_no, key_id, experiment_id, value)
  SELECT currval('runs_run_no_seq'), :key + i, :lives, 'bench' FROM generate_series(0, 3) i;
"""
LOG = """
INSERT INTO metric_points (run_no, key_id, timestamp, step, value, is_nan)
  SELECT currval('runs_run_no_seq'), :key + i, :now, 0, random(), false FROM generate_series(0, 19) i;
INSERT INTO latest_metrics (run_no, key_id, experiment_id, step, timestamp, value, is_nan)
  SELECT currval('runs_run_no_seq'), :key + i, :lives, 0, :now, random(), false FROM generate_series(0, 19) i;
INSERT INTO params (run_no, key_id, experiment_id, value)
  SELECT currval('runs_run_no_seq'), :key + i, :lives, 'v1' FROM generate_series(0, 9) i;
INSERT INTO tags (run_no, key_id, experiment_id, value) VALUES (currval('runs_run_no_seq'), :key + 4, :lives, 'x1');
"""
FINISH = "UPDATE runs SET status = 'FINISHED', end_time = :now WHERE run_no = currval('runs_run_no_seq');\n"


def transaction(sql):
    return f"\\startpipeline\nBEGIN;\n{sql}COMMIT;\n\\endpipeline\n"


def scripts(keys):
    """For each workload that has SQL, the scripts of which pgbench takes one by chance each time, and how many requests one does."""
    values = random.Random(3)
    filtered = [
        FILTERED.format(
            m=keys[f"m{values.randrange(10)}"], o=keys[f"m{values.randrange(10, 20)}"], p=keys[f"p{values.randrange(10)}"], t=keys["t0"],
            v=f"v{values.randrange(10)}", x=f"x{values.randrange(5)}",
        )
        for _ in range(50)
    ]  # fmt: skip
    return {
        "get_run": ([f"\\startpipeline\n{RUN}\\endpipeline\n"], 1),
        "search_newest": ([f"{NEWEST}\\startpipeline\n{PAGE}\\endpipeline\n"], 1),
        "search_filter": (filtered, 1),
        "history": ([HISTORY], 1),
        "version_by_alias": ([ALIAS], 1),
        "create_version": ([transaction(VERSION)], 1),
        "log_metric": ([transaction(POINTS.format(points=1, keys=1))], 1),
        "log_param": ([transaction(PARAM)], 1),
        "log_batch": ([transaction(POINTS.format(points=1000, keys=100))], 1),
        "life_cycle": ([transaction(CREATE) + transaction(LOG) + transaction(FINISH)], 3),
    }


def first_answer(server, loaded, workload):
    """What Millrace answers to a request like those of the workload, in bytes."""
    api = "/api/2.0/mlflow/"
    run = loaded.runs[0]
    now = int(time.time() * 1000)
    search = {"experiment_ids": [loaded.experiment], "max_results": int(workload.argument(loaded) or 100)} if workload.script.startswith("search") else {}
    if workload.script == "search_filter":
        search |= {"filter": "metrics.m1 > 0.5 and params.p1 = 'v1' and tags.t0 = 'x1'", "order_by": ["metrics.m11 DESC"]}
    path, body = {
        "get_run": (f"runs/get?run_id={run}", None),
        "search_newest": ("runs/search", search),
        "search_filter": ("runs/search", search),
        "history": (f"metrics/get-history?run_id={loaded.long_run}&metric_key=long", None),
        "version_by_alias": ("registered-models/alias?name=bench&alias=champion", None),
        "create_version": ("model-versions/create", {"name": "bench-new", "source": "s3://bucket/models/0", "run_id": run}),
        "log_metric": ("runs/log-metric", {"run_id": run, "key": "m1", "value": 1, "timestamp": now, "step": 0}),
        "log_param": ("runs/log-parameter", {"run_id": run, "key": "first", "value": "1"}),
        "log_batch": ("runs/log-batch", {"run_id": run, "metrics": []}),
        "life_cycle": ("runs/create", {"experiment_id": loaded.lives, "run_name": "life", "start_time": now}),
        "artifact_list": (f"artifacts/list?run_id={loaded.long_run}", None),
    }[workload.script]
    request = urllib.request.Request(server.url + api + path, json.dumps(body).encode() if body else None, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return answer.read()


def pgbench(database, folder, found, workload, variables, seconds):
    """Requests a second."""
    texts, requests = found
    files = []
    for number, text in enumerate(texts):
        file = folder / f"{workload.script}-{number}.sql"
        file.write_text(f"\\set run random(1, :runs)\n\\set now random(1, 2000000000)\n{text}")
        files += ["-f", str(file)]
    output = subprocess.run(
        [
            os.environ["BENCH_PGBENCH"], "-n", "-M", "prepared", "-c", str(workload.connections), "-j", "2", "-T", str(seconds), *files,
            *(f"-D{name}={value}" for name, value in variables.items()), database,
        ],
        env={**os.environ, "PGOPTIONS": SETTINGS}, capture_output=True, text=True,
    )  # fmt: skip
    rate = re.search(r"^tps = ([\d.]+)", output.stdout, re.M)
    if output.returncode or not rate or "aborted" in output.stderr:
        raise SystemExit(f"pgbench failed in {workload.name}:\n{output.stdout}{output.stderr}")
    return float(rate.group(1)) * requests


def ask(database, sql):
    command = [os.environ["BENCH_PSQL"], "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", sql]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def bare_server(log):
    classpath = (HERE.parent / "standalone/target/classpath").read_text().strip()
    java = subprocess.run([HERE.parent / "build/find-jdk"], capture_output=True, text=True, check=True).stdout.strip()
    return servers.Server("bare", [f"{java}/bin/java", "-cp", classpath, str(HERE / "Bare.java"), "{port}"], log)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--work", type=pathlib.Path, required=True)
    options.add_argument("--out", type=pathlib.Path, required=True)
    options.add_argument("--seconds", type=int, default=5)
    options.add_argument("--only", default="", help="a regular expression of workloads")
    options = options.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    database = os.environ["BENCH_DATABASE_MILLRACE"]
    server = servers.millrace(options.work, options.out, database)
    bare = bare_server(options.out)
    lines = ["| workload | bare HTTP | bare SQL | both | Millrace | of the limit |", "|---|---|---|---|---|---|"]
    try:
        server.start()
        loaded = data.load(server, data.RUNS)
        keys = dict(line.split("|") for line in ask(database, "SELECT name, key_id FROM keys").splitlines())
        # Of further keys pgbench gives the numbers itself, far above those of the dictionary.
        variables = {
            "runs": data.RUNS, "experiment": loaded.experiment, "lives": loaded.lives, "long": keys["long"], "key": 1_000_000,
            "long_run": ask(database, f"SELECT run_no FROM runs WHERE run_id = '{loaded.long_run}'"),
        }  # fmt: skip
        ask(database, "INSERT INTO keys (key_id, name) SELECT 1000000 + i, 'bare' || i FROM generate_series(0, 99) i")
        ask(database, "VACUUM ANALYZE")
        sql = scripts(keys)
        bare.start()
        chosen = [w for w in workloads.ALL if w.script in {*sql, "artifact_list"} and w.connections <= 16 and re.search(options.only, w.name)]
        # Everything once before: the workloads share code that a new JVM has yet to compile.
        for workload in chosen:
            bench.measure(server, loaded, workload, 2 * options.seconds, "0", options.work)
        for workload in chosen:
            kept = first_answer(server, loaded, workload)
            urllib.request.urlopen(urllib.request.Request(bare.url + "/bare", kept, method="PUT")).read()
            rates = {}
            for target in (bare, server):
                # The first turn does not count.
                for number in (1, 2):
                    turn = bench.measure(target, loaded, workload, options.seconds, str(number), options.work)
                rates[target.name] = turn["rate"] / workload.per_request
            http, whole = rates["bare"], rates["millrace"]
            page = {"page": workload.argument(loaded)} if workload.script == "search_newest" else {}
            rows = pgbench(database, options.work, sql[workload.script], workload, variables | page, options.seconds) if workload.script in sql else None
            limit = http if rows is None else 1 / (1 / http + 1 / rows)
            shown = [report.number(rate) if rate else "" for rate in (http, rows, limit, whole)]
            lines.append(f"| {workload.name} | {' | '.join(shown)} | {whole / limit:.0%} |")
            print(lines[-1], flush=True)
    finally:
        bare.stop()
        server.stop()
    lines += ["", f"Requests a second; {bench.machine()}, {os.environ['BENCH_DATABASE']}."]
    (options.out / "limits.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
