"""What AWS's own documentation and model say, held against the service at AWS_ENDPOINT_URL_BATCH.

The installed botocore has the examples of the API reference (examples-1.json) and the model of every operation
(service-2.json). Each example is sent, after what it names was made, and what it shows must be answered: the same members of
the same types, and the same values where they follow from requests. Then every member of every request is given a value of
its type, and an empty one: it is accepted, or refused by an error that names a member, and never fails the service.
"""

import re
import sys
import time
import unittest

import boto3
import botocore.loaders
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

ONCE = Config(retries={"total_max_attempts": 1}, parameter_validation=False, inject_host_prefix=False)
clients = {name: boto3.client(name, config=ONCE) for name in ("batch", "logs")}
batch = clients["batch"]

# Examples that are not sent, with the reason.
SKIPPED = {
    ("DeregisterJobDefinition", "sleep10"): "the reference asks for name:revision, and a bare name could be of any revision",
}

# Members that are this service's to choose, so that only their types are compared.
OWN = re.compile(r"(Arn|Id|At|uuid|revision|ecsClusterArn|jobQueue|jobDefinition|computeEnvironment)$")

# Members that an example shows and that are not answered here, with the reason.
NOT_ANSWERED = {
    "image": "the job of DescribeJobs runs as a process, so that no Docker is needed",
}

# Operations of CloudWatch Logs that are served; the others are refused by name.
LOGS = {
    "GetLogEvents", "FilterLogEvents", "DescribeLogGroups", "DescribeLogStreams", "CreateLogGroup", "DeleteLogGroup", "CreateLogStream",
    "PutRetentionPolicy", "DeleteRetentionPolicy", "ListTagsForResource", "ListTagsLogGroup", "TagResource", "TagLogGroup", "UntagResource",
    "UntagLogGroup",
}


def call(service, operation, arguments):
    """Returns the answer, or the error as botocore has it."""
    try:
        return getattr(clients[service], xform_name(operation))(**arguments), None
    except ClientError as refused:
        return None, refused.response


def examples(service):
    model = botocore.loaders.create_loader().load_service_model(service, "examples-1")
    return [(operation, example) for operation, list_ in model["examples"].items() for example in list_]


def here(value):
    """An example with the account of this service."""
    if isinstance(value, dict):
        return {k: here(v) for k, v in value.items()}
    if isinstance(value, list):
        return [here(v) for v in value]
    if isinstance(value, str):
        return re.sub(r":(012345678910|123456789012):(?!role)", ":000000000000:", value)
    return value


def submit_and_wait(queue, definition):
    job = batch.submit_job(jobName="example", jobQueue=queue, jobDefinition=definition)["jobId"]
    for _ in range(600):
        found = batch.describe_jobs(jobs=[job])["jobs"][0]
        if found["status"] in ("SUCCEEDED", "FAILED"):
            return job
        time.sleep(0.1)
    raise AssertionError("job %s is %s" % (job, found["status"]))


