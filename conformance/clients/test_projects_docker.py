"""MLflow projects with a docker_env, from the plugin of clients/python; what mlflow itself makes of them with docker is the oracle.

The server must run projects in containers of the daemon that DOCKER_HOST names, on this machine and in its network, and mount read-only what
VOLUMES names here: `.ci/run` shows how. The image has nothing in it but links to this machine's programs, so that nothing is fetched.
"""

import io
import os
import pathlib
import sys
import tarfile
import time

import mlflow
import pytest
import requests
from mlflow.exceptions import ExecutionException, MlflowException

from .conftest import SERVER_URL

pytestmark = pytest.mark.skipif(
    os.environ.get("MILLRACE_DOCKER") != "1", reason="MILLRACE_DOCKER does not say that the server runs projects in containers"
)

IMAGE = "millrace-test/usr:1"
VOLUMES = sorted({"/usr", sys.prefix, sys.base_prefix})

MLPROJECT = f"""
name: in-a-container
docker_env:
  image: {IMAGE}
  volumes: [{", ".join(f"'{folder}:{folder}:ro'" for folder in VOLUMES)}]
  environment: [[PATH, "{sys.prefix}/bin:/usr/bin:/bin"], [GIVEN, "a-b"]]
entry_points:
  main:
    parameters:
      alpha: {{type: float, default: 0.5}}
      text: {{type: string, default: "it's"}}
    command: "python train.py {{alpha}} {{text}}"
  fail: {{command: "python -c 'raise SystemExit(3)'"}}
  sleep: {{command: "echo begun && sleep 300"}}
"""

TRAIN = """
import os, pathlib, sys, mlflow
with mlflow.start_run():
    mlflow.log_params({"args": repr(sys.argv[1:]), "cwd": os.getcwd(), "given": os.environ["GIVEN"], "data": pathlib.Path("data/x.csv").read_text()})
    mlflow.log_metric("count", len(sys.argv))
    pathlib.Path("out.txt").write_text("out")
    mlflow.log_artifact("out.txt")
"""


@pytest.fixture(scope="module", autouse=True)
def image():
    # Of mlflow's own dependencies; not imported where these tests are skipped.
    import docker

    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name in ("bin", "sbin", "lib", "lib64"):
            link = tarfile.TarInfo(name)
            link.type, link.linkname = tarfile.SYMTYPE, f"usr/{name}"
            tar.addfile(link)
        for name in ("usr", "etc", "proc", "dev", "sys", "root", "tmp"):
            folder = tarfile.TarInfo(name)
            folder.type, folder.mode = tarfile.DIRTYPE, 0o777
            tar.addfile(folder)
    repository, tag = IMAGE.split(":")
    docker.from_env().api.import_image_from_data(archive.getvalue(), repository=repository, tag=tag)


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    (folder / "data").mkdir(parents=True)
    (folder / "MLproject").write_text(MLPROJECT)
    (folder / "train.py").write_text(TRAIN)
    (folder / "data/x.csv").write_text("1,2")
    return folder


def run(project, entry_point, experiment, backend, **more):
    # mlflow's own backend puts the code into the image only if it is told to, and containers into a network of their own.
    own = {"build_image": True, "docker_args": {"network": "host"}} if backend == "local" else {}
    return mlflow.projects.run(str(project), entry_point, experiment_id=experiment, backend=backend, **own, **more)


def job_of(run_id, client):
    return client.get_run(run_id).data.tags["millrace.job.id"]


def log_of(job_id):
    answer = requests.get(f"{SERVER_URL}/api/2.0/millrace/projects/jobs/{job_id}/logs", timeout=30)
    assert answer.status_code == 200, answer.text
    return answer.json().get("text", "")


@pytest.mark.parametrize(
    "entry_point, params", [("main", {}), ("main", {"alpha": 0.25, "text": "a 'b' \"c\" ; $(id) `id` \\"}), ("fail", {})]
)
def test_runs_are_those_of_mlflow(entry_point, params, project, client, unique):
    seen = {}
    for backend in ("local", "millrace"):
        experiment = client.create_experiment(unique())
        try:
            run(project, entry_point, experiment, backend, parameters=params)
            raised = None
        except ExecutionException as problem:
            raised = str(problem).split("'")[0]
        [found] = client.search_runs([experiment])
        tags = {name: value for name, value in found.data.tags.items() if not name.startswith("mlflow.docker.image")}
        for name in ("mlflow.runName", "mlflow.project.backend", "millrace.job.id"):
            tags.pop(name, None)
        files = [file.path for file in client.list_artifacts(found.info.run_id)]
        seen[backend] = (found.info.status, found.data.params, found.data.metrics, tags, files, raised)
        assert found.data.tags["mlflow.docker.image.id"].startswith("sha256:")
    assert seen["millrace"] == seen["local"]
    assert seen["millrace"][0] == ("FAILED" if entry_point == "fail" else "FINISHED")


def test_the_image_is_that_of_the_project(project, client, experiment):
    submitted = run(project, "main", experiment, "millrace")
    tags = client.get_run(submitted.run_id).data.tags
    assert (tags["mlflow.docker.image.uri"], tags["mlflow.project.env"]) == (IMAGE, "docker")
    assert f"the image is {tags['mlflow.docker.image.id']}" in log_of(job_of(submitted.run_id, client))


def test_what_is_not_allowed_is_not_mounted(project, client, experiment):
    mlproject = project / "MLproject"
    mlproject.write_text(mlproject.read_text().replace("volumes: [", "volumes: ['/etc:/host-etc', '/usr/../etc:/host-etc2', "))
    (project / "train.py").write_text("import os\nprint(sorted(os.listdir('/')))\nopen('/usr/written', 'w')\n")
    with pytest.raises(ExecutionException):
        run(project, "main", experiment, "millrace")
    [found] = client.search_runs([experiment])
    log = log_of(job_of(found.info.run_id, client))
    assert "the volume '/etc:/host-etc' of docker_env is not mounted" in log
    assert "the volume '/usr/../etc:/host-etc2' of docker_env is not mounted" in log
    assert "'etc'" in log and "'host-etc" not in log
    assert "Read-only file system: '/usr/written'" in log


def test_a_container_is_ended(project, client, experiment):
    submitted = run(project, "sleep", experiment, "millrace", synchronous=False)
    deadline = time.monotonic() + 60
    while "begun" not in log_of(job_of(submitted.run_id, client)):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    submitted.cancel()
    assert submitted.get_status() == "KILLED"
    assert client.get_run(submitted.run_id).info.status == "KILLED"


def test_a_project_without_an_image_makes_no_run(tmp_path, client, experiment):
    folder = pathlib.Path(tmp_path / "bare")
    folder.mkdir()
    (folder / "MLproject").write_text("entry_points: {main: {command: 'true'}}")
    with pytest.raises(MlflowException, match="no docker_env, and this server has no image"):
        run(folder, "main", experiment, "millrace")
    assert client.search_runs([experiment]) == []
