"""The REST API of a server's jobs and schedules, called as the mlflow client calls its own: same login, same retries."""

import json
import os
import sys

from mlflow.exceptions import MlflowException
from mlflow.utils.credentials import get_default_host_creds
from mlflow.utils.rest_utils import http_request, verify_rest_response

_ROOT = "/api/2.0/millrace/projects"

ENDED = ("FINISHED", "FAILED", "KILLED", "TIMED_OUT")

# Shorter than what proxies wait for an answer.
_WAIT_SECONDS = 20


class Projects:
    """What the server at a tracking URI knows of projects."""

    def __init__(self, tracking_uri):
        if not str(tracking_uri).startswith(("http://", "https://")):
            raise MlflowException(
                f"The backend millrace runs projects on a Millrace server, but the tracking URI is '{tracking_uri}'. "
                "Set MLFLOW_TRACKING_URI to the URL of one."
            )
        self._host = get_default_host_creds(tracking_uri)

    def _call(self, method, path, **arguments):
        endpoint = _ROOT + path
        response = http_request(self._host, endpoint, method, **arguments)
        return json.loads(verify_rest_response(response, endpoint).text or "{}")

    def has_snapshot(self, sha256):
        response = http_request(self._host, f"{_ROOT}/snapshots/{sha256}", "HEAD")
        return response.status_code != 404 and _succeeded(response)

    def put_snapshot(self, sha256, file):
        """Uploads an archive, unless it is there already."""
        if not self.has_snapshot(sha256):
            with _Progress(file) as content:
                _succeeded(http_request(self._host, f"{_ROOT}/snapshots/{sha256}", "PUT", data=content))

    def _pages(self, path, items, **conditions):
        """Pages of a list as one sequence."""
        token = None
        while True:
            params = {name: value for name, value in {**conditions, "page_token": token}.items() if value is not None}
            page = self._call("GET", path, params=params)
            yield from page.get(items, [])
            token = page.get("next_page_token")
            if not token:
                return


class Jobs(Projects):
    """Jobs of the server at a tracking URI."""

    def create(self, request):
        return self._call("POST", "/jobs", json=request)["job"]

    def get(self, job_id):
        return self._call("GET", f"/jobs/{_segment(job_id)}")["job"]

    def list(self, **conditions):
        """Jobs, the newest first."""
        return self._pages("/jobs", "jobs", **conditions)

    def cancel(self, job_id):
        return self._call("POST", f"/jobs/{_segment(job_id)}/cancel", json={})["job"]

    def logs(self, job_id, offset=0, follow=False):
        """Pieces of what a job printed; with `follow` until it has ended."""
        while True:
            params = {"offset": offset, "wait_seconds": _WAIT_SECONDS if follow else 0}
            piece = self._call("GET", f"/jobs/{_segment(job_id)}/logs", params=params)
            before, offset = offset, int(piece.get("next_offset", offset))
            if piece.get("text"):
                yield piece["text"]
            if piece.get("end") or (not follow and offset == before):
                return


class Schedules(Projects):
    """Schedules of the server at a tracking URI."""

    def create(self, request):
        return self._call("POST", "/schedules", json=request)["schedule"]

    def get(self, schedule_id):
        return self._call("GET", f"/schedules/{_segment(schedule_id)}")["schedule"]

    def list(self, **conditions):
        """Schedules, the newest first."""
        return self._pages("/schedules", "schedules", **conditions)

    def pause(self, schedule_id):
        self._call("POST", f"/schedules/{_segment(schedule_id)}/pause", json={})

    def resume(self, schedule_id):
        self._call("POST", f"/schedules/{_segment(schedule_id)}/resume", json={})

    def run(self, schedule_id):
        """Makes a job at once."""
        return self._call("POST", f"/schedules/{_segment(schedule_id)}/run", json={})["job"]

    def delete(self, schedule_id):
        self._call("DELETE", f"/schedules/{_segment(schedule_id)}")


def _succeeded(response):
    # The client's own check wants JSON, and these answers have no body.
    if response.status_code != 200:
        verify_rest_response(response, response.url)
    return True


def _segment(text):
    # What a user types becomes part of a path.
    if not text or not all(char.isalnum() or char in "-_" for char in text):
        raise MlflowException(f"'{text}' is not the id of a job or schedule.")
    return text


class _Progress:
    """A file that tells on the terminal how much of it has been read."""

    _LEAST_BYTES = 4 << 20

    def __init__(self, file):
        self._file = file
        self._size = os.fstat(file.fileno()).st_size
        self._shown = sys.stderr.isatty() and self._size >= self._LEAST_BYTES

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._shown:
            sys.stderr.write("\n")

    def __len__(self):
        return self._size

    def read(self, size=-1):
        data = self._file.read(size)
        if self._shown:
            done = self._file.tell()
            bar = "#" * int(30 * done / self._size)
            sys.stderr.write(f"\rUploading the project [{bar:<30}] {done >> 20} of {self._size >> 20} MiB")
            sys.stderr.flush()
        return data

    # A request that is sent again begins at the start.
    def seek(self, *place):
        return self._file.seek(*place)

    def tell(self):
        return self._file.tell()