class Examples(unittest.TestCase):
    """Sends the examples of AWS Batch. There are none of CloudWatch Logs."""

    @classmethod
    def setUpClass(cls):
        made = {operation: [] for operation in ("CreateComputeEnvironment", "CreateJobQueue", "RegisterJobDefinition")}
        cls.answers = []
        for operation, example in examples("batch"):
            if operation in made:
                made[operation].append(example)
        for operation, list_ in made.items():  # in this order: what is named comes first
            for example in list_:
                cls.answers.append((operation, example, call("batch", operation, here(example["input"]))))
        fleet = here(next(e for o, e in examples("batch") if o == "DescribeComputeEnvironments")["output"]["computeEnvironments"][0])
        batch.create_compute_environment(
            computeEnvironmentName="P2OnDemand", **{k: fleet[k] for k in ("type", "computeResources", "serviceRole", "state")})
        batch.create_compute_environment(
            computeEnvironmentName="ex-here", type="MANAGED", computeResources={"type": "LOCAL", "maxvCpus": 4, "subnets": []})
        for queue, environment in {"GPGPU": "P2OnDemand", "ex-quick": "ex-here"}.items():
            batch.create_job_queue(jobQueueName=queue, priority=1, computeEnvironmentOrder=[{"order": 1, "computeEnvironment": environment}])
        # The example of DescribeJobQueues shows the queue of CreateJobQueue as it was later.
        batch.update_job_queue(
            jobQueue="HighPriority", priority=1, computeEnvironmentOrder=[{"order": 1, "computeEnvironment": "C4OnDemand"}])
        definition = here(next(e for o, e in examples("batch") if o == "DescribeJobDefinitions")["output"]["jobDefinitions"][0])
        batch.register_job_definition(
            jobDefinitionName="sleep60", type="container",
            containerProperties={k: definition["containerProperties"][k] for k in ("command", "image", "resourceRequirements")})
        batch.register_job_definition(
            jobDefinitionName="ex-sleep", type="container", containerProperties={"command": ["sleep", "0"], "vcpus": 1, "memory": 128})
        cls.ended = submit_and_wait("ex-quick", "ex-sleep")

    def replaced(self, operation, arguments):
        """The input of an example with ids of jobs that there are."""
        arguments = here(arguments)
        if operation == "DescribeJobs":
            return {"jobs": [self.ended]}
        if operation == "ListJobs" and arguments.get("jobStatus"):
            return {"jobQueue": "ex-quick", "jobStatus": "SUCCEEDED"}  # SUBMITTED lasts no time here
        if operation == "ListJobs":
            return arguments
        if operation == "DeleteJobQueue":
            batch.update_job_queue(jobQueue="GPGPU", state="DISABLED")
        if operation == "DeleteComputeEnvironment":
            batch.update_compute_environment(computeEnvironment="P2OnDemand", state="DISABLED")
        return arguments

    def shown(self, want, got, path, follows):
        """Everything that is shown is answered."""
        if isinstance(want, dict):
            self.assertIsInstance(got, dict, path)
            for name, value in want.items():
                if name in NOT_ANSWERED and path.startswith("DescribeJobs."):
                    continue
                self.assertIn(name, got, path)
                self.shown(value, got[name], "%s.%s" % (path, name), follows and not OWN.search(name))
        elif isinstance(want, list):
            self.assertIsInstance(got, list, path)
            if want and isinstance(want[0], dict) and len(want) == 1:
                self.assertTrue(got, path)
                self.shown(want[0], got[0], path + "[0]", follows)
            elif follows:
                self.assertEqual(got, want, path)
        else:
            self.assertIs(type(got), type(want), path)
            if path.endswith(".statusReason"):
                self.assertTrue(got.startswith(want), "%s: %s" % (path, got))  # it may say more
            elif follows:
                self.assertEqual(got, want, path)

    def test_examples(self):
        last = ("DeleteJobQueue", "DeleteComputeEnvironment")  # which uses the other
        rest = [(o, e) for o, e in examples("batch") if o not in ("CreateComputeEnvironment", "CreateJobQueue", "RegisterJobDefinition")]
        order = ["TagResource", "ListTagsForResource", "UntagResource", "DescribeComputeEnvironments", "SubmitJob"]
        rest.sort(key=lambda each: order.index(each[0]) if each[0] in order else len(order) + (last.index(each[0]) + 1 if each[0] in last else 0))
        answers = list(self.answers)
        for operation, example in rest:
            arguments = self.replaced(operation, example["input"])
            if (operation, str(next(iter(arguments.values()), None))) in SKIPPED:
                continue
            if operation == "ListJobs" and "jobStatus" not in arguments:
                arguments = None  # of jobs that run: one is made
                job = batch.submit_job(jobName="example", jobQueue="ex-quick", jobDefinition="ex-sleep", containerOverrides={"command": ["sleep", "600"]})
                while batch.describe_jobs(jobs=[job["jobId"]])["jobs"][0]["status"] != "RUNNING":
                    time.sleep(0.05)
                answers.append((operation, example, call("batch", operation, {"jobQueue": "ex-quick"})))
                batch.terminate_job(jobId=job["jobId"], reason="enough")
                continue
            answers.append((operation, example, call("batch", operation, arguments)))
        for operation, example, (answer, error) in answers:
            with self.subTest(operation, title=example.get("title")):
                self.assertIsNone(error)
                want = here(example.get("output", {}))
                values = operation not in ("DescribeJobs",)
                if operation == "DescribeJobDefinitions":
                    answer = {"jobDefinitions": [d for d in answer["jobDefinitions"] if d["jobDefinitionName"] == "sleep60"]}
                self.shown(want, answer, operation, values)


