"""Where the code of a project comes from."""

import contextlib
import os
import pathlib
import subprocess
import tarfile
import tempfile
import urllib.parse
import urllib.request

from mlflow.exceptions import ExecutionException
from mlflow.utils.git_utils import get_git_commit, get_git_repo_url

from millrace import snapshot


def upload(jobs, uri, version):
    """The `source` of a job that runs the project at `uri`; what the server cannot fetch itself is uploaded."""
    uri = uri.strip("'\"")
    plain, _, subdirectory = uri.partition("#")
    if "." in subdirectory:
        raise ExecutionException("'.' is not allowed in project subdirectory paths.")
    path = _local(plain)
    if plain.endswith(".zip"):
        return _zip(jobs, plain, path, subdirectory)
    if path is None:
        source = {"uri": plain, "version": version, "subdirectory": subdirectory or None}
        return {"git": {name: value for name, value in source.items() if value is not None}}
    folder = pathlib.Path(path, subdirectory)
    if not folder.is_dir():
        raise ExecutionException(f"Could not find subdirectory {subdirectory} of {path}" if subdirectory else f"{path} is no folder")
    if version is not None:
        return _commit(jobs, folder, version)
    return _folder(jobs, folder, folder, get_git_commit(str(folder)), None)


def _local(uri):
    """The path of something on this machine; None for what is elsewhere."""
    path = uri
    if uri.startswith("file://"):
        parsed = urllib.parse.urlparse(uri)
        path = urllib.request.url2pathname(parsed.netloc + parsed.path)
    elif "://" in uri:
        return None
    if os.path.exists(path):
        return os.path.abspath(path)
    if uri.startswith("file://"):
        raise ExecutionException(f"{uri} does not exist")
    return None


def _folder(jobs, folder, origin, commit, branch):
    with tempfile.TemporaryFile() as archive:
        sha256 = snapshot.pack(folder, archive)
        jobs.put_snapshot(sha256, archive)
    source = {
        "sha256": sha256,
        "source_name": _name(origin),
        "git_commit": commit,
        "git_repo_url": get_git_repo_url(str(origin)),
        "git_branch": branch,
    }
    return {"snapshot": {name: value for name, value in source.items() if value is not None}}


def _zip(jobs, uri, path, subdirectory):
    if subdirectory:
        raise ExecutionException("A zip file is uploaded as it is: it cannot have a subdirectory.")
    with contextlib.ExitStack() as stack:
        if path is not None:
            archive = stack.enter_context(open(path, "rb"))
        else:
            archive = stack.enter_context(tempfile.TemporaryFile())
            _download(uri, archive)
        sha256 = snapshot.digest(archive)
        jobs.put_snapshot(sha256, archive)
    return {"snapshot": {"sha256": sha256, "source_name": path or uri}}


def _download(uri, out):
    import requests

    if not uri.startswith(("http://", "https://")):
        raise ExecutionException(f"Unable to retrieve ZIP file {uri}")
    with requests.get(uri, stream=True, timeout=60) as response:
        if not response.ok:
            raise ExecutionException(f"Unable to retrieve ZIP file. Reason: {response.status_code} {response.reason}")
        for chunk in response.iter_content(1 << 20):
            out.write(chunk)


def _commit(jobs, folder, version):
    """A commit of the repository that a folder is in. The folder itself is neither read nor changed."""
    if version.startswith("-"):
        raise ExecutionException(f"'{version}' is no version")
    commit = _git(folder, "rev-parse", "--verify", "--quiet", f"{version}^{{commit}}", missing=version)
    branch = version if _git(folder, "for-each-ref", "--format=x", f"refs/heads/{version}") else None
    with tempfile.TemporaryDirectory() as copy:
        with tempfile.TemporaryFile() as archive:
            subprocess.run(["git", "-C", str(folder), "archive", "--format=tar", commit], stdout=archive, check=True)
            archive.seek(0)
            with tarfile.open(fileobj=archive) as tar:
                tar.extractall(copy)
        return _folder(jobs, copy, folder, commit, branch)


def _git(folder, *arguments, missing=None):
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise ExecutionException("A version of a folder needs the program git.") from None
    if done.returncode != 0:
        if "not a git repository" in done.stderr:
            raise ExecutionException("Setting a version is only supported for Git project URIs")
        raise ExecutionException(f"Unable to checkout version '{missing}' of git repo {folder}")
    return done.stdout.strip()


def _name(folder):
    """As mlflow names the source of a run: by its repository, if it is in one."""
    folder = os.path.abspath(folder)
    try:
        root = _git(folder, "rev-parse", "--show-toplevel")
    except ExecutionException:
        return folder
    inside = os.path.relpath(os.path.realpath(folder), root)
    return f"file://{root}" + ("" if inside == "." else f"#{inside}")
