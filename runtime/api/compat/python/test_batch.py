"""What boto3, the AWS SDK for Python, makes of the service at AWS_ENDPOINT_URL_BATCH.

The types of an enumeration are known to boto3 but not enforced by it, so that LOCAL and AFTER_ANY are sent and
returned as they are. It has no waiters for AWS Batch: the one here is made with botocore, as users make theirs.
"""

import os
import sys
import unittest

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.waiter import WaiterModel, create_waiter_with_client

GROUP = "/aws/batch/job"


def waits_for(status, fails_at=None):
    """A waiter for jobs that all come to be in status."""
    acceptors = [{"matcher": "pathAll", "argument": "jobs[].status", "expected": status, "state": "success"}]
    if fails_at:
        acceptors.append({"matcher": "pathAny", "argument": "jobs[].status", "expected": fails_at, "state": "failure"})
    return {"operation": "DescribeJobs", "delay": 0.2, "maxAttempts": 150, "acceptors": acceptors}


WAITERS = {
    "version": 2,
    "waiters": {
        "JobSucceeded": waits_for("SUCCEEDED", fails_at="FAILED"),
        "JobFailed": waits_for("FAILED", fails_at="SUCCEEDED"),
        "JobRunning": waits_for("RUNNING"),
    },
}

# A call is made once: a retry would hide an answer that should not have been given.
ONCE = Config(retries={"total_max_attempts": 1})

batch = boto3.client("batch", config=ONCE)
served = set()  # operations that were answered with success


def remember(http_response, model, **_):
    if http_response.status_code == 200:
        served.add(model.name)


batch.meta.events.register("after-call.batch", remember)


def wait(name, *ids):
    create_waiter_with_client(name, WaiterModel(WAITERS), batch).wait(jobs=list(ids))


def submit(name, definition="py-quick", queue="py-work", **more):
    return batch.submit_job(jobName=name, jobQueue=queue, jobDefinition=definition, **more)["jobId"]


def describe(job):
    return batch.describe_jobs(jobs=[job])["jobs"][0]


def pages(operation, key, **arguments):
    """All that a paginator lists, one to a page."""
    paginator = batch.get_paginator(operation).paginate(PaginationConfig={"PageSize": 1}, **arguments)
    return [entry for page in paginator for entry in page[key]]


def minimal(shape, name=""):
    """The least that boto3 lets through: the required members, with names that nobody has."""
    if shape.type_name == "structure":
        return {member: minimal(shape.members[member], member) for member in shape.required_members}
    if shape.type_name == "list":
        return [minimal(shape.member, name)]
    if shape.type_name == "map":
        return {"key": "value"}
    if shape.type_name in ("integer", "long", "float", "double"):
        return 1
    if shape.type_name == "boolean":
        return False
    if getattr(shape, "enum", None):
        return shape.enum[0]
    if name.lower().endswith("arn") or name == "arns":
        return "arn:aws:batch:us-east-1:000000000000:job-queue/py-nobody"
    return "py-nobody"


