"""Loads the same data into a server, through its API."""

import concurrent.futures
import http.client
import json
import random
import threading

RUNS = 2_000
WRITTEN = 400
HISTORY = 100_000
VERSIONS = 100
ARTIFACTS = 20
LARGE = 64 * 2**20
API = "/api/2.0/mlflow/"


class Loaded:
    """What the workloads need to know of the data in a server."""

    experiment: str
    lives: str
    runs: list
    written: list
    long_run: str
    large: str


class _Connections(threading.local):
    connection = None


class Loader:
    def __init__(self, server):
        self.server = server
        self.local = _Connections()

    def post(self, path, body):
        if self.local.connection is None:
            self.local.connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=300)
        self.local.connection.request("POST", API + path, json.dumps(body), {"Content-Type": "application/json"})
        answer = self.local.connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{self.server.name} answers {answer.status} to {path}: {content[:500]}")
        return json.loads(content)

    def run(self, experiment, number):
        values = random.Random(number)
        now = 1_700_000_000_000 + number * 1000
        run = self.post(
            "runs/create",
            {
                "experiment_id": experiment,
                "user_id": "bench",
                "run_name": f"run-{number}",
                "start_time": now,
                "tags": [{"key": "mlflow.user", "value": "bench"}, {"key": "mlflow.source.name", "value": "train.py"}],
            },
        )["run"]["info"]["run_id"]
        self.post(
            "runs/log-batch",
            {
                "run_id": run,
                "metrics": [{"key": f"m{i}", "value": values.random(), "timestamp": now, "step": 0} for i in range(20)],
                "params": [{"key": f"p{i}", "value": f"v{values.randrange(10)}"} for i in range(10)],
                "tags": [{"key": "t0", "value": f"x{values.randrange(5)}"}],
            },
        )
        self.post("runs/update", {"run_id": run, "status": "FINISHED", "end_time": now + 500})
        return run


def load(server, runs):
    """Returns `Loaded`."""
    loader = Loader(server)
    loaded = Loaded()
    loaded.experiment = loader.post("experiments/create", {"name": "bench"})["experiment_id"]
    loaded.lives = loader.post("experiments/create", {"name": "bench-lives"})["experiment_id"]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        loaded.runs = list(pool.map(lambda n: loader.run(loaded.experiment, n), range(runs)))
        # Like the others, but in an experiment that nobody searches: what is written to them would be read by the next round.
        loaded.written = list(pool.map(lambda n: loader.run(loaded.lives, n), range(WRITTEN)))
    loader = Loader(server)  # MLflow has closed the idle connection meanwhile.
    long_run = loader.post("runs/create", {"experiment_id": loaded.lives, "start_time": 1})["run"]["info"]
    loaded.long_run = long_run["run_id"]
    for begin in range(0, HISTORY, 1000):
        points = [{"key": "long", "value": i * 0.1, "timestamp": 1_700_000_000_000 + i, "step": i} for i in range(begin, begin + 1000)]
        loader.post("runs/log-batch", {"run_id": loaded.long_run, "metrics": points})
    for model in ("bench", "bench-new"):
        loader.post("registered-models/create", {"name": model})
    for i in range(VERSIONS):
        loader.post("model-versions/create", {"name": "bench", "source": f"s3://bucket/{i}", "run_id": loaded.runs[i % runs]})
    loader.post("registered-models/alias", {"name": "bench", "alias": "champion", "version": str(VERSIONS // 2)})
    folder = "/api/2.0/mlflow-artifacts/artifacts/"
    of_run = long_run["artifact_uri"].removeprefix("mlflow-artifacts:/")
    for i in range(ARTIFACTS):
        server.call("PUT", f"{folder}{of_run}/file-{i}.txt", b"x" * 1000)
    loaded.large = "bench/get/large.bin"
    server.call("PUT", folder + loaded.large, bytes(LARGE))
    return loaded
