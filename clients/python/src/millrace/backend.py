"""The project backend of mlflow: `mlflow run --backend millrace`."""

import getpass
import logging
import sys
import time
import uuid

import mlflow
from mlflow.entities import RunStatus
from mlflow.exceptions import ExecutionException
from mlflow.projects.backend.abstract_backend import AbstractBackend
from mlflow.projects.submitted_run import SubmittedRun
from mlflow.utils.mlflow_tags import MLFLOW_USER

from millrace.api import ENDED, Jobs
from millrace.source import upload

_logger = logging.getLogger(__name__)

_POLL_SECONDS = 1

# What mlflow itself puts beside the user's settings.
_OF_MLFLOW = {"ENV_MANAGER", "SYNCHRONOUS", "DOCKER_ARGS", "STORAGE_DIR", "build_image", "docker_auth"}
_SETTINGS = {"timeout_seconds", "max_retries", "priority", "resources"}


class MillraceBackend(AbstractBackend):
    """Hands projects in to a Millrace server."""

    def run(self, project_uri, entry_point, params, version, backend_config, tracking_uri, experiment_id):
        settings = {name: value for name, value in backend_config.items() if name not in _OF_MLFLOW}
        wait = settings.pop("wait", False)
        if unknown := sorted(set(settings) - _SETTINGS):
            raise ExecutionException(
                f"Unknown in the configuration of the backend millrace: {', '.join(unknown)}. "
                f"There are {', '.join(sorted(_SETTINGS))} and wait."
            )
        if backend_config.get("DOCKER_ARGS"):
            raise ExecutionException("The backend millrace takes no arguments for docker.")
        jobs = Jobs(tracking_uri)
        parent = mlflow.active_run()
        request = {
            "source": upload(jobs, project_uri, version),
            "entry_point": entry_point,
            "parameters": [{"key": str(key), "value": str(value)} for key, value in (params or {}).items()],
            "experiment_id": str(experiment_id),
            "parent_run_id": parent.info.run_id if parent else None,
            "env_manager": backend_config.get("ENV_MANAGER"),
            "config": settings or None,
            # The request may be sent again when its answer is lost.
            "idempotency_key": uuid.uuid4().hex,
        }
        job = jobs.create({name: value for name, value in request.items() if value is not None})
        if not job.get("user"):
            # As mlflow's own backends do. A server that knows who calls has written it.
            mlflow.MlflowClient(tracking_uri).set_tag(job["run_id"], MLFLOW_USER, _user())
        _logger.info("=== Job '%s' runs as run '%s' ===", job["job_id"], job["run_id"])
        submitted = MillraceRun(jobs, job)
        if wait and not submitted.wait():
            raise ExecutionException(f"Run (ID '{submitted.run_id}') failed")
        return submitted


def _user():
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):
        return "unknown"


class MillraceRun(SubmittedRun):
    """A project that was handed in."""

    def __init__(self, jobs, job):
        self._jobs = jobs
        self._job = job

    @property
    def run_id(self):
        return self._job["run_id"]

    @property
    def job_id(self):
        return self._job["job_id"]

    def wait(self):
        """Prints what the job prints until it has ended.

        A job that was cancelled raises ExecutionException, and Ctrl-C cancels it and raises SystemExit: mlflow writes
        FAILED to the run on anything else, but it is KILLED.
        """
        try:
            for text in self._jobs.logs(self.job_id, follow=True):
                sys.stdout.write(text)
                sys.stdout.flush()
            state = self._end()
        except KeyboardInterrupt:
            _logger.error("=== Run (ID '%s') interrupted, cancelling run ===", self.run_id)
            self.cancel()
            raise SystemExit(130) from None
        if state == "KILLED":
            raise ExecutionException(f"Run (ID '{self.run_id}') was cancelled")
        if state != "FINISHED" and self._job.get("message"):
            _logger.error("=== %s ===", self._job["message"])
        return state == "FINISHED"

    def get_status(self):
        self._job = self._jobs.get(self.job_id)
        status = {
            "FINISHED": RunStatus.FINISHED,
            "FAILED": RunStatus.FAILED,
            "TIMED_OUT": RunStatus.FAILED,
            "KILLED": RunStatus.KILLED,
            "RUNNING": RunStatus.RUNNING,
            "NEEDS_RECOVERY": RunStatus.RUNNING,
        }.get(self._job["state"], RunStatus.SCHEDULED)
        return RunStatus.to_string(status)

    def cancel(self):
        """Cancels the job and waits until it has ended."""
        self._jobs.cancel(self.job_id)
        self._end()

    def _end(self):
        while True:
            self._job = self._jobs.get(self.job_id)
            if self._job["state"] in ENDED:
                return self._job["state"]
            time.sleep(_POLL_SECONDS)
