package wire_test

import (
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

func TestSchedulingPolicyRules(t *testing.T) {
	fair := func(more string) string { return `{"name":"p","fairsharePolicy":{` + more + `}}` }
	share := func(list string) string { return fair(`"shareDistribution":[` + list + `]`) }
	const one = "only one of fairsharePolicy and quotaSharePolicy"
	run(t, func() validator { return &wire.CreateSchedulingPolicyRequest{} }, []rule{
		{"fair", fair(``), ""},
		{"whole", fair(`"shareDecaySeconds":604800,"computeReservation":99,"shareDistribution":[{"shareIdentifier":"a"},{"shareIdentifier":"b*","weightFactor":0.0001}]`), ""},
		{"quota", `{"name":"p","quotaSharePolicy":{"idleResourceAssignmentStrategy":"FIFO"}}`, ""},
		{"quota of another kind", `{"name":"p","quotaSharePolicy":{"idleResourceAssignmentStrategy":"LIFO"}}`, `quotaSharePolicy.idleResourceAssignmentStrategy: given "LIFO"; allowed is one of FIFO`},
		{"neither", `{"name":"p"}`, ""},
		{"both", `{"name":"p","fairsharePolicy":{},"quotaSharePolicy":{}}`, `quotaSharePolicy: given a value beside fairsharePolicy; allowed is ` + one},
		{"no name", `{"fairsharePolicy":{}}`, `name: given nothing`},
		{"bad name", `{"name":"a b","fairsharePolicy":{}}`, `name: given "a b"`},
		{"negative decay", fair(`"shareDecaySeconds":-1`), `fairsharePolicy.shareDecaySeconds: given -1; allowed is 0 to 604800`},
		{"long decay", fair(`"shareDecaySeconds":604801`), `fairsharePolicy.shareDecaySeconds: given 604801`},
		{"reservation", fair(`"computeReservation":100`), `fairsharePolicy.computeReservation: given 100; allowed is 0 to 99`},
		{"largest weight", share(`{"shareIdentifier":"a","weightFactor":999.9999}`), ""},
		{"heavy", share(`{"shareIdentifier":"a","weightFactor":1000}`), `fairsharePolicy.shareDistribution[0].weightFactor: given 1000; allowed is 0.0001 to 999.9999`},
		{"very heavy", share(`{"shareIdentifier":"a","weightFactor":1e300}`), `fairsharePolicy.shareDistribution[0].weightFactor: given 1e+300`},
		{"weight of a float", share(`{"shareIdentifier":"a","weightFactor":9.999999747378752e-05}`), ""},
		{"half of the least", share(`{"shareIdentifier":"a","weightFactor":0.00005}`), `fairsharePolicy.shareDistribution[0].weightFactor: given 5e-05`},
		{"over the most", share(`{"shareIdentifier":"a","weightFactor":999.99994}`), `fairsharePolicy.shareDistribution[0].weightFactor: given 999.99994`},
		{"light", share(`{"shareIdentifier":"a","weightFactor":0.00001}`), `fairsharePolicy.shareDistribution[0].weightFactor: given 1e-05`},
		{"negative", share(`{"shareIdentifier":"a","weightFactor":-1}`), `fairsharePolicy.shareDistribution[0].weightFactor: given -1`},
		{"no identifier", share(`{"weightFactor":1}`), `fairsharePolicy.shareDistribution[0].shareIdentifier: given 0 bytes`},
		{"bad identifier", share(`{"shareIdentifier":"a-b"}`), `fairsharePolicy.shareDistribution[0].shareIdentifier: given "a-b"; allowed is letters and digits, and * at the end`},
		{"star inside", share(`{"shareIdentifier":"a*b"}`), `fairsharePolicy.shareDistribution[0].shareIdentifier: given "a*b"`},
		{"long identifier", share(`{"shareIdentifier":"` + strings.Repeat("a", 256) + `"}`), `fairsharePolicy.shareDistribution[0].shareIdentifier: given 256 bytes`},
		{"the same twice", share(`{"shareIdentifier":"a"},{"shareIdentifier":"a"}`), `fairsharePolicy.shareDistribution[1].shareIdentifier: given "a", which overlaps with "a"`},
		{"prefix of one", share(`{"shareIdentifier":"ab1"},{"shareIdentifier":"ab*"}`), `fairsharePolicy.shareDistribution[1].shareIdentifier: given "ab*", which overlaps with "ab1"`},
		{"one of a prefix", share(`{"shareIdentifier":"ab*"},{"shareIdentifier":"ab"}`), `fairsharePolicy.shareDistribution[1].shareIdentifier: given "ab", which overlaps with "ab*"`},
		{"prefix of a prefix", share(`{"shareIdentifier":"abc*"},{"shareIdentifier":"a*"}`), `fairsharePolicy.shareDistribution[1].shareIdentifier`},
		{"neighbours", share(`{"shareIdentifier":"ab"},{"shareIdentifier":"abc"},{"shareIdentifier":"b*"}`), ""},
		{"501", share(many(501, `{"shareIdentifier":"a%dx"}`)), `fairsharePolicy.shareDistribution: given 501 entries`},
	})
	run(t, func() validator { return &wire.UpdateSchedulingPolicyRequest{} }, []rule{
		{"update", `{"arn":"a","fairsharePolicy":{}}`, ""},
		{"no arn", `{"fairsharePolicy":{}}`, `arn: given nothing`},
		{"nothing", `{"arn":"a"}`, ""},
	})
	run(t, func() validator { return &wire.DescribeSchedulingPoliciesRequest{} }, []rule{
		{"none", `{"arns":[]}`, `arns: given 0 entries; allowed is 1 to 100`},
		{"101", `{"arns":[` + many(101, `"a%d"`) + `]}`, `arns: given 101 entries`},
	})
	run(t, func() validator { return &wire.ListSchedulingPoliciesRequest{} }, []rule{{"page", `{"maxResults":101}`, `maxResults: given 101`}})
	run(t, func() validator { return &wire.DeleteSchedulingPolicyRequest{} }, []rule{{"no arn", `{}`, `arn: given nothing`}})
}

func TestWeight(t *testing.T) {
	for text, want := range map[string]int64{`{}`: 10_000, `{"weightFactor":0.0001}`: 1, `{"weightFactor":999.9999}`: 9_999_999, `{"weightFactor":0.33333334}`: 3333, `{"weightFactor":0.1}`: 1000, `{"weightFactor":1}`: 10_000} {
		var s wire.ShareAttributes
		if err := wire.Decode(strings.NewReader(text), 100, &s); err != nil {
			t.Fatal(err)
		}
		if got := s.Weight(); got != want {
			t.Errorf("%s weighs %d ten-thousandths, want %d", text, got, want)
		}
	}
	err := wire.Decode(strings.NewReader(`{"weightFactor":"1"}`), 100, &wire.ShareAttributes{})
	if err == nil || err.Error() != `weightFactor: given the string "1"; allowed is a number` {
		t.Errorf("a string: %v", err)
	}
}

func TestConsumableResourceRules(t *testing.T) {
	run(t, func() validator { return &wire.CreateConsumableResourceRequest{} }, []rule{
		{"resource", `{"consumableResourceName":"licence","totalQuantity":5}`, ""},
		{"of a type", `{"consumableResourceName":"licence","resourceType":"NON_REPLENISHABLE"}`, ""},
		{"no name", `{"totalQuantity":5}`, `consumableResourceName: given nothing`},
		{"negative", `{"consumableResourceName":"licence","totalQuantity":-1}`, `totalQuantity: given -1; allowed is 0 to`},
		{"another type", `{"consumableResourceName":"licence","resourceType":"OTHER"}`, `resourceType: given "OTHER"; allowed is one of REPLENISHABLE, NON_REPLENISHABLE`},
	})
	run(t, func() validator { return &wire.UpdateConsumableResourceRequest{} }, []rule{
		{"set", `{"consumableResource":"licence","quantity":5}`, ""},
		{"add", `{"consumableResource":"licence","operation":"ADD","quantity":0,"clientToken":"t"}`, ""},
		{"how much", `{"consumableResource":"licence","operation":"ADD"}`, `quantity: given nothing`},
		{"negative", `{"consumableResource":"licence","operation":"ADD","quantity":-1}`, `quantity: given -1`},
		{"operation", `{"consumableResource":"licence","operation":"MULTIPLY","quantity":1}`, `operation: given "MULTIPLY"; allowed is one of SET, ADD, REMOVE`},
		{"long token", `{"consumableResource":"licence","quantity":1,"clientToken":"` + strings.Repeat("x", 65) + `"}`, `clientToken: given 65 bytes`},
	})
	run(t, func() validator { return &wire.ListConsumableResourcesRequest{} }, []rule{
		{"all", `{}`, ""},
		{"filter", `{"filters":[{"name":"CONSUMABLE_RESOURCE_NAME","values":["lic*"]}]}`, ""},
		{"another filter", `{"filters":[{"name":"JOB_NAME","values":["a"]}]}`, `filters[0].name: given "JOB_NAME"; allowed is one of CONSUMABLE_RESOURCE_NAME`},
		{"no value", `{"filters":[{"name":"CONSUMABLE_RESOURCE_NAME"}]}`, `filters[0].values: given 0 entries`},
	})
	run(t, func() validator { return &wire.ListJobsByConsumableResourceRequest{} }, []rule{
		{"status", `{"consumableResource":"licence","filters":[{"name":"JOB_STATUS","values":["RUNNABLE"]}]}`, ""},
		{"no status", `{"consumableResource":"licence","filters":[{"name":"JOB_STATUS","values":["WAITING"]}]}`, `filters[0].values[0]: given "WAITING"`},
		{"two", `{"consumableResource":"licence","filters":[{"name":"JOB_NAME","values":["a"]},{"name":"JOB_NAME","values":["b"]}]}`, `filters: given 2 entries`},
	})
	run(t, func() validator { return &wire.DescribeConsumableResourceRequest{} }, []rule{{"no name", `{}`, `consumableResource: given nothing`}})
	run(t, func() validator { return &wire.DeleteConsumableResourceRequest{} }, []rule{{"no name", `{}`, `consumableResource: given nothing`}})
}

func TestJobQueueSchedulingRules(t *testing.T) {
	queue := func(more string) string {
		return `{"jobQueueName":"q","priority":1,"computeEnvironmentOrder":[{"order":1,"computeEnvironment":"a"}],` + more + `}`
	}
	limit := func(reason, state, action, seconds string) string {
		return `{"reason":"` + reason + `","state":"` + state + `","action":"` + action + `","maxTimeSeconds":` + seconds + `}`
	}
	limits := func(list ...string) string {
		return queue(`"jobStateTimeLimitActions":[` + strings.Join(list, ",") + `]`)
	}
	const capacity = wire.ReasonCapacity
	run(t, func() validator { return &wire.CreateJobQueueRequest{} }, []rule{
		{"limits", limits(limit(capacity, "RUNNABLE", "CANCEL", "600"), limit(wire.ReasonMaxResource, "RUNNABLE", "CANCEL", "86400"), limit(wire.ReasonRequirement, "RUNNABLE", "CANCEL", "3600")), ""},
		{"another reason", limits(limit("UNDETERMINED", "RUNNABLE", "CANCEL", "600")), `jobStateTimeLimitActions[0].reason: given "UNDETERMINED"`},
		{"the same reason", limits(limit(capacity, "RUNNABLE", "CANCEL", "600"), limit(capacity, "RUNNABLE", "CANCEL", "601")), `jobStateTimeLimitActions[1].reason: given "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY" again`},
		{"state", limits(limit(capacity, "PENDING", "CANCEL", "600")), `jobStateTimeLimitActions[0].state: given "PENDING"`},
		{"action", limits(limit(capacity, "RUNNABLE", "TERMINATE", "600")), `jobStateTimeLimitActions[0].action: given "TERMINATE"`},
		{"short", limits(limit(capacity, "RUNNABLE", "CANCEL", "599")), `jobStateTimeLimitActions[0].maxTimeSeconds: given 599; allowed is 600 to 86400`},
		{"long", limits(limit(capacity, "RUNNABLE", "CANCEL", "86401")), `jobStateTimeLimitActions[0].maxTimeSeconds: given 86401`},
		{"policy", queue(`"schedulingPolicyArn":"arn:aws:batch:us-east-1:1:scheduling-policy/p"`), ""},
		{"strict", queue(`"batchd":{"backfill":false}`), ""},
	})
	run(t, func() validator { return &wire.UpdateJobQueueRequest{} }, []rule{
		{"no limits", `{"jobQueue":"q","jobStateTimeLimitActions":[]}`, ""},
		{"backfill", `{"jobQueue":"q","batchd":{"backfill":true}}`, ""},
	})
	run(t, func() validator { return &wire.GetJobQueueSnapshotRequest{} }, []rule{{"no queue", `{}`, `jobQueue: given nothing`}})
}

func TestSubmitJobSchedulingRules(t *testing.T) {
	job := func(more string) string { return `{"jobName":"j","jobQueue":"q","jobDefinition":"d",` + more + `}` }
	array := func(more string) string { return job(`"arrayProperties":{"size":2},` + more) }
	take := func(list string) string {
		return job(`"consumableResourcePropertiesOverride":{"consumableResourceList":[` + list + `]}`)
	}
	run(t, func() validator { return &wire.SubmitJobRequest{} }, []rule{
		{"sequential", array(`"dependsOn":[{"type":"SEQUENTIAL"},{"jobId":"a"}]`), ""},
		{"sequential single", job(`"dependsOn":[{"type":"SEQUENTIAL"}]`), `dependsOn[0].type: given "SEQUENTIAL"; allowed is AFTER_ANY, AFTER_FAILED or nothing without arrayProperties`},
		{"sequential after another", array(`"dependsOn":[{"jobId":"a","type":"SEQUENTIAL"}]`), ""},
		{"n to n", array(`"dependsOn":[{"jobId":"a","type":"N_TO_N"}]`), ""},
		{"n to n of a sweep", job(`"dependsOn":[{"jobId":"a","type":"N_TO_N"}],"batchd":{"points":[{"x":"1"}]}`), ""},
		{"n to n single", job(`"dependsOn":[{"jobId":"a","type":"N_TO_N"}]`), `dependsOn[0].type: given "N_TO_N"`},
		{"n to nothing", array(`"dependsOn":[{"type":"N_TO_N"}]`), `dependsOn[0].jobId: given nothing`},
		{"after any", job(`"dependsOn":[{"jobId":"a","type":"AFTER_ANY"},{"jobId":"b","type":"AFTER_FAILED"}]`), ""},
		{"after nothing", job(`"dependsOn":[{"type":"AFTER_ANY"}]`), `dependsOn[0].jobId: given nothing`},
		{"another type", job(`"dependsOn":[{"jobId":"a","type":"AFTER"}]`), `dependsOn[0].type: given "AFTER"; allowed is one of N_TO_N, SEQUENTIAL, AFTER_ANY, AFTER_FAILED`},
		{"share", job(`"shareIdentifier":"teamA"`), ""},
		{"no share", job(`"shareIdentifier":""`), ""},
		{"bad share", job(`"shareIdentifier":"team A"`), `shareIdentifier: given "team A"`},
		{"priority", job(`"schedulingPriorityOverride":9999`), ""},
		{"high priority", job(`"schedulingPriorityOverride":10000`), `schedulingPriorityOverride: given 10000`},
		{"concurrency", array(`"batchd":{"maxConcurrency":2}`), ""},
		{"concurrency of points", job(`"batchd":{"maxConcurrency":2,"points":[{"x":"1"}]}`), ""},
		{"no concurrency", array(`"batchd":{"maxConcurrency":0}`), `batchd.maxConcurrency: given 0; allowed is 1 to 1000000`},
		{"concurrency of one", job(`"batchd":{"maxConcurrency":2}`), `batchd.maxConcurrency: given a value; allowed is nothing without arrayProperties or batchd.points`},
		{"take", take(`{"consumableResource":"licence","quantity":1},{"consumableResource":"arn:aws:batch:us-east-1:1:consumable-resource/token","quantity":2}`), ""},
		{"take nothing of it", take(`{"consumableResource":"licence","quantity":0}`), `consumableResourcePropertiesOverride.consumableResourceList[0].quantity: given 0; allowed is 1 to`},
		{"take how much", take(`{"consumableResource":"licence"}`), `consumableResourcePropertiesOverride.consumableResourceList[0].quantity: given nothing`},
		{"take what", take(`{"quantity":1}`), `consumableResourcePropertiesOverride.consumableResourceList[0].consumableResource: given nothing`},
		{"take twice", take(`{"consumableResource":"licence","quantity":1},{"consumableResource":"arn:aws:batch:us-east-1:1:consumable-resource/licence","quantity":2}`), `consumableResourcePropertiesOverride.consumableResourceList[1].consumableResource: given "licence" again`},
		{"51 resources", take(many(51, `{"consumableResource":"a%d","quantity":1}`)), `consumableResourcePropertiesOverride.consumableResourceList: given 51 entries`},
	})
	run(t, func() validator { return &wire.ExplainJobRequest{} }, []rule{{"no job", `{}`, `jobId: given nothing`}})
	run(t, func() validator { return &wire.RetryJobRequest{} }, []rule{{"no job", `{}`, `jobId: given nothing`}})
}
