"""MLflow projects on the server, from the plugin of clients/python; what mlflow itself makes of the same project is the oracle.

The server must run projects (`./millrace --projects local`), and find the Python of this environment first on its PATH.
"""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time

import mlflow
import pytest
import requests
from mlflow.exceptions import ExecutionException, MlflowException

from .conftest import SERVER_URL, new_name

pytest.importorskip("millrace", reason="the plugin of clients/python is not installed")

LOCAL = {"env_manager": "local"}
UV = pathlib.Path(sys.executable).parent / "uv"


@pytest.fixture(scope="module", autouse=True)
def projects():
    answer = requests.get(f"{SERVER_URL}/api/2.0/millrace/projects/jobs", timeout=30)
    if answer.status_code != 200:
        if os.environ.get("MILLRACE_PROJECTS") == "1":
            pytest.fail(f"the server does not run projects: {answer.status_code} {answer.text}")
        pytest.skip("the server does not run projects")


PROJECTS = {
    "params": {
        "MLproject": """
name: params
entry_points:
  main:
    parameters:
      alpha: {type: float, default: 0.5}
      text: {type: string, default: "it's $HOME"}
      flag: {default: yes}
      small: {default: 1.0e-5}
      many: {default: [1, a b]}
      empty: {default: ''}
      data: {type: path, default: data/x.csv}
      link: {type: uri, default: "http://h/p?q=1&r=2"}
    command: "python train.py {alpha} {text} {flag} {small} {many} {empty} {data} {link} {{}}"
""",
        "train.py": """
import os, sys, mlflow
with mlflow.start_run():
    mlflow.log_param("args", repr([os.path.relpath(a) if a.startswith("/") else a for a in sys.argv[1:]]))
    mlflow.log_metric("count", len(sys.argv))
""",
        "data/x.csv": "1,2\n",
    },
    "scripts": {
        "train.py": """
import sys, mlflow
mlflow.log_param("args", repr(sys.argv[1:]))
""",
        "run.sh": 'python train.py "$@"\n',
    },
    "failing": {"MLproject": "entry_points: {main: {command: 'python train.py'}}", "train.py": "import mlflow\nmlflow.log_metric('m', 1)\nraise SystemExit(7)\n"},
    "killed": {"MLproject": "entry_points: {main: {command: 'kill -9 $$'}}"},
    "steps": {
        "MLproject": """
entry_points:
  main: {command: python main.py}
  step: {parameters: {n: int}, command: "python step.py {n}"}
""",
        "main.py": """
import mlflow
with mlflow.start_run():
    for n in range(2):
        mlflow.projects.run(".", "step", parameters={"n": n}, env_manager="local")
    mlflow.log_metric("steps", 2)
""",
        "step.py": """
import sys, mlflow
mlflow.log_metric("n", int(sys.argv[1]))
""",
    },
}

CASES = {
    "defaults": ("params", "main", {}),
    "given": ("params", "main", {"alpha": 0.25, "text": "a 'b' \"c\" ; $(id) `id` \\", "flag": "no"}),
    "unicode and newlines": ("params", "main", {"text": "ä 日本\n😀\t.", "empty": "*"}),
    "more than declared": ("params", "main", {"z": "1 2", "other": "it's", "text": "t"}),
    "types are not checked": ("params", "main", {"alpha": "notafloat"}),
    "python script": ("scripts", "train.py", {"x": "1", "y": "a b"}),
    "shell script": ("scripts", "run.sh", {"x": "1"}),
    "exit code": ("failing", "main", {}),
    "signal": ("killed", "main", {}),
    "steps": ("steps", "main", {}),
}


@pytest.fixture
def project(tmp_path):
    def make(name):
        for file, text in PROJECTS[name].items():
            path = tmp_path / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path / name

    return make


