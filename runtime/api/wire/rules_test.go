package wire_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// validator is any request.
type validator interface{ Validate() error }

// rule is one document and what its validation says; "" is valid.
type rule struct{ name, body, want string }

// run decodes every document into a fresh request and validates it.
func run(t *testing.T, fresh func() validator, rules []rule) {
	t.Helper()
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			request := fresh()
			if err := wire.Decode(strings.NewReader(r.body), wire.MaxSubmitBody, request); err != nil {
				t.Fatalf("decode: %v", err)
			}
			err := request.Validate()
			if r.want == "" {
				if err != nil {
					t.Fatalf("Validate: %v, want none", err)
				}
				return
			}
			var field *wire.FieldError
			if !errors.As(err, &field) || !strings.HasPrefix(err.Error(), r.want) {
				t.Fatalf("Validate:\n got %v\nwant %s", err, r.want)
			}
		})
	}
}

func TestComputeEnvironmentRules(t *testing.T) {
	local := func(more string) string {
		return `{"computeEnvironmentName":"a","type":"MANAGED","computeResources":{"type":"LOCAL","maxvCpus":4` + more + `}}`
	}
	ec2 := func(kind, more string) string {
		return `{"computeEnvironmentName":"a","type":"MANAGED","computeResources":{"type":"` + kind + `","maxvCpus":4,"subnets":["s"],"securityGroupIds":["g"]` + more + `}}`
	}
	unmanaged := func(resources string) string {
		return `{"computeEnvironmentName":"a","type":"UNMANAGED","serviceRole":"r","computeResources":{` + resources + `}}`
	}
	run(t, func() validator { return &wire.CreateComputeEnvironmentRequest{} }, []rule{
		{"local", local(``), ""},
		{"local with memory", local(`,"batchd":{"memoryMiB":4096},"minvCpus":0`), ""},
		{"local without vCPUs", `{"computeEnvironmentName":"a","type":"MANAGED","computeResources":{"type":"LOCAL"}}`, `computeResources.maxvCpus: given nothing`},
		{"local with zero vCPUs", `{"computeEnvironmentName":"a","type":"MANAGED","computeResources":{"type":"LOCAL","maxvCpus":0}}`, `computeResources.maxvCpus: given 0; allowed is 1 to`},
		{"local with subnets", local(`,"subnets":["s"]`), `computeResources.subnets: given 1 subnets; allowed is an empty list or nothing`},
		{"local with instances", local(`,"instanceTypes":["c5"]`), `computeResources.instanceTypes: given a value; allowed is nothing for type LOCAL`},
		{"local with little memory", local(`,"batchd":{"memoryMiB":3}`), `computeResources.batchd.memoryMiB: given 3`},
		{"min over max", local(`,"minvCpus":5`), `computeResources.minvCpus: given 5; allowed is 0 to 4`},
		{"no name", `{"type":"MANAGED"}`, `computeEnvironmentName: given nothing`},
		{"bad name", `{"computeEnvironmentName":"a b","type":"MANAGED"}`, `computeEnvironmentName: given "a b"; allowed is 1 to 128 letters`},
		{"long name", `{"computeEnvironmentName":"` + strings.Repeat("a", 129) + `","type":"MANAGED"}`, `computeEnvironmentName: given "aaa`},
		{"bad type", `{"computeEnvironmentName":"a","type":"manage"}`, `type: given "manage"; allowed is one of MANAGED, UNMANAGED`},
		{"no resources", `{"computeEnvironmentName":"a","type":"MANAGED"}`, `computeResources: given nothing`},
		{"unknown resources", `{"computeEnvironmentName":"a","type":"MANAGED","computeResources":{"type":"MOON","maxvCpus":1}}`, `computeResources.type: given "MOON"`},
		{"bad state", `{"computeEnvironmentName":"a","type":"MANAGED","state":"ON"}`, `state: given "ON"; allowed is one of ENABLED, DISABLED`},
		{"unmanaged", `{"computeEnvironmentName":"a","type":"UNMANAGED","serviceRole":"r","unmanagedvCpus":4}`, ""},
		{"unmanaged with resources", `{"computeEnvironmentName":"a","type":"UNMANAGED","serviceRole":"r","computeResources":{"type":"LOCAL"}}`, `computeResources: given a value; allowed is nothing for type UNMANAGED`},
		{"unmanaged without role", `{"computeEnvironmentName":"a","type":"UNMANAGED"}`, `serviceRole: given nothing`},
		{"ec2", ec2("EC2", `,"instanceRole":"r","instanceTypes":["optimal"],"minvCpus":0`), ""},
		{"ec2 without role", ec2("EC2", ``), `computeResources.instanceRole: given nothing`},
		{"ec2 with memory", ec2("EC2", `,"instanceRole":"r","batchd":{"memoryMiB":8}`), `computeResources.batchd.memoryMiB: given a value; allowed is nothing for type EC2: it is for LOCAL`},
		{"local with a region", local(`,"batchd":{"region":"eu-central-1"}`), `computeResources.batchd.region: given a value; allowed is nothing for type LOCAL: it is for EC2, SPOT, FARGATE, FARGATE_SPOT, UNMANAGED`},
		{"ec2 of an account", ec2("EC2", `,"batchd":{"neverOver":true,"profile":"work","region":"us-gov-west-1","helperImage":"busybox","defaultImage":"debian:12","createRoles":true}`), ""},
		{"ec2 that makes no roles", ec2("EC2", `,"batchd":{"createRoles":false}`), `computeResources.instanceRole: given nothing`},
		{"ec2 in no region", ec2("EC2", `,"instanceRole":"r","batchd":{"region":"Frankfurt"}`), `computeResources.batchd.region: given "Frankfurt"; allowed is the name of a region`},
		{"ec2 with a cluster", ec2("EC2", `,"instanceRole":"r","batchd":{"ecsCluster":"mine"}`), `computeResources.batchd.ecsCluster: given a value; allowed is nothing for type EC2: it is for UNMANAGED`},
		{"ec2 with a bad image", ec2("EC2", `,"instanceRole":"r","batchd":{"helperImage":"a b"}`), `computeResources.batchd.helperImage: given "a b"`},
		{"fargate that is never over", ec2("FARGATE", `,"batchd":{"neverOver":true}`), `computeResources.batchd.neverOver: given a value; allowed is nothing for type FARGATE: it is for EC2, SPOT`},
		{"unmanaged in a cluster", unmanaged(`"batchd":{"ecsCluster":"arn:aws:ecs:us-east-1:123456789012:cluster/mine","profile":"work"}`), ""},
		{"unmanaged in a bad cluster", unmanaged(`"batchd":{"ecsCluster":"a b"}`), `computeResources.batchd.ecsCluster: given "a b"`},
		{"unmanaged with nothing", unmanaged(``), `computeResources: given a value; allowed is nothing for type UNMANAGED`},
		{"unmanaged with subnets", unmanaged(`"subnets":["s"],"batchd":{"ecsCluster":"mine"}`), `computeResources: given a value; allowed is nothing for type UNMANAGED`},
		{"ec2 without subnets", `{"computeEnvironmentName":"a","type":"MANAGED","computeResources":{"type":"EC2","maxvCpus":4}}`, `computeResources.subnets: given 0 entries`},
		{"spot best fit without fleet role", ec2("SPOT", `,"instanceRole":"r"`), `computeResources.spotIamFleetRole: given nothing`},
		{"spot", ec2("SPOT", `,"instanceRole":"r","allocationStrategy":"SPOT_PRICE_CAPACITY_OPTIMIZED"`), ""},
		{"fargate", ec2("FARGATE", ``), ""},
		{"fargate with instances", ec2("FARGATE", `,"instanceTypes":["c5"]`), `computeResources.instanceTypes: given a value; allowed is nothing for type FARGATE`},
		{"bad delay", ec2("EC2", `,"instanceRole":"r","scalingPolicy":{"minScaleDownDelayMinutes":5}`), `computeResources.scalingPolicy.minScaleDownDelayMinutes: given 5; allowed is 20 to 10080`},
		{"aws tag", `{"computeEnvironmentName":"a","type":"UNMANAGED","serviceRole":"r","tags":{"aws:x":"y"}}`, `tags: given "aws:x"; allowed is keys that do not begin with aws:`},
		{"51 tags", `{"computeEnvironmentName":"a","type":"UNMANAGED","serviceRole":"r","tags":{` + many(51, `"k%d":""`) + `}}`, `tags: given 51 entries; allowed is 0 to 50 entries`},
	})
	run(t, func() validator { return &wire.UpdateComputeEnvironmentRequest{} }, []rule{
		{"nothing", `{}`, `computeEnvironment: given nothing`},
		{"max", `{"computeEnvironment":"a","computeResources":{"maxvCpus":0}}`, `computeResources.maxvCpus: given 0`},
		{"clearing", `{"computeEnvironment":"a","computeResources":{"imageId":"","subnets":[]}}`, ""},
		{"minutes", `{"computeEnvironment":"a","updatePolicy":{"jobExecutionTimeoutMinutes":0}}`, `updatePolicy.jobExecutionTimeoutMinutes: given 0; allowed is 1 to 7200`},
	})
	run(t, func() validator { return &wire.DescribeComputeEnvironmentsRequest{} }, []rule{
		{"all", `{}`, ""},
		{"101", `{"computeEnvironments":[` + many(101, `"a%d"`) + `]}`, `computeEnvironments: given 101 entries; allowed is 0 to 100 entries`},
		{"page", `{"maxResults":101}`, `maxResults: given 101; allowed is 1 to 100`},
	})
}

