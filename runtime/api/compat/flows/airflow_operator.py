"""Airflow's BatchOperator, executed as a worker would, outside a scheduler. Called with the word execute it is that worker."""

import datetime
import inspect
import subprocess
import sys
from importlib.metadata import version
from unittest.mock import MagicMock

import common

WHAT = "apache-airflow-providers-amazon " + version("apache-airflow-providers-amazon")
MARK = "the job is "


def operator(definition):
    from airflow.providers.amazon.aws.operators.batch import BatchOperator

    arguments = {
        "task_id": "flow", "job_name": "flow", "job_definition": definition, "job_queue": common.QUEUE, "region_name": "us-east-1", "aws_conn_id": None,
    }
    known = inspect.signature(BatchOperator.__init__).parameters
    arguments["container_overrides" if "container_overrides" in known else "overrides"] = {"environment": [{"name": "A", "value": "1"}]}
    if "awslogs_enabled" in known:
        arguments.update(awslogs_enabled=True, poll_interval=1, awslogs_fetch_interval=datetime.timedelta(milliseconds=200))
    return BatchOperator(**arguments)


def execute():
    made = operator(common.prepare("airflow"))
    job = made.execute({"ti": MagicMock(), "task_instance": MagicMock()})
    print(MARK + job, "awslogs" if hasattr(made, "awslogs_enabled") else "")


def check():
    worker = subprocess.run([sys.executable, __file__, "execute"], capture_output=True, text=True)
    said = worker.stdout + worker.stderr
    if worker.returncode != 0 or MARK not in said:
        common.failed(WHAT, said[-3000:])
    job, *fetches = said.partition(MARK)[2].splitlines()[0].split()
    if common.SPOKEN not in common.log_of(job):
        common.failed(WHAT, "the log of job %s says %r" % (job, common.log_of(job)))
    printed = any(line.endswith(common.SPOKEN) for line in said.splitlines())
    if fetches and not printed:
        common.failed(WHAT, "job %s succeeded, and the operator printed no line of its log\n%s" % (job, said[-3000:]))
    common.passed(WHAT, "job %s succeeded, and its log was read%s" % (job, " and printed by the operator" if printed else ""))


execute() if sys.argv[1:] == ["execute"] else check()