def outcome(client, experiment):
    """What is known of the experiment's runs, the parent first, without what differs from run to run."""
    runs = sorted(client.search_runs([experiment]), key=lambda run: run.info.start_time)
    numbers = {run.info.run_id: number for number, run in enumerate(runs)}
    found = []
    for run in runs:
        tags = dict(run.data.tags)
        for name in ("mlflow.runName", "mlflow.project.backend", "millrace.job.id"):
            tags.pop(name, None)
        if "mlflow.parentRunId" in tags:
            tags["mlflow.parentRunId"] = numbers[tags["mlflow.parentRunId"]]
            # Of what a step is run from: the job's folder on the server.
            del tags["mlflow.source.name"]
        found.append({"status": run.info.status, "params": run.data.params, "metrics": run.data.metrics, "tags": tags})
    return found


@pytest.mark.parametrize("case", CASES)
def test_runs_are_those_of_mlflow(case, project, client, unique, monkeypatch):
    name, entry_point, params = CASES[case]
    folder = project(name)
    monkeypatch.chdir(folder)
    # As everything here: a job finds its Python by the PATH.
    monkeypatch.setenv("PATH", os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"])
    monkeypatch.delenv("SHELL", raising=False)
    seen = {}
    for backend in ("local", "millrace"):
        experiment = client.create_experiment(unique())
        try:
            mlflow.projects.run(".", entry_point, parameters=params, experiment_id=experiment, backend=backend, **LOCAL)
            seen[backend, "raised"] = None
        except ExecutionException as problem:
            seen[backend, "raised"] = str(problem).split("'")[0]
        seen[backend] = outcome(client, experiment)
    assert seen["millrace"] == seen["local"]
    assert seen["millrace", "raised"] == seen["local", "raised"]
    assert len(seen["local"]) == (3 if name == "steps" else 1)


def test_where_a_project_comes_from_is_known(project, client, unique, monkeypatch):
    # What mlflow itself starts must find this Python, as what the server starts does.
    monkeypatch.setenv("PATH", os.pathsep.join([str(pathlib.Path(sys.executable).parent), os.environ["PATH"]]))
    folder = project("params")
    git(folder, "init", "-q")
    git(folder, "remote", "add", "origin", "https://me:secret@example.com/r.git")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "one")
    seen = {}
    for backend in ("local", "millrace"):
        experiment = client.create_experiment(unique())
        mlflow.projects.run(str(folder), parameters={"data": str(folder / "data")}, experiment_id=experiment, backend=backend, **LOCAL)
        [run] = client.search_runs([experiment])
        seen[backend] = {name: value for name, value in run.data.tags.items() if ".source." in name}
    assert seen["millrace"] == seen["local"]
    assert seen["local"]["mlflow.source.git.commit"] == git(folder, "rev-parse", "HEAD")


def test_a_version_of_a_folder_leaves_the_folder_alone(project, client, experiment):
    folder = project("scripts")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "one")
    git(folder, "branch", "old")
    first = git(folder, "rev-parse", "HEAD")
    (folder / "train.py").write_text("raise SystemExit(1)")
    git(folder, "commit", "-q", "-a", "-m", "two")
    run = mlflow.projects.run(str(folder), "train.py", version="old", experiment_id=experiment, backend="millrace", **LOCAL)
    tags = client.get_run(run.run_id).data.tags
    assert (tags["mlflow.source.git.commit"], tags["mlflow.source.git.branch"]) == (first, "old")
    assert git(folder, "rev-parse", "--abbrev-ref", "HEAD") == "main"
    assert git(folder, "status", "--porcelain") == ""
    with pytest.raises(ExecutionException, match="Unable to checkout version 'none'"):
        mlflow.projects.run(str(folder), "train.py", version="none", experiment_id=experiment, backend="millrace", **LOCAL)


