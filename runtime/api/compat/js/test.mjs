// What the AWS SDK for JavaScript makes of the service at AWS_ENDPOINT_URL_BATCH. It is installed in the folder that
// COMPAT_MODULES names. At run time it enforces no enumeration: LOCAL and AFTER_ANY are sent and returned as they
// are, and only TypeScript would ask for a cast. It has no waiters for AWS Batch.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

const require = createRequire(`${process.env.COMPAT_MODULES}/`);
const sdk = require("@aws-sdk/client-batch");
const logs = require("@aws-sdk/client-cloudwatch-logs");

const group = "/aws/batch/job";
const patience = 60_000; // ms
const once = { maxAttempts: 1 }; // a retry would hide an answer that should not have been given
const client = new sdk.BatchClient(once);
const served = new Set(); // operations that were answered with success

const isOperation = (name) => /^[A-Z]\w*Command$/.test(name);
const operations = Object.keys(sdk).filter(isOperation).map((name) => name.slice(0, -"Command".length));

// call makes one call by the name of its operation.
async function call(operation, input = {}) {
	const answer = await client.send(new sdk[`${operation}Command`](input));
	served.add(operation);
	return answer;
}

// pages is all that a paginator lists, one to a page.
async function pages(operation, key, input = {}) {
	const found = [];
	for await (const page of sdk[`paginate${operation}`]({ client, pageSize: 1 }, input)) found.push(...page[key]);
	served.add(operation);
	return found;
}

const submit = async (jobName, more = {}) =>
	(await call("SubmitJob", { jobName, jobQueue: "js-work", jobDefinition: "js-quick", ...more })).jobId;

const describe = async (id) => (await call("DescribeJobs", { jobs: [id] })).jobs[0];

// awaitStatus polls, as the SDK has no waiter, until a job has a status or one that no longer changes.
async function awaitStatus(id, status) {
	for (const end = Date.now() + patience; Date.now() < end; await pause(100)) {
		const job = await describe(id);
		if (job.status === status) return job;
		assert.ok(!["SUCCEEDED", "FAILED"].includes(job.status), `job ${id} is ${job.status}, not ${status}: ${job.statusReason}`);
	}
	assert.fail(`job ${id} does not become ${status}`);
}

const refusal = (message = /./) => (error) => {
	assert.ok(error instanceof sdk.ClientException, `${error}`);
	assert.equal(error.name, "ClientException");
	assert.equal(error.$metadata.httpStatusCode, 400);
	assert.match(error.message, message);
	return true;
};

const local = (maxvCpus) => ({ type: "LOCAL", maxvCpus, subnets: [] });
const queue = (jobQueueName, environment, more = {}) =>
	call("CreateJobQueue", { jobQueueName, priority: 1, computeEnvironmentOrder: [{ order: 1, computeEnvironment: environment }], ...more });
const define = (jobDefinitionName, command) =>
	call("RegisterJobDefinition", {
		jobDefinitionName, type: "container",
		containerProperties: { command, resourceRequirements: [{ type: "VCPU", value: "1" }, { type: "MEMORY", value: "64" }] },
	});

const environment = await call("CreateComputeEnvironment", { computeEnvironmentName: "js-here", type: "MANAGED", computeResources: local(4), tags: { a: "b" } });
const work = await queue("js-work", "js-here");
await define("js-quick", ["true"]);
await define("js-hold", ["sleep", "600"]);
await define("js-fail", ["false"]);
await define("js-talk", ["sh", "-c", "echo one; echo two; echo three"]);

test("environment and queue", async () => {
	const { computeEnvironments } = await call("DescribeComputeEnvironments", { computeEnvironments: [environment.computeEnvironmentArn] });
	assert.equal(computeEnvironments[0].computeResources.type, "LOCAL");
	assert.deepEqual(computeEnvironments[0].tags, { a: "b" });
	await call("UpdateComputeEnvironment", { computeEnvironment: "js-here", computeResources: { maxvCpus: 6 } });
	const all = await pages("DescribeComputeEnvironments", "computeEnvironments");
	assert.equal(all.find((e) => e.computeEnvironmentName === "js-here").computeResources.maxvCpus, 6);
	await call("UpdateJobQueue", { jobQueue: "js-work", priority: 2 });
	const queues = await pages("DescribeJobQueues", "jobQueues");
	assert.equal(queues.find((q) => q.jobQueueName === "js-work").priority, 2);
	await call("CreateComputeEnvironment", { computeEnvironmentName: "js-gone", type: "MANAGED", state: "DISABLED", computeResources: local(1) });
	await queue("js-gone", "js-gone", { state: "DISABLED" });
	await call("DeleteJobQueue", { jobQueue: "js-gone" });
	await call("DeleteComputeEnvironment", { computeEnvironment: "js-gone" });
});

