"""Measures MLflow's server and Millrace in turns. Run by `bench/run`, which brings what this needs."""

import argparse
import datetime
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import time

import data
import report
import servers
import workloads

HERE = pathlib.Path(__file__).resolve().parent


def measure(server, loaded, workload, seconds, unique, work):
    """One turn: what wrk says, and what the server used for it."""
    experiment, runs = (loaded.lives, loaded.written) if workload.writes else (loaded.experiment, loaded.runs)
    ids = work / "runs"
    ids.write_text("\n".join(runs) + "\n")
    before = server.cpu()
    output = subprocess.run(
        [
            "wrk", f"-t{workload.threads}", f"-c{workload.connections}", f"-d{seconds}s", "--timeout", "120s",
            "-s", str(HERE / "load" / f"{workload.script}.lua"), server.url, "--",
            experiment, str(ids), unique, workload.argument(loaded),
        ],
        env={**os.environ, "LUA_PATH": f"{HERE}/load/?.lua;;"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = re.search(r"^RESULT (.*)$", output.stdout, re.M)
    if not found:
        raise SystemExit(f"wrk failed in {workload.name}:\n{output.stdout}{output.stderr}")
    result = json.loads(found.group(1))
    errors = sum(result[kind] for kind in ("status", "connect", "read", "write", "timeout"))
    good = result["requests"] - result["status"]
    return {
        "rate": good * workload.per_request / (result["microseconds"] / 1e6),
        "p50": result["p50"] / 1000,
        "p99": result["p99"] / 1000,
        "errors": errors,
        "requests": result["requests"],
        "memory": server.memory(),
        "cpu": (server.cpu() - before) * 1000 / max(result["requests"], 1),
    }


def median(turns):
    return {figure: statistics.median(turn[figure] for turn in turns) for figure in turns[0]} | {
        "errors": sum(turn["errors"] for turn in turns),
        "requests": sum(turn["requests"] for turn in turns),
    }


def machine():
    model = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    total = int(re.search(r"MemTotal:\s*(\d+)", pathlib.Path("/proc/meminfo").read_text()).group(1))
    return f"{os.cpu_count()} cores ({model.group(1) if model else platform.machine()}), {total / 2**20:.0f} GiB, {platform.system()}"


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--out", type=pathlib.Path, required=True)
    options.add_argument("--work", type=pathlib.Path, required=True)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seconds", type=int, default=5)
    options.add_argument("--runs", type=int, default=data.RUNS)
    options.add_argument("--only", default="", help="a regular expression of workloads")
    options.add_argument("--no-mlflow", action="store_true", help="Millrace alone, without ratios")
    options.add_argument("--no-start", action="store_true", help="leave out starting times")
    options = options.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    mlflow_database, millrace_database = os.environ["BENCH_DATABASE_MLFLOW"], os.environ.get("BENCH_DATABASE_MILLRACE")
    both = [servers.millrace(options.work, options.out, millrace_database)]
    if not options.no_mlflow:
        both.insert(0, servers.mlflow(options.work, options.out, mlflow_database))
    chosen = [w for w in workloads.ALL if re.search(options.only, w.name)]
    result = {
        "date": datetime.date.today().isoformat(),
        "machine": machine(),
        "database": os.environ["BENCH_DATABASE"],
        "runs": options.runs,
        "rounds": options.rounds,
        "seconds": options.seconds,
        "rows": [],
    }
    try:
        loaded = {}
        for server in both:
            server.start()
            print(f"{server.name}: loading", file=sys.stderr, flush=True)
            loaded[server.name] = data.load(server, options.runs)
        turns = {(workload.name, server.name): [] for workload in chosen for server in both}
        # Before the rounds that count everything once: caches fill, compilers see the code, which the workloads share.
        for number in range(options.rounds + 1):
            for workload in chosen:
                for server in both:
                    turn = measure(server, loaded[server.name], workload, options.seconds * workload.stretch, str(number), options.work)
                    if number:
                        turns[workload.name, server.name].append(turn)
            print(f"round {number} of {options.rounds}", file=sys.stderr, flush=True)
        for workload in chosen:
            medians = {server.name: median(turns[workload.name, server.name]) for server in both}
            result["rows"].append({"name": workload.name, "unit": workload.unit, "target": workload.target, "servers": medians})
        if not options.no_start:
            result["start"] = starts(both, options.rounds)
    finally:
        for server in both:
            server.stop()
    report.write(result, options.out)


def starts(both, rounds):
    """Seconds from the command to the first answer about data, and MiB ten seconds later."""
    turns = {server.name: [] for server in both}
    for server in both:
        server.stop()
    for _ in range(rounds):
        for server in both:
            seconds = server.start()
            time.sleep(10)
            turns[server.name].append({"seconds": seconds, "memory": server.memory()})
            server.stop()
    return {name: {k: statistics.median(t[k] for t in each) for k in each[0]} for name, each in turns.items()}


if __name__ == "__main__":
    main()
