"""The two servers under test: started as their users start them, each in a process group of its own."""

import json
import os
import pathlib
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    """One server. `start` may be called again after `stop`; what it stored is kept."""

    def __init__(self, name, command, log, environment=None):
        self.name = name
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.command = [part.replace("{port}", str(self.port)) for part in command]
        self.log = log / f"{name}.log"
        # What a developer's shell has set must not steer the servers under test.
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("MLFLOW_", "MILLRACE_"))}
        self.environment = {**kept, **(environment or {})}
        self.process = None

    def start(self):
        """Returns the seconds until it answered its first question about data; `./millrace` may build first."""
        began = time.monotonic()
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=ROOT, env=self.environment, start_new_session=True
            )
        while True:
            try:
                self.call("POST", "/api/2.0/mlflow/experiments/search", {"max_results": 1})
                return time.monotonic() - began
            except (urllib.error.URLError, ConnectionError):
                if self.process.poll() is not None or time.monotonic() - began > 900:
                    raise SystemExit(f"{self.name} did not start; see {self.log}")
                time.sleep(0.01)

    def stop(self):
        if self.process is None:
            return
        for sign in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, sign)
            except ProcessLookupError:
                break
            for _ in range(100):
                self.process.poll()
                if not self.processes():
                    break
                time.sleep(0.1)
        self.process.wait()
        self.process = None

    def call(self, method, path, body=None):
        request = urllib.request.Request(self.url + path, method=method)
        if body is not None:
            request.data = body if isinstance(body, bytes) else json.dumps(body).encode()
            request.add_header("Content-Type", "application/octet-stream" if isinstance(body, bytes) else "application/json")
        with urllib.request.urlopen(request, timeout=300) as answer:
            return json.loads(answer.read() or b"{}")

    def processes(self):
        """The numbers of all its processes: those of its session."""
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    fields = (entry / "stat").read_text().rpartition(")")[2].split()
                except OSError:
                    continue
                # Field 6 of proc_pid_stat(5) is the session; what follows the name begins with field 3.
                if int(fields[3]) == self.process.pid and fields[0] != "Z":
                    found.append(entry)
        return found

    def memory(self):
        """MiB resident; pages that its processes share are counted once (PSS)."""
        total = 0
        for process in self.processes():
            try:
                lines = (process / "smaps_rollup").read_text().splitlines()
            except OSError:
                continue
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        return total / 1024

    def cpu(self):
        """Seconds of processor time that its living processes have used."""
        total = 0
        for process in self.processes():
            try:
                fields = (process / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            total += int(fields[11]) + int(fields[12])
        return total / TICKS


def mlflow(folder, log, database):
    """MLflow's server with the options it has by default."""
    return Server(
        "mlflow",
        [
            os.environ["BENCH_MLFLOW"], "server", "--host", "127.0.0.1", "--port", "{port}",
            "--backend-store-uri", database, "--artifacts-destination", str(folder / "mlflow-artifacts"),
        ],
        log,
        {"MLFLOW_DISABLE_TELEMETRY": "true"},
    )  # fmt: skip


def millrace(folder, log, database, *more):
    """Millrace as `./millrace` starts it, with these options; its embedded database if `database` is None.

    BENCH_JAVA_OPTS are further options of its JVM, for profiling.
    """
    options = ["--database-url", database] if database else []
    return Server(
        "millrace",
        [str(ROOT / "millrace"), "--port", "{port}", "--data", str(folder / "millrace-data"), *options, *more],
        log,
        {"MILLRACE_JAVA_OPTS": os.environ.get("BENCH_JAVA_OPTS", "")},
    )
