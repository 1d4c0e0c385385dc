"""The command `millrace`."""

import argparse
import json
import logging
import sys
import time

import mlflow
from mlflow.exceptions import ExecutionException, MlflowException

from millrace.api import ENDED, Jobs
from millrace.backend import MillraceBackend


def main(arguments=None):
    """Runs the command, and ends the process with 0, 1 if something failed, or 2 for a wrong command line."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    options = _parser().parse_args(arguments)
    if options.tracking_uri:
        mlflow.set_tracking_uri(options.tracking_uri)
    try:
        sys.exit(options.call(Jobs(mlflow.get_tracking_uri()), options) or 0)
    except (MlflowException, ExecutionException) as problem:
        sys.exit(f"millrace: {problem}")
    except BrokenPipeError:
        # Whoever read the output wants no more.
        sys.stderr.close()
        sys.exit(1)


def _parser():
    parser = argparse.ArgumentParser(prog="millrace", description="Runs MLflow projects on a Millrace server.")
    parser.add_argument("--tracking-uri", help="the server's URL; default: MLFLOW_TRACKING_URI")
    jobs = parser.add_subparsers(required=True, metavar="jobs").add_parser("jobs", help="projects that are run").add_subparsers(required=True)

    command = jobs.add_parser("list", help="list jobs, the newest first")
    command.add_argument("--state", help="only jobs in this state, as RUNNING")
    command.add_argument("--experiment-id")
    command.add_argument("--max-results", type=int, default=20)
    command.set_defaults(call=_list)

    command = jobs.add_parser("show", help="print what is known of a job, as JSON")
    command.add_argument("job_id")
    command.set_defaults(call=_show)

    command = jobs.add_parser("logs", help="print what a job prints")
    command.add_argument("job_id")
    command.add_argument("-f", "--follow", action="store_true", help="until it has ended")
    command.set_defaults(call=_logs)

    command = jobs.add_parser("cancel", help="cancel a job and wait until it has ended")
    command.add_argument("job_id")
    command.set_defaults(call=_cancel)

    command = jobs.add_parser("submit", help="hand a project in, and print the job's id")
    command.add_argument("uri", help="a folder, a zip file or the URL of a Git repository")
    command.add_argument("-e", "--entry-point", default="main")
    command.add_argument("-v", "--version", help="a branch, tag or commit")
    command.add_argument("-P", "--param", action="append", default=[], metavar="NAME=VALUE")
    command.add_argument("--experiment-name")
    command.add_argument("--experiment-id")
    command.add_argument("--run-name")
    command.add_argument("--env-manager", choices=["local", "uv", "virtualenv", "conda"])
    command.add_argument("--timeout", type=int, metavar="SECONDS")
    command.add_argument("--max-retries", type=int)
    command.add_argument("--priority", type=int)
    command.add_argument("--wait", action="store_true", help="print its log until it has ended; Ctrl-C cancels it")
    command.set_defaults(call=_submit)
    return parser


def _list(jobs, options):
    listed = jobs.list(state=options.state, experiment_id=options.experiment_id, max_results=min(options.max_results, 1000))
    print(f"{'JOB':<36}  {'STATE':<14}  {'RUN':<32}  {'CREATED':<19}  ENTRY POINT")
    for _, job in zip(range(options.max_results), listed):
        created = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(int(job.get("creation_time", 0)) / 1000))
        print(f"{job['job_id']:<36}  {job['state']:<14}  {job.get('run_id', ''):<32}  {created}  {job.get('entry_point', '')}")


def _show(jobs, options):
    print(json.dumps(jobs.get(options.job_id), indent=2))


def _logs(jobs, options):
    try:
        for text in jobs.logs(options.job_id, follow=options.follow):
            sys.stdout.write(text)
            sys.stdout.flush()
    except KeyboardInterrupt:
        return 130


def _cancel(jobs, options):
    jobs.cancel(options.job_id)
    while (job := jobs.get(options.job_id))["state"] not in ENDED:
        time.sleep(1)
    print(job["state"])


def _submit(jobs, options):
    params = {}
    for param in options.param:
        name, equals, value = param.partition("=")
        if not equals:
            raise MlflowException(f"Invalid format for -P parameter: '{param}'. Use -P name=value.")
        if name in params:
            raise MlflowException(f"Repeated parameter: '{name}'")
        params[name] = value
    experiment = options.experiment_id or "0"
    if options.experiment_name:
        experiment = mlflow.set_experiment(options.experiment_name).experiment_id
    settings = {"timeout_seconds": options.timeout, "max_retries": options.max_retries, "priority": options.priority}
    config = {name: value for name, value in settings.items() if value is not None}
    config["ENV_MANAGER"] = options.env_manager
    run = MillraceBackend().run(options.uri, options.entry_point, params, options.version, config, mlflow.get_tracking_uri(), experiment)
    client = mlflow.MlflowClient()
    client.set_tag(run.run_id, "mlflow.project.backend", "millrace")
    if options.run_name:
        client.set_tag(run.run_id, "mlflow.runName", options.run_name)
    print(run.job_id, file=sys.stderr if options.wait else sys.stdout)
    if options.wait and not run.wait():
        return 1


if __name__ == "__main__":
    main()
