"""What the flows share: an environment, a queue and definitions, made with boto3 as their users do."""

import sys

import boto3

GROUP = "/flows/group"
QUEUE = "flows"
SPOKEN = "spoken by a flow"


def prepare(name):
    """Makes what a flow needs, once, and returns the definition of a job that says SPOKEN in a log group of its own."""
    batch = boto3.client("batch")
    if not batch.describe_job_queues(jobQueues=[QUEUE])["jobQueues"]:
        batch.create_compute_environment(
            computeEnvironmentName=QUEUE, type="MANAGED", computeResources={"type": "LOCAL", "maxvCpus": 2, "subnets": []})
        batch.create_job_queue(jobQueueName=QUEUE, priority=1, computeEnvironmentOrder=[{"order": 1, "computeEnvironment": QUEUE}])
    return batch.register_job_definition(jobDefinitionName=name, type="container", containerProperties={
        "command": ["sh", "-c", "echo $0; sleep 2", SPOKEN], "resourceRequirements": [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "64"}],
        "logConfiguration": {"logDriver": "awslogs", "options": {
            "awslogs-group": GROUP, "awslogs-region": batch.meta.region_name, "awslogs-stream-prefix": name}},
    })["jobDefinitionArn"]


def log_of(job):
    """The lines of a job, found as its description says."""
    container = boto3.client("batch").describe_jobs(jobs=[job])["jobs"][0]["container"]
    options = container.get("logConfiguration", {}).get("options", {})
    events = boto3.client("logs").get_log_events(
        logGroupName=options.get("awslogs-group", "/aws/batch/job"), logStreamName=container["logStreamName"], startFromHead=True)
    return [event["message"] for event in events["events"]]


def passed(what, detail):
    print("ok: %s: %s" % (what, detail))
    sys.exit(0)


def failed(what, detail):
    print("FAILED: %s: %s" % (what, detail))
    sys.exit(1)
