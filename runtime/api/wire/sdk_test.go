package wire_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/batch"
	"github.com/aws/aws-sdk-go-v2/service/batch/types"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// sdk returns AWS's own client of a server with one handler.
func sdk(t *testing.T, handler http.HandlerFunc) *batch.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return batch.New(batch.Options{
		BaseEndpoint: aws.String(server.URL), Region: "us-east-1",
		Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
	})
}

// fill sets every member of v, to the given depth of types within themselves.
func fill(v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.Pointer:
		if depth > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(v.Elem(), depth-1)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i), depth)
			}
		}
	case reflect.Slice:
		if depth > 0 && v.Type() != reflect.TypeFor[json.RawMessage]() {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			fill(v.Index(0), depth-1)
		} else if v.Type() == reflect.TypeFor[json.RawMessage]() {
			v.SetBytes([]byte(`{"price":1.5}`))
		}
	case reflect.Map:
		element := reflect.New(v.Type().Elem()).Elem()
		fill(element, depth-1)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("key").Convert(v.Type().Key()), element)
	case reflect.String:
		v.SetString("text")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32, reflect.Int64, reflect.Int:
		v.SetInt(7)
	case reflect.Float32, reflect.Float64:
		v.SetFloat(0.5)
	default: // requests have no other kinds
	}
}

const deep = 12

// answer serves out, with every member set, to op and returns what the SDK made of it.
func answer[In, Out any](t *testing.T, out any, op func(*batch.Client, context.Context, *In, ...func(*batch.Options)) (*Out, error)) *Out {
	t.Helper()
	fill(reflect.ValueOf(out).Elem(), deep)
	client := sdk(t, func(w http.ResponseWriter, _ *http.Request) {
		if err := json.NewEncoder(w).Encode(out); err != nil {
			t.Error(err)
		}
	})
	in := new(In)
	fill(reflect.ValueOf(in).Elem(), deep)
	got, err := op(client, t.Context(), in)
	if err != nil {
		t.Fatalf("the SDK cannot read the answer: %v", err)
	}
	return got
}

// TestTheSDKReadsEveryAnswer serves every answer with every member set, extensions too.
func TestTheSDKReadsEveryAnswer(t *testing.T) {
	ce := answer(t, &wire.DescribeComputeEnvironmentsResponse{}, (*batch.Client).DescribeComputeEnvironments).ComputeEnvironments[0]
	if *ce.ComputeResources.MaxvCpus != 7 || ce.ComputeResources.Subnets[0] != "text" || *ce.UpdatePolicy.JobExecutionTimeoutMinutes != 7 {
		t.Errorf("compute environment: %+v", ce)
	}
	if q := answer(t, &wire.DescribeJobQueuesResponse{}, (*batch.Client).DescribeJobQueues).JobQueues[0]; *q.Priority != 7 || *q.ComputeEnvironmentOrder[0].Order != 7 {
		t.Errorf("queue: %+v", q)
	}
	if d := answer(t, &wire.DescribeJobDefinitionsResponse{}, (*batch.Client).DescribeJobDefinitions).JobDefinitions[0]; *d.Revision != 7 ||
		*d.ContainerProperties.Environment[0].Value != "text" || *d.NodeProperties.NodeRangeProperties[0].Container.Ulimits[0].SoftLimit != 7 {
		t.Errorf("definition: %+v", d)
	}
	j := answer(t, &wire.DescribeJobsResponse{}, (*batch.Client).DescribeJobs).Jobs[0]
	if *j.StartedAt != 7 || *j.Container.ExitCode != 7 || *j.Container.Image != "text" || *j.Attempts[0].Container.LogStreamName != "text" || j.ArrayProperties.StatusSummary["key"] != 7 {
		t.Errorf("job: %+v", j)
	}
	if s := answer(t, &wire.ListJobsResponse{}, (*batch.Client).ListJobs).JobSummaryList[0]; *s.CreatedAt != 7 || *s.Container.ExitCode != 7 {
		t.Errorf("summary: %+v", s)
	}
	if s := answer(t, &wire.SubmitJobResponse{}, (*batch.Client).SubmitJob); *s.JobId != "text" || *s.JobArn != "text" {
		t.Errorf("submit: %+v", s)
	}
	if r := answer(t, &wire.RegisterJobDefinitionResponse{}, (*batch.Client).RegisterJobDefinition); *r.Revision != 7 {
		t.Errorf("register: %+v", r)
	}
	if c := answer(t, &wire.ComputeEnvironmentResponse{}, (*batch.Client).CreateComputeEnvironment); *c.ComputeEnvironmentArn != "text" {
		t.Errorf("create environment: %+v", c)
	}
	if q := answer(t, &wire.JobQueueResponse{}, (*batch.Client).UpdateJobQueue); *q.JobQueueArn != "text" {
		t.Errorf("update queue: %+v", q)
	}
	if l := answer(t, &wire.ListTagsForResourceResponse{}, (*batch.Client).ListTagsForResource); l.Tags["key"] != "text" {
		t.Errorf("tags: %+v", l)
	}
}