func TestJobQueueRules(t *testing.T) {
	queue := func(more string) string { return `{"jobQueueName":"q","priority":1,` + more + `}` }
	one := `"computeEnvironmentOrder":[{"order":1,"computeEnvironment":"a"}]`
	run(t, func() validator { return &wire.CreateJobQueueRequest{} }, []rule{
		{"queue", queue(one), ""},
		{"priority", `{"jobQueueName":"q",` + one + `}`, `priority: given nothing`},
		{"negative", `{"jobQueueName":"q","priority":-1,` + one + `}`, `priority: given -1`},
		{"no environments", queue(`"state":"ENABLED"`), `computeEnvironmentOrder: given 0 entries; allowed is 1 to 3 entries`},
		{"four", queue(`"computeEnvironmentOrder":[` + many(4, `{"order":%d,"computeEnvironment":"a"}`) + `]`), `computeEnvironmentOrder: given 4 entries`},
		{"no order", queue(`"computeEnvironmentOrder":[{"computeEnvironment":"a"}]`), `computeEnvironmentOrder[0].order: given nothing`},
		{"same order", queue(`"computeEnvironmentOrder":[{"order":1,"computeEnvironment":"a"},{"order":1,"computeEnvironment":"b"}]`), `computeEnvironmentOrder[1].order: given "1" again`},
		{"same environment", queue(`"computeEnvironmentOrder":[{"order":1,"computeEnvironment":"a"},{"order":2,"computeEnvironment":"a"}]`), `computeEnvironmentOrder[1].computeEnvironment: given "a" again`},
		{"pods", queue(one + `,"jobQueueType":"EKS"`), `jobQueueType: given "EKS"; allowed is one of ECS, ECS_FARGATE: neither Amazon EKS nor Amazon SageMaker is supported`},
		{"service", queue(`"serviceEnvironmentOrder":[{"order":1,"serviceEnvironment":"a"}]`), `serviceEnvironmentOrder: given 1 entries; allowed is nothing: Amazon SageMaker`},
	})
	run(t, func() validator { return &wire.UpdateJobQueueRequest{} }, []rule{
		{"state", `{"jobQueue":"q","state":"DISABLED"}`, ""},
		{"empty order", `{"jobQueue":"q","computeEnvironmentOrder":[]}`, `computeEnvironmentOrder: given 0 entries`},
	})
}

