"""The example that MLflow's documentation begins with, an elastic net of scikit-learn, from a folder and from Git: by the plugin and by mlflow itself.

The server must run projects and fetch from here: `MILLRACE_PROJECTS_RUNNER_GIT_SCHEMES=http MILLRACE_PROJECTS_RUNNER_GIT_ALLOW_PRIVATE_HOSTS=true`.
"""

import http.server
import os
import pathlib
import subprocess
import sys
import threading
import urllib.parse

import mlflow
import pandas
import pytest

from .test_projects import MLFLOW_3, command, git, projects, wait_until  # noqa: F401

# The server's jobs have MLflow 3, whose models the client of MLflow 2 does not find in their runs.
pytestmark = MLFLOW_3

FILES = {
    "MLproject": """
name: elastic
entry_points:
  main:
    parameters:
      alpha: {type: float, default: 0.5}
      l1_ratio: {type: float, default: 0.1}
    command: "python train.py {alpha} {l1_ratio}"
""",
    "train.py": """
import sys
import mlflow, pandas
from mlflow.models import infer_signature
from sklearn.linear_model import ElasticNet
from sklearn.metrics import mean_squared_error, r2_score
from sklearn.model_selection import train_test_split

alpha, l1_ratio = float(sys.argv[1]), float(sys.argv[2])
data = pandas.read_csv("wine.csv")
train, test = train_test_split(data, random_state=7)
with mlflow.start_run():
    model = ElasticNet(alpha=alpha, l1_ratio=l1_ratio, random_state=7)
    model.fit(train.drop(columns="quality"), train.quality)
    found = model.predict(test.drop(columns="quality"))
    mlflow.log_metrics({"rmse": mean_squared_error(test.quality, found) ** 0.5, "r2": r2_score(test.quality, found)})
    mlflow.sklearn.log_model(model, "model", signature=infer_signature(train.drop(columns="quality"), found))
""",
    "wine.csv": "acidity,sugar,quality\n" + "".join(f"{n % 7},{n % 11 / 2},{3 + n % 7 * 0.4 + n % 11 * 0.1}\n" for n in range(100)),
}


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "repository" / "examples" / "elastic"
    made.mkdir(parents=True)
    for name, text in FILES.items():
        (made / name).write_text(text)
    return made


@pytest.fixture
def repository(folder, tmp_path):
    """The folder's repository, served as Git hosts do; its URL."""
    top = tmp_path / "repository"
    git(top, "init", "-q", "-b", "main")
    git(top, "add", ".")
    git(top, "commit", "-q", "-m", "one")
    git(top, "tag", "v1")
    (folder / "train.py").write_text("raise SystemExit('not the tag')")
    git(top, "commit", "-q", "-a", "-m", "two")
    git(tmp_path, "clone", "-q", "--bare", str(top), "served/elastic.git")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), backend(tmp_path / "served")) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/elastic.git"
        server.shutdown()


def backend(root):
    """What answers for Git: its own CGI program."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self):
            path, _, query = self.path.partition("?")
            environment = {
                "PATH": os.environ["PATH"],
                "GIT_PROJECT_ROOT": str(root),
                "GIT_HTTP_EXPORT_ALL": "1",
                "PATH_INFO": urllib.parse.unquote(path),
                "QUERY_STRING": query,
                "REQUEST_METHOD": self.command,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            }
            done = subprocess.run(["git", "http-backend"], input=self.body(), capture_output=True, env=environment, check=True)
            head, _, content = done.stdout.partition(b"\r\n\r\n")
            headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
            self.send_response(int(headers.pop("Status", "200").split()[0]))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = answer

        def body(self):
            if self.headers.get("Transfer-Encoding") != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length", 0)))
            chunks = []
            while size := int(self.rfile.readline(), 16):
                chunks.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(chunks)

        def log_message(self, *arguments):
            pass

    return Handler


@pytest.fixture(autouse=True)
def this_python(monkeypatch):
    # What mlflow itself starts must find this Python, as what the server starts does.
    monkeypatch.setenv("PATH", os.pathsep.join([str(pathlib.Path(sys.executable).parent), os.environ["PATH"]]))


def outcome(client, experiment):
    [run] = wait_until(lambda: [run for run in client.search_runs([experiment]) if run.info.status in ("FINISHED", "FAILED")])
    tags = {name: value for name, value in run.data.tags.items() if name.startswith(("mlflow.source.", "mlflow.project.e", "mlflow.gitRepoURL"))}
    model = mlflow.sklearn.load_model(f"runs:/{run.info.run_id}/model")
    predicted = model.predict(pandas.DataFrame({"acidity": [1.0, 3.0], "sugar": [2.0, 4.0]})).tolist()
    return {"status": run.info.status, "params": run.data.params, "metrics": run.data.metrics, "tags": tags, "predicted": predicted}


def test_an_elastic_net_from_a_folder(folder, client, unique):
    seen = {}
    for backend in ("local", "millrace"):
        experiment = client.create_experiment(unique())
        done = command("mlflow", "run", str(folder), "-P", "alpha=0.7", "--env-manager", "local", "--experiment-id", experiment, "--backend", backend)
        assert done.returncode == 0, done.stderr
        seen[backend] = outcome(client, experiment)
    assert seen["millrace"] == seen["local"]
    assert seen["local"]["params"]["alpha"] == "0.7" and 0 < seen["local"]["metrics"]["rmse"] < 1


def test_an_elastic_net_from_git(repository, client, unique):
    seen = {}
    for backend in ("local", "millrace"):
        experiment = client.create_experiment(unique())
        run = mlflow.projects.run(
            f"{repository}#examples/elastic", version="v1", parameters={"l1_ratio": 0.3}, experiment_id=experiment, backend=backend, env_manager="local"
        )
        assert run.get_status() == "FINISHED"
        seen[backend] = outcome(client, experiment)
    assert seen["millrace"] == seen["local"]
    assert seen["local"]["params"]["l1_ratio"] == "0.3"