# Values of members by name, where any value of the type would be refused for a reason that hides the member's own rules.
KNOWN = {
    "jobQueue": "ex-queue", "jobDefinition": "ex-definition", "computeEnvironment": "ex-fleet", "jobName": "ex-job",
    "consumableResource": "ex-licence", "logGroupName": "/ex/group", "logStreamName": "ex", "retentionInDays": 7,
    "resourceArn": "arn:aws:batch:us-east-1:000000000000:job-queue/ex-queue", "image": "busybox", "reason": "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY",
    "state": "ENABLED", "numNodes": 2, "mainNode": 0, "targetNodes": "0:", "maxTimeSeconds": 600, "attemptDurationSeconds": 60,
    "sourcePath": "/tmp", "containerPath": "/tmp", "hostPath": "/dev/null", "sizeInGiB": 30, "instanceRole": "role",
    "jobExecutionTimeoutMinutes": 30, "minScaleDownDelayMinutes": 20, "shareIdentifier": "team", "onExitCode": "1", "action": None,
}


# Members that a structure needs though the model does not say so, by its name.
NEEDED = {
    "ContainerProperties": {"image": "busybox"}, "EksPodProperties": {"containers": [{"image": "busybox"}]}, "Volume": {"name": "ex"},
    "EksVolume": {"name": "ex"}, "KeyValuePair": {"name": "EX"}, "EksContainerEnvironmentVariable": {"name": "EX"}, "RetryStrategy": {"attempts": 1},
    "LaunchTemplateSpecification": {"launchTemplateId": "lt"}, "LaunchTemplateSpecificationOverride": {"launchTemplateId": "lt"},
    "EcsTaskProperties": {"containers": [{"image": "busybox", "name": "ex", "essential": True}]}, "JobDependency": {"jobId": "ex-nobody"},
    "Ulimit": {"name": "nofile", "softLimit": 1, "hardLimit": 1}, "EksProperties": {"podProperties": {"containers": [{"image": "busybox"}]}},
    "ConsumableResourceRequirement": {"consumableResource": "ex-licence", "quantity": 1},
}


def value(shape, name):
    """A value of the type of a member, with what structures need."""
    enum = getattr(shape, "enum", None)
    if KNOWN.get(name) is not None and shape.type_name in ("string", "integer", "long") and (not enum or KNOWN[name] in enum):
        return KNOWN[name]
    if shape.type_name == "structure":
        return dict({m: value(shape.members[m], m) for m in shape.required_members}, **NEEDED.get(shape.name, {}))
    if shape.type_name == "list":
        return [value(shape.member, name)]
    if shape.type_name == "map":
        return {"ex": value(shape.value, name)}
    if shape.type_name in ("integer", "long"):
        return 1
    if shape.type_name in ("float", "double"):
        return 1.5
    if shape.type_name == "boolean":
        return True
    if shape.type_name == "blob":
        return b"x"
    if enum:
        return enum[0]
    if name.lower().endswith("arn") or name == "arns":
        return "arn:aws:batch:us-east-1:000000000000:scheduling-policy/ex-policy"
    return "1"


def empty(shape):
    return {"structure": {}, "list": [], "map": {}, "string": "", "integer": 0, "long": 0, "float": 0.0, "double": 0.0, "boolean": False}.get(shape.type_name)