func TestJobDefinitionRules(t *testing.T) {
	process := func(more string) string {
		return `{"jobDefinitionName":"d","type":"container","containerProperties":{"command":["true"]` + more + `}}`
	}
	whole := func(more string) string {
		return `{"jobDefinitionName":"d","type":"container","containerProperties":{"command":["true"]},` + more + `}`
	}
	image := func(more string) string { return process(`,"image":"alpine:3"` + more) }
	amount := func(kind, value string) string {
		return process(`,"resourceRequirements":[{"type":"` + kind + `","value":"` + value + `"}]`)
	}
	run(t, func() validator { return &wire.RegisterJobDefinitionRequest{} }, []rule{
		{"process", process(``), ""},
		{"container", image(``), ""},
		{"digest", process(`,"image":"registry:5000/a/b@sha256:00"`), ""},
		{"bad image", process(`,"image":"a b"`), `containerProperties.image: given "a b"`},
		{"long image", process(`,"image":"` + strings.Repeat("a", 256) + `"`), `containerProperties.image: given 256 bytes`},
		{"bad type", `{"jobDefinitionName":"d","type":"Containers"}`, `type: given "Containers"; allowed is one of container, multinode`},
		{"nothing to run", `{"jobDefinitionName":"d","type":"container"}`, `containerProperties: given nothing; allowed is exactly one of`},
		{"two bodies", whole(`"ecsProperties":{"taskProperties":[{}]}`), `ecsProperties: given a value beside containerProperties`},
		{"nodes of type container", `{"jobDefinitionName":"d","type":"container","nodeProperties":{}}`, `nodeProperties: given a value`},
		{"process with volume", process(`,"volumes":[{"name":"v"}]`), `containerProperties.volumes: given a value; allowed is nothing without an image`},
		{"process that is privileged", process(`,"privileged":true`), `containerProperties.privileged: given a value`},
		{"fractional vCPU", amount("VCPU", "0.25"), ""},
		{"three decimals", amount("VCPU", "1.125"), ""},
		{"four decimals", amount("VCPU", "1.1255"), `containerProperties.resourceRequirements[0].value: given "1.1255"`},
		{"no vCPU", amount("VCPU", "0"), `containerProperties.resourceRequirements[0].value: given "0"; allowed is more than 0 vCPUs`},
		{"negative vCPU", amount("VCPU", "-1"), `containerProperties.resourceRequirements[0].value: given "-1"`},
		{"memory", amount("MEMORY", "4"), ""},
		{"little memory", amount("MEMORY", "3"), `containerProperties.resourceRequirements[0].value: given "3"; allowed is a whole number of MiB, at least 4`},
		{"fractional memory", amount("MEMORY", "4.5"), `containerProperties.resourceRequirements[0].value: given "4.5"`},
		{"no GPU", amount("GPU", "0"), `containerProperties.resourceRequirements[0].value: given "0"`},
		{"unknown resource", amount("DISK", "1"), `containerProperties.resourceRequirements[0].type: given "DISK"; allowed is one of VCPU, MEMORY, GPU`},
		{"resource twice", process(`,"resourceRequirements":[{"type":"VCPU","value":"1"},{"type":"VCPU","value":"2"}]`), `containerProperties.resourceRequirements[1].type: given "VCPU" again`},
		{"both forms", process(`,"vcpus":1,"resourceRequirements":[{"type":"VCPU","value":"1"}]`), `containerProperties.vcpus: given a value beside resourceRequirements`},
		{"reserved variable", process(`,"environment":[{"name":"AWS_BATCH_JOB_ID","value":"1"}]`), `containerProperties.environment[0].name: given "AWS_BATCH_JOB_ID"`},
		{"empty variable", process(`,"environment":[{"name":"A"}]`), ""},
		{"variable twice", process(`,"environment":[{"name":"A"},{"name":"A"}]`), ""},
		{"variable with =", process(`,"environment":[{"name":"A=B"}]`), `containerProperties.environment[0].name: given "A=B"`},
		{"NUL", process(`,"environment":[{"name":"A","value":"\u0000"}]`), `containerProperties.environment[0].value: given text with a NUL`},
		{"mount", image(`,"volumes":[{"name":"v","host":{"sourcePath":"/data"}}],"mountPoints":[{"sourceVolume":"v","containerPath":"/d"}]`), ""},
		{"mount of nothing", image(`,"mountPoints":[{"sourceVolume":"v","containerPath":"/d"}]`), `containerProperties.mountPoints[0].sourceVolume: given "v"; allowed is the name of one of volumes`},
		{"relative path", image(`,"volumes":[{"name":"v","host":{"sourcePath":"data"}}]`), `containerProperties.volumes[0].host.sourcePath: given "data"; allowed is an absolute path`},
		{"ulimit", image(`,"ulimits":[{"name":"files","softLimit":1,"hardLimit":1}]`), `containerProperties.ulimits[0].name: given "files"`},
		{"instances of one machine", image(`,"instanceType":"m5.large"`), `containerProperties.instanceType: given a value; allowed is nothing for type container`},
		{"no time", whole(`"timeout":{}`), ""},
		{"pattern of 512 characters", whole(`"retryStrategy":{"attempts":2,"evaluateOnExit":[{"action":"EXIT","onReason":"` + strings.Repeat("é", 512) + `"}]}`), ""},
		{"long pattern", whole(`"retryStrategy":{"attempts":2,"evaluateOnExit":[{"action":"EXIT","onReason":"` + strings.Repeat("é", 513) + `"}]}`), `retryStrategy.evaluateOnExit[0].onReason: given 513 characters`},
		{"swappiness", image(`,"linuxParameters":{"swappiness":101}`), `containerProperties.linuxParameters.swappiness: given 101; allowed is 0 to 100`},
		{"attempts", whole(`"retryStrategy":{"attempts":10}`), ""},
		{"11 attempts", whole(`"retryStrategy":{"attempts":11}`), `retryStrategy.attempts: given 11; allowed is 1 to 10`},
		{"no attempts", whole(`"retryStrategy":{"attempts":0}`), `retryStrategy.attempts: given 0`},
		{"rules without attempts", whole(`"retryStrategy":{"evaluateOnExit":[{"action":"exit","onReason":"*"}]}`), `retryStrategy.attempts: given nothing`},
		{"rules", whole(`"retryStrategy":{"attempts":2,"evaluateOnExit":[{"action":"exit","onReason":"*"},{"action":"RETRY","onExitCode":"13*"}]}`), ""},
		{"six rules", whole(`"retryStrategy":{"attempts":2,"evaluateOnExit":[` + many(6, `{"action":"EXIT","onExitCode":"%d"}`) + `]}`), `retryStrategy.evaluateOnExit: given 6 entries`},
		{"bad action", whole(`"retryStrategy":{"attempts":2,"evaluateOnExit":[{"action":"STOP"}]}`), `retryStrategy.evaluateOnExit[0].action: given "STOP"`},
		{"bad exit code", whole(`"retryStrategy":{"attempts":2,"evaluateOnExit":[{"action":"EXIT","onExitCode":"1-2"}]}`), `retryStrategy.evaluateOnExit[0].onExitCode: given "1-2"`},
		{"star inside", whole(`"retryStrategy":{"attempts":2,"evaluateOnExit":[{"action":"EXIT","onReason":"a*b"}]}`), `retryStrategy.evaluateOnExit[0].onReason: given "a*b"`},
		{"timeout", whole(`"timeout":{"attemptDurationSeconds":60}`), ""},
		{"short timeout", whole(`"timeout":{"attemptDurationSeconds":59}`), `timeout.attemptDurationSeconds: given 59; allowed is 60 to`},
		{"priority", whole(`"schedulingPriority":10000`), `schedulingPriority: given 10000; allowed is 0 to 9999`},
		{"script", whole(`"batchd":{"script":"#!/bin/sh\ntrue\n"}`), ""},
		{"script without interpreter", whole(`"batchd":{"script":"true\n"}`), `batchd.script: given "true" as its first line; allowed is a first line that names the interpreter`},
		{"script that names nothing", whole(`"batchd":{"script":"#! \ntrue\n"}`), `batchd.script: given "#! " as its first line; allowed is a first line that names the interpreter`},
		{"long script", whole(`"batchd":{"script":"#!` + strings.Repeat("x", wire.MaxScript) + `"}`), `batchd.script: given 262146 bytes`},
		{"directory", whole(`"batchd":{"workingDirectory":"/srv"}`), ""},
		{"relative directory", whole(`"batchd":{"workingDirectory":"srv"}`), `batchd.workingDirectory: given "srv"`},
		{"fargate", whole(`"platformCapabilities":["FARGATE"]`), `containerProperties.image: given nothing; allowed is an image`},
		{"large", process(`,"user":"` + strings.Repeat("x", wire.MaxDefinitionSize) + `"`), `Job definition size: given`},
		{"parameters of one variable", whole(`"parameters":{"a-b":"1","a_b":"2"}`), ""},
	})
	run(t, func() validator { return &wire.DeregisterJobDefinitionRequest{} }, []rule{
		{"reference", `{"jobDefinition":"a:1"}`, ""},
		{"arn", `{"jobDefinition":"arn:aws:batch:us-east-1:1:job-definition/a:1"}`, ""},
		{"bare", `{"jobDefinition":"a"}`, `jobDefinition: given "a"`},
		{"any revision", `{"jobDefinition":"a:*"}`, `jobDefinition: given "a:*"`},
		{"no revision", `{"jobDefinition":"a:"}`, `jobDefinition: given "a:"`},
		{"revision 0", `{"jobDefinition":"a:0"}`, `jobDefinition: given "a:0"`},
		{"bare arn", `{"jobDefinition":"arn:aws:batch:us-east-1:1:job-definition/a"}`, `jobDefinition: given "arn`},
	})
	run(t, func() validator { return &wire.DescribeJobDefinitionsRequest{} }, []rule{
		{"both", `{"jobDefinitions":["a:1"],"status":"ACTIVE"}`, `status: given a value; allowed is nothing beside jobDefinitions`},
		{"both, paged", `{"jobDefinitions":["a:1"],"maxResults":1}`, `maxResults: given a value; allowed is nothing beside jobDefinitions`},
		{"both, going on", `{"jobDefinitions":["a:1"],"nextToken":"t"}`, `nextToken: given a value; allowed is nothing beside jobDefinitions`},
		{"status", `{"status":"activ"}`, `status: given "activ"`},
	})
}

