package wire_test

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/batch/types"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// words are the values of an enumeration of the SDK.
func words[E ~string](e interface{ Values() []E }) []string {
	var all []string
	for _, v := range e.Values() {
		all = append(all, string(v))
	}
	return all
}

// TestEveryWordOfTheSDK validates each word of each enumeration that a request has. It is taken, unless it is listed as
// refused; another word is not.
func TestEveryWordOfTheSDK(t *testing.T) {
	environment := func() validator { return &wire.CreateComputeEnvironmentRequest{} }
	update := func() validator { return &wire.UpdateComputeEnvironmentRequest{} }
	queue := func() validator { return &wire.CreateJobQueueRequest{} }
	definition := func() validator { return &wire.RegisterJobDefinitionRequest{} }
	share := func() validator { return &wire.CreateQuotaShareRequest{} }
	ce := func(resources string) string {
		return `{"computeEnvironmentName":"a","type":"MANAGED","computeResources":{` + resources + `}}`
	}
	jq := func(more string) string {
		return `{"jobQueueName":"q","priority":1,"computeEnvironmentOrder":[{"order":1,"computeEnvironment":"a"}],` + more + `}`
	}
	jd := func(container string) string {
		return `{"jobDefinitionName":"d","type":"container","containerProperties":{"image":"a",` + container + `}}`
	}
	efs := func(more string) string {
		return jd(`"jobRoleArn":"r","volumes":[{"name":"v","efsVolumeConfiguration":{"fileSystemId":"f",` + more + `}}]`)
	}
	limit := `"jobStateTimeLimitActions":[{"reason":"` + wire.ReasonCapacity + `","maxTimeSeconds":600,`
	quota := func(more string) string {
		return `{"quotaShareName":"a","jobQueue":"q","capacityLimits":[{"maxCapacity":1,"capacityUnit":"VCPU"}],` + more + `}`
	}
	for name, each := range map[string]struct {
		words   []string
		fresh   func() validator
		body    string // with WORD where the word belongs
		refused []string
	}{
		"CEType":                         {words(types.CEType("")), environment, `{"computeEnvironmentName":"a","type":"WORD"}`, nil},
		"CEState":                        {words(types.CEState("")), environment, `{"computeEnvironmentName":"a","type":"MANAGED","state":"WORD"}`, nil},
		"CRType":                         {words(types.CRType("")), environment, ce(`"type":"WORD"`), nil},
		"CRAllocationStrategy":           {words(types.CRAllocationStrategy("")), environment, ce(`"type":"SPOT","maxvCpus":1,"allocationStrategy":"WORD"`), nil},
		"CRUpdateAllocationStrategy":     {words(types.CRUpdateAllocationStrategy("")), update, `{"computeEnvironment":"a","computeResources":{"allocationStrategy":"WORD"}}`, nil},
		"UserdataType":                   {words(types.UserdataType("")), update, `{"computeEnvironment":"a","computeResources":{"launchTemplate":{"launchTemplateId":"a","userdataType":"WORD"}}}`, nil},
		"JQState":                        {words(types.JQState("")), queue, jq(`"state":"WORD"`), nil},
		"JobQueueType":                   {words(types.JobQueueType("")), queue, jq(`"jobQueueType":"WORD"`), []string{"EKS", "SAGEMAKER_TRAINING"}},
		"JobStateTimeLimitActionsState":  {words(types.JobStateTimeLimitActionsState("")), queue, jq(limit + `"state":"WORD","action":"CANCEL"}]`), nil},
		"JobStateTimeLimitActionsAction": {words(types.JobStateTimeLimitActionsAction("")), queue, jq(limit + `"state":"RUNNABLE","action":"WORD"}]`), []string{"TERMINATE"}}, // of service jobs
		"JobDefinitionType":              {words(types.JobDefinitionType("")), definition, `{"jobDefinitionName":"d","type":"WORD"}`, nil},
		"PlatformCapability":             {words(types.PlatformCapability("")), definition, `{"jobDefinitionName":"d","type":"container","containerProperties":{},"platformCapabilities":["WORD"]}`, nil},
		"ResourceType":                   {words(types.ResourceType("")), definition, jd(`"resourceRequirements":[{"type":"WORD","value":"4"}]`), nil},
		"LogDriver":                      {words(types.LogDriver("")), definition, jd(`"logConfiguration":{"logDriver":"WORD"}`), nil},
		"DeviceCgroupPermission":         {words(types.DeviceCgroupPermission("")), definition, jd(`"linuxParameters":{"devices":[{"hostPath":"/a","permissions":["WORD"]}]}`), nil},
		"EFSTransitEncryption":           {words(types.EFSTransitEncryption("")), definition, efs(`"transitEncryption":"WORD"`), nil},
		"EFSAuthorizationConfigIAM":      {words(types.EFSAuthorizationConfigIAM("")), definition, efs(`"transitEncryption":"ENABLED","authorizationConfig":{"iam":"WORD"}`), nil},
		"AssignPublicIp":                 {words(types.AssignPublicIp("")), definition, jd(`"networkConfiguration":{"assignPublicIp":"WORD"}`), nil},
		"RetryAction":                    {words(types.RetryAction("")), definition, `{"jobDefinitionName":"d","type":"container","containerProperties":{},"retryStrategy":{"attempts":1,"evaluateOnExit":[{"action":"WORD"}]}}`, nil},
		"FirelensConfigurationType":      {words(types.FirelensConfigurationType("")), definition, `{"jobDefinitionName":"d","type":"container","ecsProperties":{"taskProperties":[{"containers":[{"image":"a","firelensConfiguration":{"type":"WORD"}}]}]}}`, nil},
		"ArrayJobDependency":             {words(types.ArrayJobDependency("")), func() validator { return &wire.SubmitJobRequest{} }, `{"jobName":"j","jobQueue":"q","jobDefinition":"d","arrayProperties":{"size":2},"dependsOn":[{"type":"WORD"}]}`, nil},
		"JobStatus":                      {words(types.JobStatus("")), func() validator { return &wire.ListJobsRequest{} }, `{"jobQueue":"q","jobStatus":"WORD"}`, nil},
		"QuotaShareIdleResourceAssignmentStrategy": {words(types.QuotaShareIdleResourceAssignmentStrategy("")), func() validator { return &wire.CreateSchedulingPolicyRequest{} }, `{"name":"p","quotaSharePolicy":{"idleResourceAssignmentStrategy":"WORD"}}`, nil},
		"QuotaShareResourceSharingStrategy":        {words(types.QuotaShareResourceSharingStrategy("")), share, quota(`"preemptionConfiguration":{"inSharePreemption":"ENABLED"},"resourceSharingConfiguration":{"strategy":"WORD"}`), nil},
		"QuotaShareInSharePreemptionState":         {words(types.QuotaShareInSharePreemptionState("")), share, quota(`"preemptionConfiguration":{"inSharePreemption":"WORD"},"resourceSharingConfiguration":{"strategy":"LEND"}`), nil},
		"QuotaShareState":                          {words(types.QuotaShareState("")), share, quota(`"preemptionConfiguration":{"inSharePreemption":"ENABLED"},"resourceSharingConfiguration":{"strategy":"LEND"},"state":"WORD"`), nil},
	} {
		t.Run(name, func(t *testing.T) {
			for _, word := range append(each.words, "WORD") {
				request := each.fresh()
				if err := wire.Decode(strings.NewReader(strings.ReplaceAll(each.body, "WORD", word)), wire.MaxBody, request); err != nil {
					t.Fatal(err)
				}
				var field *wire.FieldError
				refused := errors.As(request.Validate(), &field) && field.Given == strconv.Quote(word)
				if want := word == "WORD" || slices.Contains(each.refused, word); refused != want {
					t.Errorf("%s: refused %v (%v), want %v", word, refused, field, want)
				}
			}
		})
	}
}
