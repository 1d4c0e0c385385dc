"""How soon a job runs. Run by `bench/projects`."""

import argparse
import hashlib
import io
import os
import pathlib
import statistics
import sys
import tarfile
import time
import urllib.error

import bench
import servers

API = "/api/2.0/millrace/projects/"
# The command tells when it runs, by the same clock that tells when it was handed in.
PROJECT = {
    "MLproject": "python_env: python_env.yaml\nentry_points: {main: {command: 'date +%s.%N'}}\n",
    "python_env.yaml": "dependencies: []\n",
}
ENDED = {"FINISHED", "FAILED", "KILLED", "TIMED_OUT"}


def archive():
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as tar:
        for name, text in PROJECT.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text.encode()))
    return content.getvalue()


def until_ready(server):
    """Waits for what runs projects: it comes last, as it tells its jobs where the server is."""
    while True:
        try:
            server.call("GET", API + "jobs")
            return
        except urllib.error.HTTPError as e:
            if e.code != 503:
                raise
            time.sleep(0.1)


def run(server, sha256, manager):
    """One job. Seconds from its submission to the first line of its command."""
    began = time.time()
    job = server.call("POST", API + "jobs", {"source": {"snapshot": {"sha256": sha256}}, "env_manager": manager})["job"]
    path = f"{API}jobs/{job['job_id']}"
    while job["state"] not in ENDED:
        time.sleep(0.02)
        job = server.call("GET", path)["job"]
    log = server.call("GET", path + "/logs")["text"]
    if job["state"] != "FINISHED":
        raise SystemExit(f"the job is {job['state']}: {log}")
    return float(log.split()[-1]) - began


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--work", type=pathlib.Path, required=True)
    options.add_argument("--out", type=pathlib.Path, required=True)
    options.add_argument("--jobs", type=int, default=100)
    options = options.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    # uv is beside this Python.
    os.environ["PATH"] = os.pathsep.join([str(pathlib.Path(sys.executable).parent), os.environ["PATH"]])
    server = servers.millrace(options.work, options.out, os.environ["BENCH_DATABASE_MILLRACE"], "--projects", "local")
    lines = ["| environment | first job | median | 99% |", "|---|---|---|---|"]
    try:
        server.start()
        until_ready(server)
        content = archive()
        sha256 = hashlib.sha256(content).hexdigest()
        server.call("PUT", f"{API}snapshots/{sha256}", content)
        for manager in ("local", "uv"):
            times = [run(server, sha256, manager) * 1000 for _ in range(options.jobs + 1)]
            first, times = times[0], sorted(times[1:])
            lines.append(f"| {manager} | {first:.0f} | {statistics.median(times):.0f} | {times[int(len(times) * 0.99)]:.0f} |")
    finally:
        server.stop()
    lines += ["", f"Milliseconds, {options.jobs} jobs one after the other; {bench.machine()}, {os.environ['BENCH_DATABASE']}."]
    (options.out / "projects.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