MLFLOW_3 = pytest.mark.skipif(mlflow.__version__.startswith("2."), reason="what is asked of MLflow 3 is to be compared")
SHOWN = {
    "MLproject": "entry_points: {main: {parameters: {n: {default: 1}, data: path}, command: 'python show.py {data}'}}",
    "show.py": """
import os, sys, mlflow
path = sys.argv[1]
files = [os.path.join(folder, name) for folder, _, names in os.walk(path) for name in names] or [path]
with mlflow.start_run():
    mlflow.log_param("place", path[path.rindex("/param_"):])
    mlflow.log_param("seen", repr(sorted((os.path.relpath(file, path), open(file).read()) for file in files)))
""",
}
URIS = [
    "runs:/{run}/top.txt",
    "RUNS:/{run}/top.txt",
    "runs:/{run}/d/e/f.txt",
    "runs:/{run}/d/g ä.txt",
    "runs:/{run}/d/g%20%C3%A4.txt",
    "runs:/{run}/d",
    "runs:/{run}/d/",
    "runs:/{run}/",
    "{artifacts}/d/e",
    "runs:/{run}/top.txt?x=y#z",
    "models:/{name}/1",
    "models:/{name}/1/",
    "models:/{name}/1/e",
    "models:/{name}/1/e/f.txt",
    "models:/{name}@best/e/f.txt",
    "models:/{name}@best",
    "models:/{name}/latest",
    "models:/{model}",
]


@pytest.fixture(scope="module")
def artifacts():
    """A run, a version and a logged model, with files."""
    client, name = mlflow.MlflowClient(), new_name("files")
    experiment = client.create_experiment(name)
    run = client.create_run(experiment)
    for path, text in {"top.txt": "a", "d/e/f.txt": "bb", "d/g ä.txt": "c", "d/MLmodel": "x: 1\n"}.items():
        client.log_text(run.info.run_id, text, path)
    client.create_registered_model(name)
    client.create_model_version(name, f"runs:/{run.info.run_id}/d", run.info.run_id)
    client.set_registered_model_alias(name, "best", "1")
    model = client.create_logged_model(experiment, name="m")
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "MLmodel").write_text("x: 1\n")
        pathlib.Path(folder, "w").mkdir()
        pathlib.Path(folder, "w/b").write_text("www")
        client.log_model_artifacts(model.model_id, folder)
    client.finalize_logged_model(model.model_id, "READY")
    yield {"run": run.info.run_id, "artifacts": run.info.artifact_uri, "name": name, "model": model.model_id}
    client.delete_registered_model(name)
    client.delete_experiment(experiment)


