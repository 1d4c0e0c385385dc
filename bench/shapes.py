"""Times MLflow's server and Millrace with stores of shapes that others have published. Run by `bench/shapes`.

Each shape is loaded through the API, four writers at once, into an experiment for each writer or more; then a few requests are sent, one after
the other, each three times. The least time of each counts: a busy machine only adds to it.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import time
from typing import NamedTuple

import bench
import data
import report
import servers

WRITERS = 4
BATCH = 1000


class Shape(NamedTuple):
    name: str
    experiments: int
    runs: int
    keys: int
    steps: int


SHAPES = [
    # mlflow#23253
    Shape("100 runs of 13,000 metrics", 1, 100, 13_000, 1),
    # A fifteen-hundredth of 50 x 1,500 x 1,500 x 20: MLflow would take days for all of it.
    Shape("50 experiments of a run of 1,500 metrics of 20 steps", 50, 1, 1_500, 20),
]


def fill(loader, experiment, shape):
    """A run with its metrics; its id."""
    now = 1_700_000_000_000
    run = loader.post("runs/create", {"experiment_id": experiment, "start_time": now})["run"]["info"]["run_id"]
    points = [{"key": f"w{k}", "value": k + s / 100, "timestamp": now + s, "step": s} for s in range(shape.steps) for k in range(shape.keys)]
    for begin in range(0, len(points), BATCH):
        loader.post("runs/log-batch", {"run_id": run, "metrics": points[begin : begin + BATCH]})
    return run


def least(request):
    times = []
    for _ in range(3):
        began = time.monotonic()
        request()
        times.append(time.monotonic() - began)
    return min(times)


def measure(server, shape):
    loader = data.Loader(server)
    experiments = [loader.post("experiments/create", {"name": f"{shape.name} {n}"})["experiment_id"] for n in range(shape.experiments)]
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(WRITERS) as pool:
        runs = list(pool.map(lambda experiment: fill(loader, experiment, shape), experiments * shape.runs))
    seconds = time.monotonic() - began
    loader = data.Loader(server)  # MLflow has closed the idle connection meanwhile.
    get = "/api/2.0/mlflow/"
    search = {"experiment_ids": experiments, "max_results": 100}
    return {
        "metrics logged a second": shape.experiments * shape.runs * shape.keys * shape.steps / seconds,
        "runs/get, s": least(lambda: server.call("GET", f"{get}runs/get?run_id={runs[0]}")),
        "runs/search, 100 runs, s": least(lambda: loader.post("runs/search", search)),
        "runs/search, metrics.w1 > 0.5, by metrics.w2, 5 runs, s": least(
            lambda: loader.post("runs/search", search | {"filter": "metrics.w1 > 0.5", "order_by": ["metrics.w2 DESC"], "max_results": 5})
        ),
        "history of a metric, s": least(lambda: server.call("GET", f"{get}metrics/get-history?run_id={runs[0]}&metric_key=w1")),
        "MiB afterwards": server.memory(),
    }


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--work", type=pathlib.Path, required=True)
    options.add_argument("--out", type=pathlib.Path, required=True)
    options = options.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    both = [
        servers.mlflow(options.work, options.out, os.environ["BENCH_DATABASE_MLFLOW"]),
        servers.millrace(options.work, options.out, os.environ["BENCH_DATABASE_MILLRACE"]),
    ]
    lines = ["| shape | | MLflow | Millrace |", "|---|---|---|---|"]
    found = {}
    try:
        for server in both:
            server.start()
        for shape in SHAPES:
            seen = {server.name: measure(server, shape) for server in both}
            found[shape.name] = seen
            for name in seen["millrace"]:
                lines.append(f"| {shape.name} | {name} | {report.number(seen['mlflow'][name])} | {report.number(seen['millrace'][name])} |")
                print(lines[-1], flush=True)
    finally:
        for server in both:
            server.stop()
    lines += ["", f"{bench.machine()}, {os.environ['BENCH_DATABASE']}."]
    (options.out / "shapes.md").write_text("\n".join(lines) + "\n")
    (options.out / "shapes.json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
