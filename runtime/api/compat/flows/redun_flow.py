"""redun: two tasks on its AWS Batch executor. The definition has no image, so that the task is a process with this interpreter."""

import os
import sys
import tempfile
from importlib.metadata import version

import boto3
from redun import Scheduler
from redun.config import Config

import common
import redun_tasks

WHAT = "redun " + version("redun")

def main():
    common.prepare("redun")
    batch = boto3.client("batch")
    bin_directory = os.path.dirname(sys.executable)
    batch.register_job_definition(jobDefinitionName="redun-process", type="container", containerProperties={
        "command": ["true"], "resourceRequirements": [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "512"}],
        "environment": [{"name": "PATH", "value": bin_directory + ":" + os.environ["PATH"]}],
    })
    with tempfile.TemporaryDirectory() as scratch:
        scheduler = Scheduler(config=Config({
            "backend": {"db_uri": "sqlite:///" + os.path.join(scratch, "redun.db")},
            "executors.batch": {
                "type": "aws_batch", "image": "not-used", "queue": common.QUEUE, "s3_scratch": scratch, "aws_region": "us-east-1",
                "job_def_name": "redun-process", "autocreate_job_def": "False", "memory": "1", "job_monitor_interval": "0.5",
                "min_array_size": "0", "code_includes": "*.py",
            },
        }))
        scheduler.load()
        result = scheduler.run(redun_tasks.both())
    if result != [2, 4]:
        common.failed(WHAT, "the tasks returned %r" % result)
    jobs = [j["jobId"] for j in batch.list_jobs(jobQueue=common.QUEUE, jobStatus="SUCCEEDED")["jobSummaryList"] if j["jobName"].startswith("redun-job")]
    logs = [common.log_of(job) for job in jobs]
    if len(jobs) < 2 or not all(any(common.SPOKEN in line for line in log) for log in logs):
        common.failed(WHAT, "the logs of jobs %s say %r" % (jobs, logs))
    common.passed(WHAT, "%d jobs succeeded, and their logs were read" % len(jobs))


if __name__ == "__main__":
    main()