def variants(shape, name="", seen=()):
    """Yields the path of every member below a shape, and two values of the whole that have it."""
    if shape.type_name == "structure":
        if shape.name in seen:
            return
        base = value(shape, name)
        for member, inner in shape.members.items():
            for each in (value(inner, member), empty(inner)):
                yield [member], dict(base, **{member: each})
            for path, whole in variants(inner, member, (*seen, shape.name)):
                yield [member, *path], dict(base, **{member: whole})
    elif shape.type_name == "list":
        for path, whole in variants(shape.member, name, seen):
            yield path, [whole]
    elif shape.type_name == "map":
        for path, whole in variants(shape.value, name, seen):
            yield path, {"ex": whole}


EC2 = {"type": "EC2", "maxvCpus": 4, "subnets": ["s"], "securityGroupIds": ["g"], "instanceRole": "r", "allocationStrategy": "BEST_FIT_PROGRESSIVE"}

# What a request needs beside the member that is tried.
BASE = {
    "CreateComputeEnvironment": {"type": "MANAGED", "computeResources": EC2, "state": "DISABLED"},
    "CreateJobQueue": {"priority": 1, "state": "DISABLED", "computeEnvironmentOrder": [{"order": 1, "computeEnvironment": "ex-fleet"}]},
    "RegisterJobDefinition": {"jobDefinitionName": "ex-made", "type": "container", "containerProperties": {"image": "busybox"}},
    "CreateSchedulingPolicy": {}, "CreateConsumableResource": {},
    "DescribeSchedulingPolicies": {"arns": ["arn:aws:batch:us-east-1:000000000000:scheduling-policy/ex-policy"]},
    "UpdateSchedulingPolicy": {"arn": "arn:aws:batch:us-east-1:000000000000:scheduling-policy/ex-policy"},
    "DeregisterJobDefinition": {"jobDefinition": "ex-nobody:1"}, "ListJobs": {}, "CancelJob": {"jobId": "ex-nobody", "reason": "r"},
    "TerminateJob": {"jobId": "ex-nobody", "reason": "r"}, "DescribeJobs": {"jobs": ["ex-nobody"]},
    "UntagResource": {"tagKeys": ["ex"]}, "TagResource": {"tags": {"ex": "1"}}, "DeleteJobQueue": {"jobQueue": "ex-nobody"},
    "DeleteComputeEnvironment": {"computeEnvironment": "ex-nobody"}, "DeleteConsumableResource": {"consumableResource": "ex-nobody"},
    "UpdateConsumableResource": {"quantity": 1}, "CreateQuotaShare": {"quotaShareName": "ex-share", "state": "DISABLED"},
    "ListJobsByConsumableResource": {}, "CreateLogGroup": {"logGroupName": "/ex/new"},
}
BASE.update({name: {"logGroupName": "/ex/group"} for name in ("GetLogEvents", "FilterLogEvents", "DescribeLogStreams")})

# How what a request made is taken away again.
def delete_environment(answer):
    batch.update_compute_environment(computeEnvironment=answer["computeEnvironmentName"], state="DISABLED")
    batch.delete_compute_environment(computeEnvironment=answer["computeEnvironmentName"])


def delete_queue(answer):
    batch.update_job_queue(jobQueue=answer["jobQueueName"], state="DISABLED")
    batch.delete_job_queue(jobQueue=answer["jobQueueName"])


UNDO = {
    "CreateComputeEnvironment": delete_environment,
    "CreateJobQueue": delete_queue,
    "CreateSchedulingPolicy": lambda a: batch.delete_scheduling_policy(arn=a["arn"]),
    "CreateConsumableResource": lambda a: batch.delete_consumable_resource(consumableResource=a["consumableResourceName"]),
    "CreateLogGroup": lambda _: clients["logs"].delete_log_group(logGroupName="/ex/new"),
    "CreateQuotaShare": lambda a: batch.delete_quota_share(quotaShareArn=a["quotaShareArn"]),
}
NAMES = {"CreateComputeEnvironment": "computeEnvironmentName", "CreateJobQueue": "jobQueueName", "CreateSchedulingPolicy": "name", "CreateConsumableResource": "consumableResourceName"}

# Members whose value alone says that nothing else may be there.
ALONE = {"ecsProperties", "eksProperties", "nodeProperties"}