// What a message repeats holds nothing that controls a terminal or the direction of text.
func TestNamesHaveNoControlCharacters(t *testing.T) {
	for _, r := range []struct {
		field string
		of    func(name string) validator
	}{
		{"jobQueue", func(name string) validator { return &wire.ListJobsRequest{JobQueue: name} }},
		{"arrayJobId", func(name string) validator { return &wire.ListJobsRequest{ArrayJobID: name} }},
		{"multiNodeJobId", func(name string) validator { return &wire.ListJobsRequest{MultiNodeJobID: name} }},
		{"jobs[0]", func(name string) validator { return &wire.DescribeJobsRequest{Jobs: []string{name}} }},
		{"jobQueue", func(name string) validator { return &wire.DeleteJobQueueRequest{JobQueue: name} }},
		{"jobId", func(name string) validator { return &wire.ClaimJobRequest{JobID: name, Claim: "c"} }},
		{"jobId", func(name string) validator { return &wire.ReleaseJobRequest{JobID: name, Claim: "c"} }},
		{"name", func(name string) validator { return &wire.CreateKeyRequest{Role: wire.RoleAdmin, Name: name} }},
	} {
		for _, c := range []string{"\x00", "\n", "\x1b", "\x7f", "\u009b", "\u200f", "\u2028", "\u202e", "\u2066"} {
			if err := r.of("a" + c + "b").Validate(); err == nil || !strings.HasPrefix(err.Error(), r.field+": given ") {
				t.Errorf("%s with %q: %v, want a refusal", r.field, c, err)
			}
		}
		if err := r.of("größe").Validate(); err != nil {
			t.Errorf("%s in letters: %v", r.field, err)
		}
	}
}