@MLFLOW_3
@pytest.mark.parametrize("uri", URIS)
def test_paths_are_downloaded_as_mlflow_does(uri, artifacts, tmp_path, client, unique, monkeypatch):
    monkeypatch.setenv("PATH", os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"])
    for file, text in SHOWN.items():
        (tmp_path / file).write_text(text)
    seen = {}
    for backend in ("local", "millrace"):
        experiment = client.create_experiment(unique())
        mlflow.projects.run(str(tmp_path), parameters={"data": uri.format(**artifacts)}, experiment_id=experiment, backend=backend, **LOCAL)
        seen[backend] = outcome(client, experiment)
    assert seen["millrace"] == seen["local"]
    assert "place" in seen["local"][0]["params"]


@pytest.mark.parametrize(
    "uri, message",
    [
        ("s3://bucket/x", "Parameter 'data' is of the type path, and 's3://bucket/x' cannot be downloaded"),
        ("http://example.com/x", "Parameter 'data' is of the type path, and 'http://example.com/x' cannot be downloaded"),
        ("runs:/abc", "must be of the form runs:/<run_id>/path"),
    ],
)
def test_what_is_never_downloaded_makes_no_run(uri, message, tmp_path, client, experiment):
    for file, text in SHOWN.items():
        (tmp_path / file).write_text(text)
    with pytest.raises(MlflowException, match=re.escape(message)):
        mlflow.projects.run(str(tmp_path), parameters={"data": uri}, experiment_id=experiment, backend="millrace", **LOCAL)
    assert client.search_runs([experiment]) == []


@MLFLOW_3
@pytest.mark.parametrize("uri", ["runs:/{run}/none", "models:/{name}/9", "https://127.0.0.1:1/x"])
def test_a_path_that_is_not_there_fails_the_job(uri, artifacts, tmp_path, client, experiment, capfd):
    for file, text in SHOWN.items():
        (tmp_path / file).write_text(text)
    uri = uri.format(**artifacts)
    with pytest.raises(ExecutionException):
        mlflow.projects.run(str(tmp_path), parameters={"data": uri}, experiment_id=experiment, backend="millrace", **LOCAL)
    assert f"Parameter 'data': '{uri}' cannot be downloaded: " in capfd.readouterr().out
    [run] = client.search_runs([experiment])
    assert run.info.status == "FAILED"


@pytest.mark.parametrize(
    "mlproject, params, message",
    [
        ("entry_points: {main: {parameters: {x: float}, command: 'a {x}'}}", {}, "No value given for missing parameters: 'x'"),
        ("entry_points: {main: {parameters: {x: float}, command: 'a {y}'}}", {"x": 1}, "parameter 'y' is not declared"),
        ("entry_points: {main: {parameters: {x: float}, command: 'a {x'}}", {"x": 1}, "cannot be used"),
        ("entry_points: {main: {parameters: {x: uri}, command: 'a {x}'}}", {"x": "y"}, "Expected URI for parameter x"),
        ("entry_points: {other: {command: a}}", {}, "Could not find main among entry points"),
        ("entry_points: [", {}, "MLproject is not valid YAML"),
        ("python_env: none.yaml\nentry_points: {main: {command: a}}", {}, "no such file was found"),
        ("databricks_spark_job: {python_file: a.py}", {}, "runs on Databricks only"),
    ],
)
def test_what_cannot_run_makes_no_run(mlproject, params, message, tmp_path, client, experiment):
    (tmp_path / "p").mkdir()
    (tmp_path / "p/MLproject").write_text(mlproject)
    with pytest.raises(MlflowException, match=message):
        mlflow.projects.run(str(tmp_path / "p"), parameters=params, experiment_id=experiment, backend="millrace")
    assert client.search_runs([experiment]) == []


def sleeping(tmp_path):
    folder = tmp_path / "sleeping"
    folder.mkdir()
    (folder / "MLproject").write_text("entry_points: {main: {command: 'echo begun; sleep 300; echo over'}}")
    return folder


def wait_until(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.2)
    raise AssertionError("it did not come to pass")


def test_a_run_can_be_watched_and_cancelled(tmp_path, client, experiment):
    run = mlflow.projects.run(str(sleeping(tmp_path)), experiment_id=experiment, backend="millrace", synchronous=False, run_name="sleeper", **LOCAL)
    wait_until(lambda: run.get_status() == "RUNNING")
    found = client.get_run(run.run_id)
    assert (found.info.status, found.info.run_name) == ("RUNNING", "sleeper")
    assert found.data.tags["mlflow.project.backend"] == "millrace"
    run.cancel()
    assert run.get_status() == "KILLED"
    assert client.get_run(run.run_id).info.status == "KILLED"
    with pytest.raises(ExecutionException, match="was cancelled"):
        run.wait()


STUBBORN = """
import signal, sys, time, mlflow
def end(*_):
    run = mlflow.active_run()
    mlflow.log_metric("told", 1)
    mlflow.MlflowClient().set_terminated(run.info.run_id, "FINISHED")
    time.sleep(0.5)
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
with mlflow.start_run():
    mlflow.log_metric("begun", 1)
    while True:
        time.sleep(0.1)
"""


@pytest.mark.parametrize("timeout", [None, 6])
def test_nobody_overwrites_how_a_job_ended(timeout, tmp_path, client, experiment):
    # The code says FINISHED when it is told to end, and mlflow's waiting client says FAILED of what did not succeed.
    (tmp_path / "p").mkdir()
    (tmp_path / "p/MLproject").write_text("entry_points: {main: {command: 'exec python stubborn.py'}}")
    (tmp_path / "p/stubborn.py").write_text(STUBBORN)
    raised = []

    def run():
        try:
            mlflow.projects.run(str(tmp_path / "p"), experiment_id=experiment, backend="millrace", backend_config={"timeout_seconds": timeout} if timeout else {}, **LOCAL)
        except ExecutionException as problem:
            raised.append(str(problem))

    waiting = threading.Thread(target=run)
    waiting.start()
    [found] = wait_until(lambda: [run for run in client.search_runs([experiment]) if "begun" in run.data.metrics])
    if not timeout:
        job_id = found.data.tags["millrace.job.id"]
        answer = requests.post(f"{SERVER_URL}/api/2.0/millrace/projects/jobs/{job_id}/cancel", json={}, timeout=30)
        assert answer.status_code == 200, answer.text
    waiting.join(60)
    [found] = client.search_runs([experiment])
    assert found.data.metrics["told"] == 1
    assert found.info.status == ("FAILED" if timeout else "KILLED")
    assert len(raised) == 1 and ("failed" if timeout else "was cancelled") in raised[0]
    if timeout:
        assert found.data.tags["millrace.job.state"] == "TIMED_OUT"


def test_what_a_job_prints_is_printed(project, experiment, capfd):
    folder = project("scripts")
    (folder / "train.py").write_text("import sys\nprint('out ä', flush=True)\nprint('err', file=sys.stderr)\n")
    mlflow.projects.run(str(folder), "train.py", experiment_id=experiment, backend="millrace", **LOCAL)
    out = capfd.readouterr().out
    assert "out ä\n" in out and "err\n" in out


def test_the_active_run_is_the_parent(project, client, experiment):
    with mlflow.start_run(experiment_id=experiment) as parent:
        run = mlflow.projects.run(str(project("scripts")), "train.py", experiment_id=experiment, backend="millrace", **LOCAL)
    assert client.get_run(run.run_id).data.tags["mlflow.parentRunId"] == parent.info.run_id


def coded(tmp_path, code):
    folder = tmp_path / "coded"
    folder.mkdir()
    (folder / "main.py").write_text(code)
    return str(folder)


def test_a_job_writes_to_its_own_run_and_those_below(tmp_path, client, unique, experiment):
    other = client.create_run(experiment).info.run_id
    model = unique()
    code = f"""
import mlflow
from mlflow.exceptions import RestException

client, other = mlflow.MlflowClient(), {other!r}

class Half(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input):
        return model_input / 2

with mlflow.start_run():
    mlflow.log_param("p", 1)
    mlflow.log_text("x", "x.txt")
    with mlflow.start_run(nested=True):
        mlflow.log_metric("m", 1)
        mlflow.log_text("y", "d/y.txt")
        with mlflow.start_run(nested=True):
            mlflow.set_tag("t", "v")
    info = mlflow.pyfunc.log_model(name="model", python_model=Half(), registered_model_name={model!r})
    mlflow.pyfunc.load_model(info.model_uri)
# A second run of the same script, which its code does not nest.
with mlflow.start_run():
    mlflow.log_metric("second", 1)

assert client.get_run(other).info.status == "RUNNING"
for call, *arguments in [
    (client.log_metric, other, "m", 1),
    (client.log_param, other, "p", 1),
    (client.set_tag, other, "t", "v"),
    (client.set_terminated, other),
    (client.delete_run, other),
    (client.set_experiment_tag, {experiment!r}, "t", "v"),
    (client.set_registered_model_alias, {model!r}, "champion", 1),
    (client.delete_registered_model, {model!r}),
]:
    try:
        call(*arguments)
    except RestException as e:
        assert (e.error_code, e.get_http_status_code()) == ("PERMISSION_DENIED", 403), e
    else:
        raise AssertionError(call)
try:
    client.log_text(other, "x", "x.txt")
except Exception as e:
    assert "403" in str(e), e
else:
    raise AssertionError("an artifact of another run")
"""
    run = mlflow.projects.run(coded(tmp_path, code), "main.py", experiment_id=experiment, backend="millrace", **LOCAL)
    assert [file.path for file in client.list_artifacts(run.run_id)] == ["x.txt"]
    below = client.search_runs([experiment], f"tags.`mlflow.parentRunId` = '{run.run_id}'")
    assert sorted(key for child in below for key in child.data.metrics) == ["m", "second"]
    assert client.get_model_version(model, "1").run_id == run.run_id
    assert client.list_artifacts(other) == []
    assert client.get_run(other).info.status == "RUNNING"
    client.delete_registered_model(model)


ZOMBIE = """
import os, sys, time, mlflow
from mlflow.exceptions import RestException

client, run_id, step, file = mlflow.MlflowClient(), os.environ["MLFLOW_RUN_ID"], 0, sys.argv[1]
end = time.monotonic() + 300
while not os.path.exists(file + ".stop") and time.monotonic() < end:
    step += 1
    try:
        client.log_metric(run_id, "beat", step, step=step)
        said = "ok"
    except RestException as e:
        said = f"{e.error_code} {e.get_http_status_code()}"
    with open(file, "a") as beats:
        print(said, file=beats)
    time.sleep(0.02)
"""


def test_what_is_left_of_a_cancelled_job_writes_nothing(tmp_path, client, experiment):
    beats = tmp_path / "beats"
    (tmp_path / "zombie.py").write_text(ZOMBIE)
    code = f"""
import subprocess, sys, time
# In a session of its own, so that nobody finds it who ends the job.
none = subprocess.DEVNULL
subprocess.Popen([sys.executable, {str(tmp_path / "zombie.py")!r}, {str(beats)!r}], start_new_session=True, stdin=none, stdout=none, stderr=none)
time.sleep(300)
"""

    def said():
        return beats.read_text().splitlines() if beats.exists() else []

    run = mlflow.projects.run(coded(tmp_path, code), "main.py", experiment_id=experiment, backend="millrace", synchronous=False, **LOCAL)
    try:
        wait_until(lambda: said().count("ok") > 5)
        run.cancel()
        wait_until(lambda: client.get_run(run.run_id).info.status == "KILLED")
        written = len(client.get_metric_history(run.run_id, "beat"))
        seen = len(said())
        wait_until(lambda: len(said()) > seen + 20)
        # The one on its way when the run was killed may have been told something else.
        assert set(said()[seen + 1 :]) == {"UNAUTHENTICATED 401"}
        assert len(client.get_metric_history(run.run_id, "beat")) == written
    finally:
        (tmp_path / "beats.stop").touch()


def test_settings_that_do_not_exist_are_refused(project, client, experiment):
    for config, message in (({"timeout": 5}, "Unknown in the configuration"), ({"timeout_seconds": -1}, "timeout_seconds")):
        with pytest.raises(MlflowException, match=message):
            mlflow.projects.run(str(project("scripts")), "train.py", experiment_id=experiment, backend="millrace", backend_config=config, **LOCAL)
    assert client.search_runs([experiment]) == []


@pytest.mark.skipif(not UV.exists(), reason="uv is not installed")
def test_environments_are_those_of_mlflow(tmp_path, client, unique, monkeypatch, capfd):
    folder = tmp_path / "env"
    folder.mkdir()
    (folder / "MLproject").write_text("entry_points: {main: {command: 'python -c \"import os, sys, six; print(os.path.basename(sys.prefix))\"'}}")
    (folder / "python_env.yaml").write_text(f"python: '{sys.version_info[0]}.{sys.version_info[1]}'\ndependencies: [-r more.txt]")
    (folder / "more.txt").write_text("six==1.17.0\n")
    monkeypatch.setenv("PATH", str(UV.parent) + os.pathsep + os.environ["PATH"])
    monkeypatch.setenv("MLFLOW_ENV_ROOT", str(tmp_path / "envs"))
    seen = {}
    for backend in ("local", "millrace"):
        experiment = client.create_experiment(unique())
        mlflow.projects.run(str(folder), experiment_id=experiment, backend=backend, env_manager="uv")
        names = [line for line in capfd.readouterr().out.splitlines() if line.startswith("mlflow-")]
        seen[backend] = outcome(client, experiment), names
    assert seen["millrace"] == seen["local"]
    assert seen["local"][0][0]["tags"]["mlflow.project.env"] == "uv"
    assert len(seen["local"][1]) == 1


def command(*arguments, **options):
    program = pathlib.Path(sys.executable).parent / arguments[0]
    return subprocess.run([str(program), *arguments[1:]], capture_output=True, text=True, timeout=120, **options)


def test_mlflows_command_hands_in(project, client, experiment):
    folder = project("scripts")
    done = command("mlflow", "run", str(folder), "-e", "train.py", "-P", "x=1 2", "--backend", "millrace", "--env-manager", "local", "--experiment-id", experiment)
    assert done.returncode == 0, done.stderr
    [run] = wait_until(lambda: [run for run in client.search_runs([experiment]) if run.info.status == "FINISHED"])
    assert run.data.params == {"x": "'1 2'", "args": "['--x', '1 2']"}
    done = command("mlflow", "run", str(project("failing")), "--backend", "millrace", "--backend-config", '{"wait": true}', "--env-manager", "local", "--experiment-id", experiment)
    assert done.returncode == 1
    assert "failed" in done.stderr


def test_the_command_shows_jobs(project, tmp_path, experiment):
    done = command("millrace", "jobs", "submit", str(project("scripts")), "-e", "train.py", "-P", "x=1", "--env-manager", "local", "--experiment-id", experiment, "--wait")
    assert done.returncode == 0, done.stderr
    done = command("millrace", "jobs", "submit", str(sleeping(tmp_path)), "--env-manager", "local", "--experiment-id", experiment, "--run-name", "sleeper")
    assert done.returncode == 0, done.stderr
    job_id = done.stdout.strip()
    wait_until(lambda: "begun" in command("millrace", "jobs", "logs", job_id).stdout)
    listed = command("millrace", "jobs", "list", "--experiment-id", experiment).stdout.splitlines()
    assert len(listed) == 3 and job_id in listed[1] and "RUNNING" in listed[1] and "FINISHED" in listed[2]
    assert command("millrace", "jobs", "cancel", job_id).stdout == "KILLED\n"
    assert '"state": "KILLED"' in command("millrace", "jobs", "show", job_id).stdout
    done = command("millrace", "jobs", "show", "../x")
    assert done.returncode == 1 and "is not the id of a job or schedule" in done.stderr
    done = command("millrace", "jobs", "submit", str(tmp_path), "-P", "x", "--env-manager", "local")
    assert done.returncode == 1 and "Invalid format for -P" in done.stderr


def test_a_schedule_makes_jobs(project, client, experiment):
    folder = project("scripts")
    arguments = ["* * * * *", str(folder), "-e", "train.py", "-P", "x=1", "--env-manager", "local", "--experiment-id", experiment, "--name", "each minute"]
    done = command("millrace", "schedules", "create", *arguments, "--time-zone", "Asia/Kolkata", "--run-name", "again", "--cpus", "0.5")
    assert done.returncode == 0, done.stderr
    schedule_id = done.stdout.strip()

    def shown():
        return json.loads(command("millrace", "schedules", "show", schedule_id).stdout)

    schedule = shown()
    assert (schedule["cron"], schedule["time_zone"], schedule["overlap"]) == ("* * * * *", "Asia/Kolkata", "skip")
    assert schedule["job"]["config"]["resources"] == {"cpus": 0.5}
    assert 0 <= int(schedule["next_fire_time"]) / 1000 - time.time() + 1 <= 62
    try:
        # The next minute is near.
        [run] = wait_until(lambda: [run for run in client.search_runs([experiment]) if run.info.status == "FINISHED"], 100)
        assert run.info.run_name == "again" and run.data.params == {"x": "1", "args": "['--x', '1']"}
        assert run.data.tags["millrace.schedule.id"] == schedule_id
        fire_time = int(json.loads(command("millrace", "jobs", "show", run.data.tags["millrace.job.id"]).stdout)["fire_time"]) / 1000
        assert fire_time % 60 == 0 and fire_time >= int(schedule["creation_time"]) / 1000
        assert run.data.tags["millrace.schedule.fire_time"] == time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(fire_time))
        assert command("millrace", "schedules", "pause", schedule_id).returncode == 0
        assert "next_fire_time" not in shown()
        # A minute may have begun before the pause; its job must not be in the way of the next.
        last_job_id = shown()["last_job_id"]
        wait_until(lambda: '"state": "FINISHED"' in command("millrace", "jobs", "show", last_job_id).stdout)
        job_id = command("millrace", "schedules", "run", schedule_id).stdout.strip()
        wait_until(lambda: '"state": "FINISHED"' in command("millrace", "jobs", "show", job_id).stdout)
        assert shown()["last_job_id"] == job_id
        # As long as it pauses no other job becomes the last.
        listed = [line for line in command("millrace", "schedules", "list", "--max-results", "1000").stdout.splitlines() if schedule_id in line]
        assert len(listed) == 1 and "each minute" in listed[0] and job_id in listed[0]
        assert command("millrace", "schedules", "resume", schedule_id).returncode == 0
        assert int(shown()["next_fire_time"]) / 1000 % 60 == 0
    finally:
        assert command("millrace", "schedules", "delete", schedule_id).returncode == 0
    done = command("millrace", "schedules", "show", schedule_id)
    assert done.returncode == 1 and "does not exist" in done.stderr