test("definitions", async () => {
	await define("js-twice", []);
	await define("js-twice", []);
	await call("DeregisterJobDefinition", { jobDefinition: "js-twice:1" });
	const found = await pages("DescribeJobDefinitions", "jobDefinitions", { jobDefinitionName: "js-twice" });
	assert.deepEqual(Object.fromEntries(found.map((d) => [d.revision, d.status])), { 1: "INACTIVE", 2: "ACTIVE" });
});

test("a single job and its log", async () => {
	const job = await awaitStatus(await submit("js-talk", { jobDefinition: "js-talk", tags: { a: "b" } }), "SUCCEEDED");
	assert.equal(job.container.exitCode, 0);
	assert.deepEqual(job.tags, { a: "b" });
	const reader = new logs.CloudWatchLogsClient(once);
	const stream = { logGroupName: group, logStreamName: job.container.logStreamName };
	const whole = await reader.send(new logs.GetLogEventsCommand({ ...stream, startFromHead: true }));
	assert.deepEqual(whole.events.map((e) => e.message), ["one", "two", "three"]);
	const filtered = [];
	const filter = { logGroupName: group, logStreamNames: [stream.logStreamName], filterPattern: "two" };
	for await (const page of logs.paginateFilterLogEvents({ client: reader, pageSize: 1 }, filter)) filtered.push(...page.events);
	assert.deepEqual(filtered.map((e) => e.message), ["two"]);
	const missing = reader.send(new logs.GetLogEventsCommand({ ...stream, logStreamName: "nobody" }));
	await assert.rejects(missing, (error) => error instanceof logs.ResourceNotFoundException);
});

test("an array and its children", async () => {
	const id = await submit("js-array", { arrayProperties: { size: 5 } });
	assert.equal((await awaitStatus(id, "SUCCEEDED")).arrayProperties.statusSummary.SUCCEEDED, 5);
	const children = await pages("ListJobs", "jobSummaryList", { arrayJobId: id, jobStatus: "SUCCEEDED" });
	assert.deepEqual(children.map((c) => c.arrayProperties.index).sort(), [0, 1, 2, 3, 4]);
});

test("AFTER_ANY", async () => {
	const first = await submit("js-first", { jobDefinition: "js-fail" });
	const then = await submit("js-then", { dependsOn: [{ jobId: first, type: "AFTER_ANY" }] });
	assert.deepEqual((await awaitStatus(then, "SUCCEEDED")).dependsOn, [{ jobId: first, type: "AFTER_ANY" }]);
	assert.equal((await describe(first)).status, "FAILED");
});

test("scheduling policy", async () => {
	const { arn } = await call("CreateSchedulingPolicy", {
		name: "js-fair", fairsharePolicy: { shareDecaySeconds: 60, shareDistribution: [{ shareIdentifier: "team*", weightFactor: 0.5 }] },
	});
	await queue("js-shared", "js-here", { schedulingPolicyArn: arn });
	await awaitStatus(await submit("js-fair", { jobQueue: "js-shared", shareIdentifier: "teamA" }), "SUCCEEDED");
	await call("UpdateSchedulingPolicy", { arn, fairsharePolicy: { shareDecaySeconds: 90 } });
	const { schedulingPolicies } = await call("DescribeSchedulingPolicies", { arns: [arn] });
	assert.equal(schedulingPolicies[0].fairsharePolicy.shareDecaySeconds, 90);
	assert.ok((await pages("ListSchedulingPolicies", "schedulingPolicies")).some((p) => p.arn === arn));
	await assert.rejects(call("DeleteSchedulingPolicy", { arn }), refusal());
	await call("DeleteSchedulingPolicy", { arn: (await call("CreateSchedulingPolicy", { name: "js-unused", fairsharePolicy: {} })).arn });
});