// TestRefusalsRepeatNoSecret breaks every rule of values that may be secret: those of parameters, points, triggers and variables.
func TestRefusalsRepeatNoSecret(t *testing.T) {
	const secret = "hunter2"
	long := secret + strings.Repeat("x", 32<<10)
	for _, value := range []string{long, secret + "\x00"} {
		one := map[string]string{"password": value}
		variables := []wire.KeyValuePair{{Name: "PASSWORD", Value: &value}}
		job := func(change func(*wire.SubmitJobRequest)) validator {
			q := &wire.SubmitJobRequest{JobName: "j", JobQueue: "q", JobDefinition: "d", Batchd: &wire.SubmitJobExtension{}}
			change(q)
			return q
		}
		for what, q := range map[string]validator{
			"parameters": job(func(q *wire.SubmitJobRequest) { q.Parameters = one }),
			"points":     job(func(q *wire.SubmitJobRequest) { q.Batchd.Points = []map[string]string{one} }),
			"triggers":   job(func(q *wire.SubmitJobRequest) { q.Batchd.Triggers = one }),
			"overrides": job(func(q *wire.SubmitJobRequest) {
				q.ContainerOverrides = &wire.ContainerOverrides{Environment: variables}
			}),
			"definition": &wire.RegisterJobDefinitionRequest{JobDefinitionName: "d", Type: "container", ContainerProperties: &wire.ContainerProperties{Environment: variables}},
		} {
			err := q.Validate()
			if err == nil && what == "triggers" && value != long {
				continue // no process is given a trigger, so that it may contain NUL
			}
			if err == nil || strings.Contains(err.Error(), secret) {
				t.Errorf("%s of %d bytes: %.300v, want a refusal without the value", what, len(value), err)
			}
		}
	}
}