// TestTheSDKReadsScheduling does the same for policies, consumable resources and snapshots.
func TestTheSDKReadsScheduling(t *testing.T) {
	if p := answer(t, &wire.DescribeSchedulingPoliciesResponse{}, (*batch.Client).DescribeSchedulingPolicies).SchedulingPolicies[0]; *p.Arn != "text" ||
		*p.FairsharePolicy.ShareDistribution[0].WeightFactor != 0.5 || *p.FairsharePolicy.ShareDecaySeconds != 7 || p.QuotaSharePolicy == nil || p.Tags["key"] != "text" {
		t.Errorf("policy: %+v", p)
	}
	if p := answer(t, &wire.CreateSchedulingPolicyResponse{}, (*batch.Client).CreateSchedulingPolicy); *p.Name != "text" || *p.Arn != "text" {
		t.Errorf("create policy: %+v", p)
	}
	if p := answer(t, &wire.ListSchedulingPoliciesResponse{}, (*batch.Client).ListSchedulingPolicies); *p.SchedulingPolicies[0].Arn != "text" || *p.NextToken != "text" {
		t.Errorf("list policies: %+v", p)
	}
	if r := answer(t, &wire.DescribeConsumableResourceResponse{}, (*batch.Client).DescribeConsumableResource); *r.AvailableQuantity != 7 || *r.InUseQuantity != 7 || *r.ResourceType != "text" {
		t.Errorf("resource: %+v", r)
	}
	if r := answer(t, &wire.ListConsumableResourcesResponse{}, (*batch.Client).ListConsumableResources).ConsumableResources[0]; *r.TotalQuantity != 7 {
		t.Errorf("list resources: %+v", r)
	}
	if r := answer(t, &wire.UpdateConsumableResourceResponse{}, (*batch.Client).UpdateConsumableResource); *r.TotalQuantity != 7 {
		t.Errorf("update resource: %+v", r)
	}
	if j := answer(t, &wire.ListJobsByConsumableResourceResponse{}, (*batch.Client).ListJobsByConsumableResource).Jobs[0]; *j.Quantity != 7 ||
		*j.ConsumableResourceProperties.ConsumableResourceList[0].Quantity != 7 {
		t.Errorf("jobs of a resource: %+v", j)
	}
	s := answer(t, &wire.GetJobQueueSnapshotResponse{}, (*batch.Client).GetJobQueueSnapshot)
	if *s.FrontOfQueue.Jobs[0].EarliestTimeAtPosition != 7 || *s.QueueUtilization.TotalCapacityUsage[0].Quantity != 0.5 ||
		*s.QueueUtilization.FairshareUtilization.TopCapacityUtilization[0].ShareIdentifier != "text" {
		t.Errorf("snapshot: %+v", s)
	}
	if j := answer(t, &wire.DescribeJobsResponse{}, (*batch.Client).DescribeJobs).Jobs[0]; !*j.NodeDetails.IsMainNode || *j.NodeProperties.NumNodes != 7 ||
		*j.SchedulingPriority != 7 || *j.ShareIdentifier != "text" || *j.ConsumableResourceProperties.ConsumableResourceList[0].ConsumableResource != "text" {
		t.Errorf("job: %+v", j)
	}
	if j := answer(t, &wire.ListJobsResponse{}, (*batch.Client).ListJobs).JobSummaryList[0]; *j.NodeProperties.NodeIndex != 7 || *j.CapacityUsage[0].Quantity != 0.5 {
		t.Errorf("summary: %+v", j)
	}
}

func TestTheSDKReadsErrors(t *testing.T) {
	client := sdk(t, func(w http.ResponseWriter, _ *http.Request) {
		(&wire.Error{Code: wire.CodeClient, Message: "no", RequestID: "r"}).Write(w)
	})
	_, err := client.DescribeJobs(t.Context(), &batch.DescribeJobsInput{Jobs: []string{"a"}})
	var refusal *types.ClientException
	if !errors.As(err, &refusal) || refusal.ErrorMessage() != "no" || !strings.Contains(err.Error(), "RequestID: r") {
		t.Errorf("the SDK made %v of it", err)
	}
}

func TestEmptyValuesSurvive(t *testing.T) {
	body := `{"jobDefinitionName":"d","type":"container","parameters":{"a":""},"containerProperties":{"command":[],"environment":[{"name":"A","value":""}],"user":"","privileged":false,"vcpus":0}}`
	var request wire.RegisterJobDefinitionRequest
	if err := wire.Decode(strings.NewReader(body), wire.MaxBody, &request); err != nil {
		t.Fatal(err)
	}
	kept, err := json.Marshal(&request)
	if err != nil {
		t.Fatal(err)
	}
	var got, want any
	if err := errors.Join(json.Unmarshal(kept, &got), json.Unmarshal([]byte(body), &want)); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("kept %s\nof   %s", kept, body)
	}
}