test("consumable resource", async () => {
	const consumableResource = "js-licence";
	await call("CreateConsumableResource", { consumableResourceName: consumableResource, totalQuantity: 1 });
	assert.equal((await call("UpdateConsumableResource", { consumableResource, operation: "ADD", quantity: 2 })).totalQuantity, 3);
	const id = await submit("js-licensed", {
		jobDefinition: "js-hold", consumableResourcePropertiesOverride: { consumableResourceList: [{ consumableResource, quantity: 2 }] },
	});
	await awaitStatus(id, "RUNNING");
	assert.equal((await call("DescribeConsumableResource", { consumableResource })).inUseQuantity, 2);
	assert.equal((await pages("ListJobsByConsumableResource", "jobs", { consumableResource })).length, 1);
	assert.ok((await pages("ListConsumableResources", "consumableResources")).some((r) => r.consumableResourceName === consumableResource));
	await call("TerminateJob", { jobId: id, reason: "enough" });
	assert.equal((await awaitStatus(id, "FAILED")).statusReason, "enough");
	await call("DeleteConsumableResource", { consumableResource });
});

test("quota share", async () => {
	const { quotaShareArn } = await call("CreateQuotaShare", {
		quotaShareName: "js-risk", jobQueue: "js-work", capacityLimits: [{ maxCapacity: 4, capacityUnit: "VCPU" }],
		resourceSharingConfiguration: { strategy: "RESERVE" }, preemptionConfiguration: { inSharePreemption: "DISABLED" },
	});
	await call("UpdateQuotaShare", { quotaShareArn, state: "DISABLED" });
	assert.equal((await call("DescribeQuotaShare", { quotaShareArn })).state, "DISABLED");
	assert.deepEqual((await pages("ListQuotaShares", "quotaShares", { jobQueue: "js-work" })).map((q) => q.quotaShareName), ["js-risk"]);
	await call("DeleteQuotaShare", { quotaShareArn });
});

test("snapshot, cancel and terminate", async () => {
	await call("CreateComputeEnvironment", { computeEnvironmentName: "js-small", type: "MANAGED", computeResources: local(1) });
	await queue("js-narrow", "js-small");
	const ids = [];
	for (let i = 0; i < 4; i++) ids.push(await submit(`js-${i}`, { jobQueue: "js-narrow", jobDefinition: "js-hold" }));
	await awaitStatus(ids[0], "RUNNING");
	const { frontOfQueue } = await call("GetJobQueueSnapshot", { jobQueue: "js-narrow" });
	assert.deepEqual(frontOfQueue.jobs.map((j) => j.jobArn.split("/").pop()), ids.slice(1));
	const reason = "enough";
	await call("CancelJob", { jobId: ids[1], reason });
	assert.deepEqual((await call("CancelJobs", { jobs: [ids[2]], reason })).successful, [ids[2]]);
	assert.deepEqual((await call("TerminateJobs", { jobs: [ids[0], ids[3]], reason })).successful, [ids[0], ids[3]]);
	for (const id of ids) assert.equal((await awaitStatus(id, "FAILED")).statusReason, reason);
});

test("tags", async () => {
	const resourceArn = work.jobQueueArn;
	await call("TagResource", { resourceArn, tags: { a: "b", c: "" } });
	await call("UntagResource", { resourceArn, tagKeys: ["a"] });
	assert.deepEqual((await call("ListTagsForResource", { resourceArn })).tags, { c: "" });
});

test("errors", async () => {
	await assert.rejects(submit("x", { jobQueue: "js-nobody" }), refusal());
	await assert.rejects(submit("x", { arrayProperties: { size: 1 } }), refusal(/size/));
});

// The SDK does not tell which members are required, so that an operation gets nothing but what stands in its path.
test("every operation", async () => {
	assert.ok(operations.length >= 45, `${operations.length} operations`);
	const succeeded = new Set(served);
	for (const operation of operations) {
		const resourceArn = "arn:aws:batch:us-east-1:000000000000:job-queue/js-nobody";
		await call(operation, /tag/i.test(operation) ? { resourceArn, tags: { a: "b" }, tagKeys: ["a"] } : {}).catch(refusal());
		const sageMaker = operation.includes("Service");
		assert.equal((sageMaker ? served : succeeded).has(operation), !sageMaker, `${operation} was served`);
	}
});