func TestSubmitJobRules(t *testing.T) {
	job := func(more string) string { return `{"jobName":"j","jobQueue":"q","jobDefinition":"d"` + more + `}` }
	run(t, func() validator { return &wire.SubmitJobRequest{} }, []rule{
		{"job", job(``), ""},
		{"no queue", `{"jobName":"j","jobDefinition":"d"}`, `jobQueue: given nothing`},
		{"bad name", `{"jobName":"-j","jobQueue":"q","jobDefinition":"d"}`, `jobName: given "-j"`},
		{"array", job(`,"arrayProperties":{"size":2}`), ""},
		{"array of none", job(`,"arrayProperties":{"size":0}`), `arrayProperties.size: given 0; allowed is 2 or more`},
		{"empty members", job(`,"arrayProperties":{},"ecsPropertiesOverride":{},"eksPropertiesOverride":{"podProperties":{}},"shareIdentifier":"","containerOverrides":{},"nodeOverrides":{},"retryStrategy":{},"timeout":{},"consumableResourcePropertiesOverride":{},"dependsOn":[],"parameters":{},"tags":{}`), ""},
		{"dependency", job(`,"dependsOn":[{"jobId":"a:1"}]`), ""},
		{"dependency on nothing", job(`,"dependsOn":[{}]`), `dependsOn[0].jobId: given nothing`},
		{"21 dependencies", job(`,"dependsOn":[` + many(21, `{"jobId":"a%d"}`) + `]`), `dependsOn: given 21 entries`},
		{"override", job(`,"containerOverrides":{"environment":[{"name":"AWS_BATCH_X"}]}`), `containerOverrides.environment[0].name`},
		{"override with an empty word", job(`,"containerOverrides":{"command":["a",""]}`), `containerOverrides.command[1]: given ""`},
		{"override of the instances", job(`,"containerOverrides":{"instanceType":"m5.large"}`), `containerOverrides.instanceType: given a value; allowed is nothing outside nodeOverrides`},
		{"no time", job(`,"timeout":{}`), ""},
		{"override of memory", job(`,"containerOverrides":{"resourceRequirements":[{"type":"MEMORY","value":"1"}]}`), `containerOverrides.resourceRequirements[0].value`},
		{"long token", job(`,"batchd":{"clientToken":"` + strings.Repeat("x", 65) + `"}`), `batchd.clientToken: given 65 bytes`},
		{"input", job(`,"batchd":{"inputs":{"a":"` + strings.Repeat("0", 64) + `"}}`), ""},
		{"bad input", job(`,"batchd":{"inputs":{"a":"x"}}`), `batchd.inputs.a: given "x"; allowed is a SHA-256`},
		{"points", job(`,"batchd":{"points":[{"x":"1"},{"x":"2"}],"reuse":true}`), ""},
		{"one point", job(`,"batchd":{"points":[{"x":"1"}]}`), ""},
		{"no points", job(`,"batchd":{"points":[]}`), `batchd.points: given 0 entries`},
		{"size of points", job(`,"arrayProperties":{"size":2},"batchd":{"points":[{"x":"1"},{"x":"2"}]}`), ""},
		{"size unlike points", job(`,"arrayProperties":{"size":3},"batchd":{"points":[{"x":"1"},{"x":"2"}]}`), `arrayProperties.size: given 3; allowed is nothing, or the number of points, 2`},
		{"point twice", job(`,"batchd":{"points":[{"x":"1","y":"2"},{"x":"2"},{"y":"2","x":"1"}]}`), `batchd.points[2]: given the same parameters as batchd.points[0]`},
		{"point of one variable", job(`,"batchd":{"points":[{"x":"1"},{"a.b":"1","a-b":"2"}]}`), ""},
		{"point of one variable with a parameter", job(`,"parameters":{"A":"1"},"batchd":{"points":[{"a":"1"}]}`), ""},
		{"point overrides parameter", job(`,"parameters":{"a":"1"},"batchd":{"points":[{"a":"1"}]}`), ""},
		{"large job", job(`,"parameters":{"a":"` + strings.Repeat("x", 31<<10) + `"}`), `Job size: given 31`},
		{"large sweep", job(`,"batchd":{"points":[` + many(5000, `{"x":"%d"}`) + `]}`), ""},
	})
	run(t, func() validator { return &wire.CancelJobRequest{} }, []rule{
		{"cancel", `{"jobId":"a","reason":"r"}`, ""},
		{"no reason", `{"jobId":"a"}`, `reason: given nothing`},
		{"reason of 1024 characters", `{"jobId":"a","reason":"` + strings.Repeat("é", 1024) + `"}`, ""},
		{"long reason", `{"jobId":"a","reason":"` + strings.Repeat("x", 1025) + `"}`, `reason: given 1025 characters`},
	})
	run(t, func() validator { return &wire.TerminateJobRequest{} }, []rule{{"no id", `{"reason":"r"}`, `jobId: given nothing`}})
	run(t, func() validator { return &wire.DescribeJobsRequest{} }, []rule{
		{"none", `{}`, `jobs: given 0 entries`},
		{"101", `{"jobs":[` + many(101, `"a%d"`) + `]}`, `jobs: given 101 entries; allowed is 1 to 100 entries`},
	})
	run(t, func() validator { return &wire.ListJobsRequest{} }, []rule{
		{"queue", `{"jobQueue":"q","jobStatus":"FAILED","maxResults":1000}`, ""},
		{"nothing", `{}`, `jobQueue: given 0 of jobQueue, arrayJobId, multiNodeJobId; allowed is exactly one`},
		{"two", `{"jobQueue":"q","arrayJobId":"a"}`, `jobQueue: given 2 of`},
		{"status", `{"jobQueue":"q","jobStatus":"DONE"}`, `jobStatus: given "DONE"`},
		{"filter", `{"jobQueue":"q","filters":[{"name":"JOB_NAME","values":["a*"]}],"maxResults":100}`, ""},
		{"many filtered", `{"jobQueue":"q","filters":[{"name":"JOB_NAME","values":["a*"]}],"maxResults":101}`, `maxResults: given 101; allowed is 1 to 100`},
		{"definitions", `{"jobQueue":"q","filters":[{"name":"JOB_DEFINITION","values":["a*"]}]}`, ""},
		{"definition", `{"jobQueue":"q","filters":[{"name":"JOB_DEFINITION","values":["arn:aws:batch:us-east-1:1:job-definition/a:1"]}]}`, ""},
		{"ARN of many", `{"jobQueue":"q","filters":[{"name":"JOB_DEFINITION","values":["arn:aws:batch:us-east-1:1:job-definition/a*"]}]}`, `filters[0].values[0]: given "arn:`},
		{"time", `{"jobQueue":"q","filters":[{"name":"BEFORE_CREATED_AT","values":["1480460782010"]}]}`, ""},
		{"signed time", `{"jobQueue":"q","filters":[{"name":"AFTER_CREATED_AT","values":["+1"]}]}`, `filters[0].values[0]: given "+1"`},
		{"time before all", `{"jobQueue":"q","filters":[{"name":"AFTER_CREATED_AT","values":["-1"]}]}`, `filters[0].values[0]: given "-1"`},
		{"bad time", `{"jobQueue":"q","filters":[{"name":"AFTER_CREATED_AT","values":["now"]}]}`, `filters[0].values[0]: given "now"`},
	})
	run(t, func() validator { return &wire.LogsRequest{} }, []rule{
		{"logs", `{"jobId":"a","attempt":1,"limit":10000,"tail":true}`, ""},
		{"attempt", `{"jobId":"a","attempt":0}`, `attempt: given 0`},
	})
	run(t, func() validator { return &wire.ResultsRequest{} }, []rule{{"page", `{"jobId":"a","maxResults":1001}`, `maxResults: given 1001`}})
	run(t, func() validator { return &wire.TagResourceRequest{} }, []rule{
		{"tags", `{"tags":{"a":"b"}}`, ""},
		{"none", `{"tags":{}}`, `tags: given 0 entries`},
		{"long value", `{"tags":{"a":"` + strings.Repeat("x", 257) + `"}}`, `tags.a: given 257 characters`},
		{"characters, not bytes", `{"tags":{"` + strings.Repeat("é", 128) + `":"` + strings.Repeat("é", 256) + `"}}`, ""},
	})
}

