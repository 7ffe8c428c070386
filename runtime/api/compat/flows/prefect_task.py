"""prefect-aws: batch_submit inside a flow, with a server of Prefect that it starts itself."""

import time
from importlib.metadata import version

import boto3
from prefect import flow
from prefect_aws import AwsCredentials
from prefect_aws.batch import batch_submit

import common

WHAT = "prefect-aws " + version("prefect-aws")

definition = common.prepare("prefect")


@flow
def submit():
    return batch_submit("flow", common.QUEUE, definition, AwsCredentials(region_name="us-east-1"))


job = submit()
batch, deadline = boto3.client("batch"), time.monotonic() + 60
while batch.describe_jobs(jobs=[job])["jobs"][0]["status"] not in ("SUCCEEDED", "FAILED"):
    if time.monotonic() > deadline:
        common.failed(WHAT, "job %s does not end" % job)
    time.sleep(0.2)
if common.SPOKEN not in common.log_of(job):
    common.failed(WHAT, "the log of job %s says %r" % (job, common.log_of(job)))
common.passed(WHAT, "job %s succeeded, and its log was read" % job)
