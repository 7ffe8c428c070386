package wire_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
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

// notOurs are members of AWS's requests that are accepted and not kept.
var notOurs = map[string]bool{"context": true}

// TestEveryRequestOfTheSDKDecodes sends every request with every member set: each must
// be known here under the same name and with the same type.
func TestEveryRequestOfTheSDKDecodes(t *testing.T) {
	ctx := t.Context()
	calls := map[string]struct {
		into any
		send func(*batch.Client) error
	}{
		wire.PathCreateComputeEnvironment:    {&wire.CreateComputeEnvironmentRequest{}, send(ctx, (*batch.Client).CreateComputeEnvironment)},
		wire.PathDescribeComputeEnvironments: {&wire.DescribeComputeEnvironmentsRequest{}, send(ctx, (*batch.Client).DescribeComputeEnvironments)},
		wire.PathUpdateComputeEnvironment:    {&wire.UpdateComputeEnvironmentRequest{}, send(ctx, (*batch.Client).UpdateComputeEnvironment)},
		wire.PathDeleteComputeEnvironment:    {&wire.DeleteComputeEnvironmentRequest{}, send(ctx, (*batch.Client).DeleteComputeEnvironment)},
		wire.PathCreateJobQueue:              {&wire.CreateJobQueueRequest{}, send(ctx, (*batch.Client).CreateJobQueue)},
		wire.PathDescribeJobQueues:           {&wire.DescribeJobQueuesRequest{}, send(ctx, (*batch.Client).DescribeJobQueues)},
		wire.PathUpdateJobQueue:              {&wire.UpdateJobQueueRequest{}, send(ctx, (*batch.Client).UpdateJobQueue)},
		wire.PathDeleteJobQueue:              {&wire.DeleteJobQueueRequest{}, send(ctx, (*batch.Client).DeleteJobQueue)},
		wire.PathRegisterJobDefinition:       {&wire.RegisterJobDefinitionRequest{}, send(ctx, (*batch.Client).RegisterJobDefinition)},
		wire.PathDescribeJobDefinitions:      {&wire.DescribeJobDefinitionsRequest{}, send(ctx, (*batch.Client).DescribeJobDefinitions)},
		wire.PathDeregisterJobDefinition:     {&wire.DeregisterJobDefinitionRequest{}, send(ctx, (*batch.Client).DeregisterJobDefinition)},
		wire.PathSubmitJob:                   {&wire.SubmitJobRequest{}, send(ctx, (*batch.Client).SubmitJob)},
		wire.PathDescribeJobs:                {&wire.DescribeJobsRequest{}, send(ctx, (*batch.Client).DescribeJobs)},
		wire.PathListJobs:                    {&wire.ListJobsRequest{}, send(ctx, (*batch.Client).ListJobs)},
		wire.PathCancelJob:                   {&wire.CancelJobRequest{}, send(ctx, (*batch.Client).CancelJob)},
		wire.PathTerminateJob:                {&wire.TerminateJobRequest{}, send(ctx, (*batch.Client).TerminateJob)},
		wire.PathTags:                        {&wire.TagResourceRequest{}, send(ctx, (*batch.Client).TagResource)},

		wire.PathGetJobQueueSnapshot:          {&wire.GetJobQueueSnapshotRequest{}, send(ctx, (*batch.Client).GetJobQueueSnapshot)},
		wire.PathCreateSchedulingPolicy:       {&wire.CreateSchedulingPolicyRequest{}, send(ctx, (*batch.Client).CreateSchedulingPolicy)},
		wire.PathDescribeSchedulingPolicies:   {&wire.DescribeSchedulingPoliciesRequest{}, send(ctx, (*batch.Client).DescribeSchedulingPolicies)},
		wire.PathListSchedulingPolicies:       {&wire.ListSchedulingPoliciesRequest{}, send(ctx, (*batch.Client).ListSchedulingPolicies)},
		wire.PathUpdateSchedulingPolicy:       {&wire.UpdateSchedulingPolicyRequest{}, send(ctx, (*batch.Client).UpdateSchedulingPolicy)},
		wire.PathDeleteSchedulingPolicy:       {&wire.DeleteSchedulingPolicyRequest{}, send(ctx, (*batch.Client).DeleteSchedulingPolicy)},
		wire.PathCreateConsumableResource:     {&wire.CreateConsumableResourceRequest{}, send(ctx, (*batch.Client).CreateConsumableResource)},
		wire.PathDescribeConsumableResource:   {&wire.DescribeConsumableResourceRequest{}, send(ctx, (*batch.Client).DescribeConsumableResource)},
		wire.PathListConsumableResources:      {&wire.ListConsumableResourcesRequest{}, send(ctx, (*batch.Client).ListConsumableResources)},
		wire.PathUpdateConsumableResource:     {&wire.UpdateConsumableResourceRequest{}, send(ctx, (*batch.Client).UpdateConsumableResource)},
		wire.PathDeleteConsumableResource:     {&wire.DeleteConsumableResourceRequest{}, send(ctx, (*batch.Client).DeleteConsumableResource)},
		wire.PathListJobsByConsumableResource: {&wire.ListJobsByConsumableResourceRequest{}, send(ctx, (*batch.Client).ListJobsByConsumableResource)},
	}
	for path, c := range calls {
		t.Run(path, func(t *testing.T) {
			var sent any
			client := sdk(t, func(w http.ResponseWriter, r *http.Request) {
				if !strings.HasPrefix(r.URL.Path, path) {
					t.Errorf("the SDK calls %s", r.URL.Path)
				}
				var text strings.Builder
				if err := wire.Decode(tee(r, &text), wire.MaxBody, c.into); err != nil {
					t.Errorf("decode: %v", err)
				}
				if err := json.Unmarshal([]byte(text.String()), &sent); err != nil {
					t.Error(err)
				}
				_, _ = w.Write([]byte(`{}`))
			})
			if err := c.send(client); err != nil {
				t.Fatal(err)
			}
			kept, err := json.Marshal(c.into)
			if err != nil {
				t.Fatal(err)
			}
			var got any
			if err := json.Unmarshal(kept, &got); err != nil {
				t.Fatal(err)
			}
			if forget(sent); !reflect.DeepEqual(got, sent) {
				t.Errorf("kept %s\nof   %v", kept, sent)
			}
		})
	}
}

func tee(r *http.Request, text *strings.Builder) *teeReader { return &teeReader{r, text} }

type teeReader struct {
	r    *http.Request
	text *strings.Builder
}

func (t *teeReader) Read(p []byte) (int, error) {
	n, err := t.r.Body.Read(p)
	t.text.Write(p[:n])
	return n, err
}

// forget removes the members that are not ours.
func forget(node any) {
	switch n := node.(type) {
	case map[string]any:
		maps.DeleteFunc(n, func(name string, _ any) bool { return notOurs[name] })
		for _, member := range n {
			forget(member)
		}
	case []any:
		for _, element := range n {
			forget(element)
		}
	}
}

// send calls op with every member of its input set.
func send[In, Out any](ctx context.Context, op func(*batch.Client, context.Context, *In, ...func(*batch.Options)) (*Out, error)) func(*batch.Client) error {
	return func(c *batch.Client) error {
		in := new(In)
		fill(reflect.ValueOf(in).Elem(), deep)
		_, err := op(c, ctx, in)
		return err
	}
}

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