@pytest.mark.parametrize(
    "change, message",
    [
        ({"cron": "61 * * * *"}, "parameter 'cron'"),
        ({"cron": ""}, "'cron'"),
        ({"time_zone": "Mars/Phobos"}, "parameter 'time_zone'"),
        ({"overlap": "kill"}, "parameter 'overlap'"),
        ({"job": {"source": {}}}, "parameter 'source'"),
        ({"job": {"source": {"snapshot": {"sha256": "x"}}}}, "parameter 'sha256'"),
        ({"job": {"source": {"git": {"uri": "https://example.com/x"}}, "config": {"resources": {"cpus": -1}}}}, "parameter 'config.resources.cpus'"),
    ],
)
def test_a_schedule_that_cannot_be_is_refused(change, message):
    request = {"cron": "@daily", "job": {"source": {"git": {"uri": "https://example.com/x"}}}, **change}
    answer = requests.post(f"{SERVER_URL}/api/2.0/millrace/projects/schedules", json=request, timeout=30)
    assert (answer.status_code, answer.json()["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    assert message in answer.json()["message"]


def test_ctrl_c_cancels(tmp_path, client, experiment):
    code = f"import mlflow; mlflow.projects.run({str(sleeping(tmp_path))!r}, experiment_id={experiment!r}, backend='millrace', env_manager='local')"
    with subprocess.Popen([sys.executable, "-u", "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert "begun\n" in iter(process.stdout.readline, "")
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
    [run] = client.search_runs([experiment])
    assert run.info.status == "KILLED"


def git(folder, *arguments):
    who = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    return subprocess.run(["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True, text=True).stdout.strip()
