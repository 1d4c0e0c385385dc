"""The command `millrace`."""

import argparse
import json
import logging
import sys
import time

import mlflow
from mlflow.exceptions import ExecutionException, MlflowException

from millrace.api import ENDED, Jobs, Schedules
from millrace.backend import MillraceBackend
from millrace.source import upload


def main(arguments=None):
    """Runs the command, and ends the process with 0, 1 if something failed, or 2 for a wrong command line."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    options = _parser().parse_args(arguments)
    if options.tracking_uri:
        mlflow.set_tracking_uri(options.tracking_uri)
    try:
        sys.exit(options.call(options.api(mlflow.get_tracking_uri()), options) or 0)
    except (MlflowException, ExecutionException) as problem:
        sys.exit(f"millrace: {problem}")
    except BrokenPipeError:
        # Whoever read the output wants no more.
        sys.stderr.close()
        sys.exit(1)


def _parser():
    parser = argparse.ArgumentParser(prog="millrace", description="Runs MLflow projects on a Millrace server.")
    parser.add_argument("--tracking-uri", help="the server's URL; default: MLFLOW_TRACKING_URI")
    nouns = parser.add_subparsers(required=True, metavar="jobs|schedules")
    _add_jobs(nouns.add_parser("jobs", help="projects that are run"))
    _add_schedules(nouns.add_parser("schedules", help="projects that are run again and again"))
    return parser


def _add_jobs(parser):
    parser.set_defaults(api=Jobs)
    jobs = parser.add_subparsers(required=True)

    command = jobs.add_parser("list", help="list jobs, the newest first")
    command.add_argument("--state", help="only jobs in this state, as RUNNING")
    command.add_argument("--experiment-id")
    command.add_argument("--max-results", type=int, default=20)
    command.set_defaults(call=_list)

    command = jobs.add_parser("show", help="print what is known of a job, as JSON")
    command.add_argument("id", metavar="job_id")
    command.set_defaults(call=_show)

    command = jobs.add_parser("logs", help="print what a job prints")
    command.add_argument("job_id")
    command.add_argument("-f", "--follow", action="store_true", help="until it has ended")
    command.set_defaults(call=_logs)

    command = jobs.add_parser("cancel", help="cancel a job and wait until it has ended")
    command.add_argument("job_id")
    command.set_defaults(call=_cancel)

    command = jobs.add_parser("submit", help="hand a project in, and print the job's id")
    _add_project(command)
    command.add_argument("--wait", action="store_true", help="print its log until it has ended; Ctrl-C cancels it")
    command.set_defaults(call=_submit)


def _add_schedules(parser):
    parser.set_defaults(api=Schedules)
    schedules = parser.add_subparsers(required=True)

    command = schedules.add_parser("create", help="let a project be run again and again, and print the schedule's id")
    command.add_argument("cron", help="when, as in crontab(5): '0 3 * * 1-5', or @hourly, @daily, @weekly, @monthly, @yearly")
    _add_project(command)
    command.add_argument("--name")
    command.add_argument("--time-zone", metavar="ZONE", help="as Europe/Berlin; default: UTC")
    command.add_argument("--overlap", choices=["skip", "allow"], help="what if a job of it still runs when the next time comes; default: skip")
    command.add_argument("--paused", action="store_true")
    command.set_defaults(call=_create_schedule)

    command = schedules.add_parser("list", help="list schedules, the newest first")
    command.add_argument("--max-results", type=int, default=20)
    command.set_defaults(call=_list_schedules)

    for name, call, help in (
        ("show", _show, "print what is known of a schedule, as JSON"),
        ("pause", lambda schedules, options: schedules.pause(options.id), "make no more jobs"),
        ("resume", lambda schedules, options: schedules.resume(options.id), "make jobs again, from the next time on"),
        ("run", lambda schedules, options: print(schedules.run(options.id)["job_id"]), "make a job at once, and print its id"),
        ("delete", lambda schedules, options: schedules.delete(options.id), "delete a schedule; its jobs stay"),
    ):
        command = schedules.add_parser(name, help=help)
        command.add_argument("id", metavar="schedule_id")
        command.set_defaults(call=call)


def _add_project(command):
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
    command.add_argument("--cpus", type=float, help="processors that it needs")
    command.add_argument("--memory-bytes", type=int, help="memory that it needs")
    command.add_argument("--gpus", type=int)


def _list(jobs, options):
    listed = jobs.list(state=options.state, experiment_id=options.experiment_id, max_results=min(options.max_results, 1000))
    print(f"{'JOB':<36}  {'STATE':<14}  {'RUN':<32}  {'CREATED':<19}  ENTRY POINT")
    for _, job in zip(range(options.max_results), listed):
        print(f"{job['job_id']:<36}  {job['state']:<14}  {job.get('run_id', ''):<32}  {_time(job, 'creation_time')}  {job.get('entry_point', '')}")


def _time(item, field):
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(int(item[field]) / 1000)) if field in item else ""


def _show(api, options):
    print(json.dumps(api.get(options.id), indent=2))


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


def _params(options):
    params = {}
    for param in options.param:
        name, equals, value = param.partition("=")
        if not equals:
            raise MlflowException(f"Invalid format for -P parameter: '{param}'. Use -P name=value.")
        if name in params:
            raise MlflowException(f"Repeated parameter: '{name}'")
        params[name] = value
    return params


def _experiment(options):
    if options.experiment_name:
        return mlflow.set_experiment(options.experiment_name).experiment_id
    return options.experiment_id or "0"


def _config(options):
    resources = _given({"cpus": options.cpus, "memory_bytes": options.memory_bytes, "gpus": options.gpus})
    settings = {"timeout_seconds": options.timeout, "max_retries": options.max_retries, "priority": options.priority, "resources": resources or None}
    return _given(settings)


def _given(settings):
    return {name: value for name, value in settings.items() if value is not None}


def _submit(jobs, options):
    params = _params(options)
    experiment = _experiment(options)
    config = {**_config(options), "ENV_MANAGER": options.env_manager}
    run = MillraceBackend().run(options.uri, options.entry_point, params, options.version, config, mlflow.get_tracking_uri(), experiment)
    client = mlflow.MlflowClient()
    client.set_tag(run.run_id, "mlflow.project.backend", "millrace")
    if options.run_name:
        client.set_tag(run.run_id, "mlflow.runName", options.run_name)
    print(run.job_id, file=sys.stderr if options.wait else sys.stdout)
    if options.wait and not run.wait():
        return 1


def _create_schedule(schedules, options):
    params, experiment = _params(options), _experiment(options)
    job = {
        "source": upload(schedules, options.uri, options.version),
        "entry_point": options.entry_point,
        "parameters": [{"key": key, "value": value} for key, value in params.items()],
        "experiment_id": experiment,
        "run_name": options.run_name,
        "env_manager": options.env_manager,
        "config": _config(options),
    }
    request = {"cron": options.cron, "job": _given(job), "name": options.name, "time_zone": options.time_zone, "overlap": options.overlap, "paused": options.paused}
    print(schedules.create(_given(request))["schedule_id"])


def _list_schedules(schedules, options):
    print(f"{'SCHEDULE':<32}  {'NEXT':<19}  {'LAST':<19}  {'LAST JOB':<32}  {'STATE':<10}  {'CRON':<16}  NAME")
    for _, schedule in zip(range(options.max_results), schedules.list(max_results=min(options.max_results, 1000))):
        following = "paused" if schedule.get("paused") else _time(schedule, "next_fire_time")
        last = f"{_time(schedule, 'last_fire_time'):<19}  {schedule.get('last_job_id', ''):<32}  {schedule.get('last_job_state', ''):<10}"
        print(f"{schedule['schedule_id']:<32}  {following:<19}  {last}  {schedule['cron']:<16}  {schedule.get('name', '')}".rstrip())


if __name__ == "__main__":
    main()