// TestSizes looks at the largest documents that are allowed, and at those of one byte more.
func TestSizes(t *testing.T) {
	size := func(document any) int {
		t.Helper()
		text, err := json.Marshal(document)
		if err != nil {
			t.Fatal(err)
		}
		return len(text)
	}
	user := ""
	definition := &wire.RegisterJobDefinitionRequest{
		JobDefinitionName: "d", Type: wire.TypeContainer, ContainerProperties: &wire.ContainerProperties{User: &user},
		Batchd: &wire.JobDefinitionExtension{Script: "#!" + strings.Repeat("x", wire.MaxScript-2)},
	}
	without := *definition
	without.Batchd = nil
	user = strings.Repeat("x", wire.MaxDefinitionSize-size(without))
	job := &wire.SubmitJobRequest{JobName: "j", JobQueue: "q", JobDefinition: "d", Parameters: map[string]string{"a": ""}}
	job.Parameters["a"] = strings.Repeat("x", wire.MaxJobSize-size(job))
	for _, each := range []validator{definition, job} {
		if err := each.Validate(); err != nil {
			t.Errorf("the largest: %v", err)
		}
	}
	user += "x"
	job.Parameters["a"] += "x"
	for want, each := range map[string]validator{"Job definition size: given 24577 bytes": definition, "Job size: given 30721 bytes": job} {
		if err := each.Validate(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// many renders format for 0 to n-1, with commas between.
func many(n int, format string) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = format
		if strings.Contains(format, "%d") {
			parts[i] = fmt.Sprintf(format, i)
		}
	}
	return strings.Join(parts, ",")
}

func TestAmounts(t *testing.T) {
	p := wire.ContainerProperties{ResourceRequirements: []wire.ResourceRequirement{{Type: "VCPU", Value: "0.25"}, {Type: "MEMORY", Value: "512"}}}
	o := wire.ContainerOverrides{ResourceRequirements: []wire.ResourceRequirement{{Type: "VCPU", Value: "2"}}}
	base, err := p.Amounts()
	if err != nil {
		t.Fatal(err)
	}
	over, err := o.Amounts()
	if err != nil {
		t.Fatal(err)
	}
	all := over.Or(base)
	if *all.MilliCPU != 2000 || *all.MemoryMiB != 512 || all.GPUs != nil || *base.MilliCPU != 250 {
		t.Errorf("amounts: %d mCPU, %d MiB, GPUs %v; base %d mCPU", *all.MilliCPU, *all.MemoryMiB, all.GPUs, *base.MilliCPU)
	}
}