class Members(unittest.TestCase):
    """Gives every member of every request a value."""

    @classmethod
    def setUpClass(cls):
        batch.create_compute_environment(computeEnvironmentName="ex-fleet", type="MANAGED", computeResources=EC2)
        batch.create_job_queue(jobQueueName="ex-queue", priority=1, computeEnvironmentOrder=[{"order": 1, "computeEnvironment": "ex-fleet"}])
        batch.register_job_definition(jobDefinitionName="ex-definition", type="container", containerProperties={"image": "busybox"})
        batch.create_scheduling_policy(name="ex-policy")
        batch.create_consumable_resource(consumableResourceName="ex-licence", totalQuantity=1)
        clients["logs"].create_log_group(logGroupName="/ex/group")

    def refused_well(self, error, path):
        """An error of the caller that names a member of the path, or says what is missing or not served."""
        status, code, message = error["ResponseMetadata"]["HTTPStatusCode"], error["Error"]["Code"], error["Error"]["Message"]
        if not 400 <= status < 500 or status == 403:
            return False
        words = ("does not exist", "already exists", "is not served", "is not an operation", "does not take", "not supported", "cannot become", "Cannot delete")
        return code.endswith("Exception") and bool(message) and (any(m in message for m in path) or any(w in message for w in words) or re.match(r"[A-Za-z.\[\]0-9 ]+: given", message) is not None)

    def every(self, service, operations):
        tried = accepted = number = 0
        wrong = []
        for operation in sorted(operations, key=lambda name: (name.startswith("Delete"), name)):
            shape = clients[service].meta.service_model.operation_model(operation).input_shape
            if shape is None:
                continue
            required = value(shape, operation)
            for path, arguments in variants(shape):
                number += 1
                base = dict(required, **BASE.get(operation, {}))
                if operation in NAMES:
                    base[NAMES[operation]] = "ex-%d" % number
                if ALONE.intersection(path[:1]):
                    base.pop("containerProperties", None)
                    base["type"] = "multinode" if path[0] == "nodeProperties" else "container"
                whole = arguments[path[0]]
                if isinstance(whole, dict) and isinstance(base.get(path[0]), dict) and len(path) > 1:
                    whole = dict(base[path[0]], **whole)
                    whole = {k: base[path[0]].get(k, v) if k != path[1] else v for k, v in whole.items()}
                request = dict(base, **{path[0]: whole})
                if operation == "ListJobs" and path[0] not in ("arrayJobId", "multiNodeJobId"):
                    request.setdefault("jobQueue", "ex-queue")
                if "logGroupIdentifier" in request:
                    request.pop("logGroupName", None)
                answer, error = call(service, operation, request)
                tried += 1
                if error is None:
                    accepted += 1
                    if operation in UNDO:
                        UNDO[operation](answer)
                elif not self.refused_well(error, path):
                    wrong.append("%s, member %s: %r was answered %d %s" % (
                        operation, ".".join(path), request, error["ResponseMetadata"]["HTTPStatusCode"], error["Error"]))
        print("%s: %d values of members tried, %d accepted" % (service, tried, accepted), file=sys.stderr)
        self.assertEqual(wrong, [], "\n" + "\n".join(wrong))
        return tried, accepted

    def test_batch(self):
        tried, accepted = self.every("batch", batch.meta.service_model.operation_names)
        self.assertGreater(tried, 1000)
        self.assertGreater(accepted, 0.4 * tried)

    def test_logs(self):
        tried, accepted = self.every("logs", sorted(LOGS))
        self.assertGreater(accepted, 0.4 * tried)
        for operation in clients["logs"].meta.service_model.operation_names:
            if operation in LOGS or operation == "StartLiveTail":
                continue
            shape = clients["logs"].meta.service_model.operation_model(operation).input_shape
            _, error = call("logs", operation, value(shape, operation) if shape else {})
            self.assertEqual(error["Error"]["Code"], "UnknownOperationException", operation)


if __name__ == "__main__":
    unittest.main(verbosity=2, argv=sys.argv)
