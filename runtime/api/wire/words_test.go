package wire_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// TestWordsInAnyCase gives every word of a request that chooses among some in other cases. It is taken, and what would be
// stored is the same as of the canonical words.
func TestWordsInAnyCase(t *testing.T) {
	const fargate = `"executionRoleArn":"r","image":"i","resourceRequirements":[{"type":"VCPU","value":"1"},{"type":"MEMORY","value":"2048"}]`
	for _, c := range []struct {
		name  string
		fresh func() validator
		body  string   // canonical
		words []string // of body, in the order in which they are there
	}{
		{
			"environment", func() validator { return &wire.CreateComputeEnvironmentRequest{} },
			`{"computeEnvironmentName":"e","type":"MANAGED","state":"DISABLED","computeResources":{"type":"SPOT","allocationStrategy":"SPOT_CAPACITY_OPTIMIZED",
				"maxvCpus":1,"subnets":["s"],"instanceRole":"r","securityGroupIds":["g"],"launchTemplate":{"launchTemplateId":"lt","userdataType":"EKS_NODEADM"}}}`,
			[]string{"MANAGED", "DISABLED", "SPOT", "SPOT_CAPACITY_OPTIMIZED", "EKS_NODEADM"},
		},
		{
			"environment, changed", func() validator { return &wire.UpdateComputeEnvironmentRequest{} },
			`{"computeEnvironment":"e","state":"ENABLED","computeResources":{"type":"EC2","allocationStrategy":"BEST_FIT_PROGRESSIVE"}}`,
			[]string{"ENABLED", "EC2", "BEST_FIT_PROGRESSIVE"},
		},
		{
			"queue", func() validator { return &wire.CreateJobQueueRequest{} },
			`{"jobQueueName":"q","priority":1,"state":"ENABLED","jobQueueType":"ECS_FARGATE","computeEnvironmentOrder":[{"order":1,"computeEnvironment":"e"}],
				"jobStateTimeLimitActions":[{"reason":"CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY","state":"RUNNABLE","action":"CANCEL","maxTimeSeconds":600}]}`,
			[]string{"ENABLED", "ECS_FARGATE", "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY", "RUNNABLE", "CANCEL"},
		},
		{
			"definition", func() validator { return &wire.RegisterJobDefinitionRequest{} },
			`{"jobDefinitionName":"d","type":"container","platformCapabilities":["EC2"],"retryStrategy":{"attempts":1,"evaluateOnExit":[{"action":"retry"},{"action":"exit"}]},
				"containerProperties":{"image":"i","resourceRequirements":[{"type":"VCPU","value":"1"},{"type":"MEMORY","value":"4"},{"type":"GPU","value":"1"}],
				"ulimits":[{"name":"nofile","softLimit":1,"hardLimit":1}],"logConfiguration":{"logDriver":"awslogs"},
				"volumes":[{"name":"v","efsVolumeConfiguration":{"fileSystemId":"fs","transitEncryption":"ENABLED","authorizationConfig":{"iam":"DISABLED"}}}],
				"linuxParameters":{"devices":[{"hostPath":"/d","permissions":["MKNOD"]}],"tmpfs":[{"containerPath":"/t","size":1,"mountOptions":["noexec"]}]}}}`,
			[]string{"container", "EC2", "retry", "exit", "VCPU", "MEMORY", "GPU", "nofile", "awslogs", "ENABLED", "DISABLED", "MKNOD", "noexec"},
		},
		{
			"definition for Fargate", func() validator { return &wire.RegisterJobDefinitionRequest{} },
			`{"jobDefinitionName":"d","type":"container","platformCapabilities":["FARGATE"],"containerProperties":{` + fargate + `,
				"networkConfiguration":{"assignPublicIp":"ENABLED"},"fargatePlatformConfiguration":{"platformVersion":"LATEST"},
				"runtimePlatform":{"operatingSystemFamily":"LINUX","cpuArchitecture":"ARM64"}}}`,
			[]string{"FARGATE", "ENABLED", "LATEST", "LINUX", "ARM64"},
		},
		{
			"definition of a task", func() validator { return &wire.RegisterJobDefinitionRequest{} },
			`{"jobDefinitionName":"d","type":"container","ecsProperties":{"taskProperties":[{"ipcMode":"host","pidMode":"task","containers":[
				{"name":"a","image":"i","firelensConfiguration":{"type":"fluentbit"}},{"image":"i","dependsOn":[{"containerName":"a","condition":"START"}]}]}]}}`,
			[]string{"host", "task", "fluentbit", "START"},
		},
		{
			"definition of a pod", func() validator { return &wire.RegisterJobDefinitionRequest{} },
			`{"jobDefinitionName":"d","type":"container","eksProperties":{"podProperties":{"dnsPolicy":"ClusterFirst","volumes":[{"name":"v","emptyDir":{"medium":"Memory"}}],
				"containers":[{"image":"i","imagePullPolicy":"IfNotPresent"}]}}}`,
			[]string{"ClusterFirst", "Memory", "IfNotPresent"},
		},
		{"definitions", func() validator { return &wire.DescribeJobDefinitionsRequest{} }, `{"status":"INACTIVE"}`, []string{"INACTIVE"}},
		{
			"job", func() validator { return &wire.SubmitJobRequest{} },
			`{"jobName":"j","jobQueue":"q","jobDefinition":"d","arrayProperties":{"size":2},"dependsOn":[{"type":"SEQUENTIAL"},{"jobId":"a","type":"N_TO_N"},{"jobId":"a","type":"AFTER_ANY"}],
				"containerOverrides":{"resourceRequirements":[{"type":"GPU","value":"1"}]},"retryStrategy":{"attempts":1,"evaluateOnExit":[{"action":"exit"}]}}`,
			[]string{"SEQUENTIAL", "N_TO_N", "AFTER_ANY", "GPU", "exit"},
		},
		{
			"jobs", func() validator { return &wire.ListJobsRequest{} },
			`{"jobQueue":"q","jobStatus":"SUCCEEDED","filters":[{"name":"JOB_NAME","values":["x"]}]}`,
			[]string{"SUCCEEDED", "JOB_NAME"},
		},
		{
			"jobs of a resource", func() validator { return &wire.ListJobsByConsumableResourceRequest{} },
			`{"consumableResource":"c","filters":[{"name":"JOB_STATUS","values":["RUNNABLE"]}]}`,
			[]string{"JOB_STATUS", "RUNNABLE"},
		},
		{
			"resource", func() validator { return &wire.CreateConsumableResourceRequest{} },
			`{"consumableResourceName":"c","resourceType":"NON_REPLENISHABLE"}`,
			[]string{"NON_REPLENISHABLE"},
		},
		{
			"resource, changed", func() validator { return &wire.UpdateConsumableResourceRequest{} },
			`{"consumableResource":"c","operation":"REMOVE","quantity":1}`,
			[]string{"REMOVE"},
		},
		{
			"policy", func() validator { return &wire.CreateSchedulingPolicyRequest{} },
			`{"name":"p","quotaSharePolicy":{"idleResourceAssignmentStrategy":"FIFO"}}`,
			[]string{"FIFO"},
		},
		{
			"quota share", func() validator { return &wire.CreateQuotaShareRequest{} },
			`{"quotaShareName":"s","jobQueue":"q","capacityLimits":[{"maxCapacity":1,"capacityUnit":"cpu"}],"state":"DISABLED",
				"resourceSharingConfiguration":{"strategy":"LEND_AND_BORROW","borrowLimit":1},"preemptionConfiguration":{"inSharePreemption":"ENABLED"}}`,
			[]string{"DISABLED", "LEND_AND_BORROW", "ENABLED"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := stored(t, c.fresh(), c.body)
			for _, change := range []func(string) string{strings.ToUpper, strings.ToLower, swapped} {
				body, at := "", 0
				for _, word := range c.words {
					found := strings.Index(c.body[at:], `"`+word+`"`)
					if found < 0 {
						t.Fatalf("%s is not there, or not in this order", word)
					}
					body += c.body[at:at+found] + `"` + change(word) + `"`
					at += found + len(word) + 2
				}
				if got := stored(t, c.fresh(), body+c.body[at:]); got != want {
					t.Errorf("of other cases:\n%s\nwant:\n%s", got, want)
				}
			}
		})
	}
}

// swapped returns a word with every other letter in the other case.
func swapped(word string) string {
	letters := []byte(word)
	for i := 0; i < len(letters); i += 2 {
		if c := letters[i] | 0x20; c >= 'a' && c <= 'z' {
			letters[i] ^= 0x20
		}
	}
	return string(letters)
}

// stored returns a request as it is after its rules were applied.
func stored(t *testing.T, request validator, body string) string {
	t.Helper()
	if err := wire.Decode(strings.NewReader(body), wire.MaxBody, request); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	if err := request.Validate(); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	text, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