class Batch(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.environment = batch.create_compute_environment(
            computeEnvironmentName="py-here", type="MANAGED", tags={"a": "b"},
            computeResources={"type": "LOCAL", "maxvCpus": 4, "subnets": []},
        )["computeEnvironmentArn"]
        order = [{"order": 1, "computeEnvironment": "py-here"}]
        cls.queue = batch.create_job_queue(jobQueueName="py-work", priority=1, computeEnvironmentOrder=order)["jobQueueArn"]
        for name, command in {
            "py-quick": ["true"], "py-hold": ["sleep", "600"], "py-fail": ["false"], "py-talk": ["sh", "-c", "echo one; echo two; echo three"],
        }.items():
            batch.register_job_definition(jobDefinitionName=name, type="container", containerProperties={
                "command": command,
                "resourceRequirements": [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "64"}],
            })

    def refused(self, call, code="ClientException", **arguments):
        with self.assertRaises(ClientError) as caught:
            call(**arguments)
        self.assertEqual(caught.exception.response["Error"]["Code"], code)
        self.assertTrue(caught.exception.response["Error"]["Message"])
        self.assertEqual(caught.exception.response["ResponseMetadata"]["HTTPStatusCode"], 400)
        return caught.exception

    def test_environment_and_queue(self):
        found = batch.describe_compute_environments(computeEnvironments=[self.environment])["computeEnvironments"][0]
        self.assertEqual((found["computeResources"]["type"], found["status"], found["tags"]), ("LOCAL", "VALID", {"a": "b"}))
        batch.update_compute_environment(computeEnvironment="py-here", computeResources={"maxvCpus": 6})
        self.assertIn("py-here", [e["computeEnvironmentName"] for e in pages("describe_compute_environments", "computeEnvironments")])
        batch.update_job_queue(jobQueue="py-work", priority=2)
        self.assertEqual({q["jobQueueName"]: q["priority"] for q in pages("describe_job_queues", "jobQueues")}["py-work"], 2)
        batch.create_compute_environment(
            computeEnvironmentName="py-gone", type="MANAGED", state="DISABLED", computeResources={"type": "LOCAL", "maxvCpus": 1, "subnets": []})
        batch.create_job_queue(
            jobQueueName="py-gone", priority=1, state="DISABLED", computeEnvironmentOrder=[{"order": 1, "computeEnvironment": "py-gone"}])
        batch.delete_job_queue(jobQueue="py-gone")
        batch.delete_compute_environment(computeEnvironment="py-gone")

    def test_definitions(self):
        made = [batch.register_job_definition(jobDefinitionName="py-twice", type="container", containerProperties={
            "command": [], "environment": [{"name": "EMPTY", "value": ""}]}) for _ in range(2)]
        self.assertEqual([d["revision"] for d in made], [1, 2])
        batch.deregister_job_definition(jobDefinition="py-twice:1")
        found = pages("describe_job_definitions", "jobDefinitions", jobDefinitionName="py-twice")
        self.assertEqual({d["revision"]: d["status"] for d in found}, {1: "INACTIVE", 2: "ACTIVE"})
        self.assertEqual(found[0]["containerProperties"]["environment"], [{"name": "EMPTY", "value": ""}])

    def test_single_job_and_its_log(self):
        job = submit("py-talk", "py-talk", tags={"a": "b"})
        wait("JobSucceeded", job)
        found = describe(job)
        self.assertEqual((found["container"]["exitCode"], found["tags"]), (0, {"a": "b"}))
        stream = found["container"]["logStreamName"]
        logs = boto3.client("logs", config=ONCE)
        whole = logs.get_log_events(logGroupName=GROUP, logStreamName=stream, startFromHead=True)
        self.assertEqual([e["message"] for e in whole["events"]], ["one", "two", "three"])
        after = logs.get_log_events(logGroupName=GROUP, logStreamName=stream, nextToken=whole["nextForwardToken"])
        self.assertEqual((after["events"], after["nextForwardToken"]), ([], whole["nextForwardToken"]))
        filtered = logs.get_paginator("filter_log_events").paginate(
            logGroupName=GROUP, logStreamNames=[stream], filterPattern="two", PaginationConfig={"PageSize": 1})
        self.assertEqual([e["message"] for page in filtered for e in page["events"]], ["two"])
        self.assertIn(GROUP, [g["logGroupName"] for g in logs.describe_log_groups()["logGroups"]])
        streams = logs.describe_log_streams(logGroupName=GROUP, logStreamNamePrefix=stream)["logStreams"]
        self.assertEqual([s["logStreamName"] for s in streams], [stream])
        self.refused(logs.get_log_events, "ResourceNotFoundException", logGroupName=GROUP, logStreamName="nobody")

    def test_array_and_paginator(self):
        job = submit("py-array", arrayProperties={"size": 5})
        wait("JobSucceeded", job)
        self.assertEqual(describe(job)["arrayProperties"]["statusSummary"]["SUCCEEDED"], 5)
        children = pages("list_jobs", "jobSummaryList", arrayJobId=job, jobStatus="SUCCEEDED")
        self.assertEqual(sorted(c["arrayProperties"]["index"] for c in children), list(range(5)))

    def test_after_any(self):
        first = submit("py-first", "py-fail")
        then = submit("py-then", dependsOn=[{"jobId": first, "type": "AFTER_ANY"}])
        wait("JobSucceeded", then)
        self.assertEqual(describe(first)["status"], "FAILED")
        self.assertEqual(describe(then)["dependsOn"], [{"jobId": first, "type": "AFTER_ANY"}])

    def test_scheduling_policy(self):
        policy = batch.create_scheduling_policy(
            name="py-fair", fairsharePolicy={"shareDecaySeconds": 60, "shareDistribution": [{"shareIdentifier": "team*", "weightFactor": 0.5}]})["arn"]
        batch.create_job_queue(
            jobQueueName="py-shared", priority=1, schedulingPolicyArn=policy, computeEnvironmentOrder=[{"order": 1, "computeEnvironment": "py-here"}])
        wait("JobSucceeded", submit("py-fair", queue="py-shared", shareIdentifier="teamA"))
        batch.update_scheduling_policy(arn=policy, fairsharePolicy={"shareDecaySeconds": 90})
        self.assertEqual(batch.describe_scheduling_policies(arns=[policy])["schedulingPolicies"][0]["fairsharePolicy"]["shareDecaySeconds"], 90)
        self.assertIn(policy, [p["arn"] for p in pages("list_scheduling_policies", "schedulingPolicies")])
        self.refused(batch.delete_scheduling_policy, arn=policy)
        unused = batch.create_scheduling_policy(name="py-unused", fairsharePolicy={})["arn"]
        batch.delete_scheduling_policy(arn=unused)

    def test_consumable_resource(self):
        batch.create_consumable_resource(consumableResourceName="py-licence", totalQuantity=1)
        self.assertEqual(batch.update_consumable_resource(consumableResource="py-licence", operation="ADD", quantity=2)["totalQuantity"], 3)
        job = submit("py-licensed", "py-hold", consumableResourcePropertiesOverride={
            "consumableResourceList": [{"consumableResource": "py-licence", "quantity": 2}]})
        wait("JobRunning", job)
        self.assertEqual(batch.describe_consumable_resource(consumableResource="py-licence")["inUseQuantity"], 2)
        self.assertEqual([j["jobStatus"] for j in pages("list_jobs_by_consumable_resource", "jobs", consumableResource="py-licence")], ["RUNNING"])
        self.assertIn("py-licence", [r["consumableResourceName"] for r in pages("list_consumable_resources", "consumableResources")])
        batch.terminate_job(jobId=job, reason="enough")
        wait("JobFailed", job)
        batch.delete_consumable_resource(consumableResource="py-licence")

    def test_quota_share(self):
        share = batch.create_quota_share(
            quotaShareName="py-risk", jobQueue="py-work", capacityLimits=[{"maxCapacity": 4, "capacityUnit": "VCPU"}],
            resourceSharingConfiguration={"strategy": "RESERVE"}, preemptionConfiguration={"inSharePreemption": "DISABLED"})["quotaShareArn"]
        batch.update_quota_share(quotaShareArn=share, state="DISABLED")
        self.assertEqual(batch.describe_quota_share(quotaShareArn=share)["state"], "DISABLED")
        self.assertEqual([q["quotaShareName"] for q in pages("list_quota_shares", "quotaShares", jobQueue="py-work")], ["py-risk"])
        batch.delete_quota_share(quotaShareArn=share)

    def test_snapshot_cancel_and_terminate(self):
        batch.create_compute_environment(
            computeEnvironmentName="py-small", type="MANAGED", computeResources={"type": "LOCAL", "maxvCpus": 1, "subnets": []})
        batch.create_job_queue(jobQueueName="py-narrow", priority=1, computeEnvironmentOrder=[{"order": 1, "computeEnvironment": "py-small"}])
        runs, *waits = [submit("py-%d" % i, "py-hold", "py-narrow") for i in range(4)]
        wait("JobRunning", runs)
        front = batch.get_job_queue_snapshot(jobQueue="py-narrow")["frontOfQueue"]["jobs"]
        self.assertEqual([j["jobArn"].rpartition("/")[2] for j in front], waits)
        batch.cancel_job(jobId=waits[0], reason="enough")
        self.assertEqual(batch.cancel_jobs(jobs=waits[1:2], reason="enough")["successful"], waits[1:2])
        self.assertEqual(batch.terminate_jobs(jobs=[runs, waits[2]], reason="enough")["successful"], [runs, waits[2]])
        wait("JobFailed", runs, *waits)
        self.assertEqual({describe(job)["statusReason"] for job in (runs, *waits)}, {"enough"})

    def test_tags(self):
        batch.tag_resource(resourceArn=self.queue, tags={"a": "b", "c": ""})
        batch.untag_resource(resourceArn=self.queue, tagKeys=["a"])
        self.assertEqual(batch.list_tags_for_resource(resourceArn=self.queue)["tags"], {"c": ""})

    def test_errors(self):
        self.refused(batch.submit_job, jobName="x", jobQueue="py-nobody", jobDefinition="py-quick")
        error = self.refused(batch.submit_job, jobName="x", jobQueue="py-work", jobDefinition="py-quick", arrayProperties={"size": 1})
        self.assertIsInstance(error, batch.exceptions.ClientException)
        self.assertIn("size", str(error))
        other = boto3.client("batch", config=ONCE, aws_access_key_id=os.environ["AWS_ACCESS_KEY_ID"], aws_secret_access_key="wrong")
        with self.assertRaises(ClientError) as caught:
            other.describe_job_queues()
        self.assertEqual(caught.exception.response["ResponseMetadata"]["HTTPStatusCode"], 403)

    def test_identity(self):
        self.assertEqual(boto3.client("sts", config=ONCE).get_caller_identity()["Account"], "000000000000")


class EveryOperation(unittest.TestCase):
    """Runs after Batch: unittest sorts classes of a module by name."""

    def test_every_operation(self):
        model = batch.meta.service_model
        self.assertGreaterEqual(len(model.operation_names), 45)
        succeeded = set(served)
        for name in model.operation_names:
            with self.subTest(name):
                shape = model.operation_model(name).input_shape
                try:
                    getattr(batch, xform_name(name))(**minimal(shape))
                except ClientError as refused:
                    answer = refused.response
                    self.assertEqual(answer["ResponseMetadata"]["HTTPStatusCode"], 400, answer)
                    self.assertEqual(answer["Error"]["Code"], "ClientException", answer)
                if "Service" in name:  # of SageMaker
                    self.assertNotIn(name, served)
                else:
                    self.assertIn(name, succeeded, "no call of it by Batch succeeded")


if __name__ == "__main__":
    unittest.main(verbosity=2, argv=sys.argv)
