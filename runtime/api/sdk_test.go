package api_test

import (
	"errors"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/batch"
	"github.com/aws/aws-sdk-go-v2/service/batch/types"
	"github.com/aws/smithy-go"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// amazon is a world as the AWS SDK's own client sees it.
type amazon struct {
	*world
	*sdk.Client
	config aws.Config
}

// newAmazon starts a world behind a real connection, with SigV4, and declares an environment, a queue and
// the definitions quick, hold and talk.
func newAmazon(t *testing.T) *amazon {
	t.Helper()
	w := newWorld(t, sqliteStore(t), nil)
	server := httptest.NewServer(w.handler)
	t.Cleanup(server.Close)
	a := &amazon{world: w, config: aws.Config{Region: region, Credentials: keys, BaseEndpoint: &server.URL}}
	a.Client = sdk.NewFromConfig(a.config)
	_, err := a.CreateComputeEnvironment(t.Context(), &sdk.CreateComputeEnvironmentInput{
		ComputeEnvironmentName: aws.String("here"), Type: types.CETypeManaged,
		ComputeResources: &types.ComputeResource{Type: "LOCAL", MaxvCpus: aws.Int32(4), Subnets: []string{}},
	})
	a.must(err)
	_, err = a.CreateJobQueue(t.Context(), &sdk.CreateJobQueueInput{
		JobQueueName: aws.String("work"), Priority: aws.Int32(1),
		ComputeEnvironmentOrder: []types.ComputeEnvironmentOrder{{Order: aws.Int32(1), ComputeEnvironment: aws.String("here")}},
	})
	a.must(err)
	for name, command := range map[string][]string{
		"quick": {}, "hold": {"hold"}, "talk": {"say", "one", "say", "two", "say", "three"},
	} {
		_, err := a.RegisterJobDefinition(t.Context(), &sdk.RegisterJobDefinitionInput{
			JobDefinitionName: aws.String(name), Type: types.JobDefinitionTypeContainer,
			ContainerProperties: &types.ContainerProperties{Command: command},
		})
		a.must(err)
	}
	return a
}

func (a *amazon) must(err error) {
	a.Helper()
	if err != nil {
		a.Fatal(err)
	}
}

func (a *amazon) submit(name, definition string, change func(*sdk.SubmitJobInput)) batch.JobID {
	a.Helper()
	in := &sdk.SubmitJobInput{JobName: &name, JobQueue: aws.String("work"), JobDefinition: &definition}
	if change != nil {
		change(in)
	}
	out, err := a.SubmitJob(a.Context(), in)
	a.must(err)
	return batch.JobID(*out.JobId)
}

func (a *amazon) describe(id batch.JobID) types.JobDetail {
	a.Helper()
	out, err := a.DescribeJobs(a.Context(), &sdk.DescribeJobsInput{Jobs: []string{string(id)}})
	a.must(err)
	if len(out.Jobs) != 1 {
		a.Fatalf("%d jobs are %s", len(out.Jobs), id)
	}
	return out.Jobs[0]
}

func TestSDKSingleJob(t *testing.T) {
	a := newAmazon(t)
	id := a.submit("one", "quick", func(in *sdk.SubmitJobInput) {
		in.ContainerOverrides = &types.ContainerOverrides{Environment: []types.KeyValuePair{{Name: aws.String("A"), Value: aws.String("1")}}}
		in.Tags = map[string]string{"a": "b"}
	})
	a.awaitStatus(id, batch.Succeeded)
	j := a.describe(id)
	if j.Status != types.JobStatusSucceeded || *j.Container.ExitCode != 0 || *j.StartedAt > *j.StoppedAt || j.Tags["a"] != "b" || *j.Container.Environment[0].Value != "1" {
		t.Errorf("job %+v", j)
	}
	out, err := a.DescribeJobs(t.Context(), &sdk.DescribeJobsInput{Jobs: []string{"nobody"}})
	if err != nil || len(out.Jobs) != 0 {
		t.Errorf("an unknown job: %v, %v", out, err)
	}
}

func TestSDKArray(t *testing.T) {
	a := newAmazon(t)
	id := a.submit("array", "quick", func(in *sdk.SubmitJobInput) { in.ArrayProperties = &types.ArrayProperties{Size: aws.Int32(25)} })
	a.awaitStatus(id, batch.Succeeded)
	if j := a.describe(id); j.ArrayProperties.StatusSummary["SUCCEEDED"] != 25 || *j.ArrayProperties.Size != 25 {
		t.Errorf("array %+v", j.ArrayProperties)
	}
	var indices []int32
	pages := sdk.NewListJobsPaginator(a, &sdk.ListJobsInput{ArrayJobId: aws.String(string(id)), JobStatus: types.JobStatusSucceeded, MaxResults: aws.Int32(10)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		a.must(err)
		for _, child := range page.JobSummaryList {
			indices = append(indices, *child.ArrayProperties.Index)
		}
	}
	if len(indices) != 25 || !slices.IsSorted(indices) || len(slices.Compact(indices)) != 25 {
		t.Errorf("children %v", indices)
	}
}

func TestSDKPaginators(t *testing.T) {
	a := newAmazon(t)
	for range 7 {
		a.submit("many", "hold", nil)
	}
	var names []string
	jobs := sdk.NewListJobsPaginator(a, &sdk.ListJobsInput{
		JobQueue: aws.String("work"), Filters: []types.KeyValuesPair{{Name: aws.String("JOB_NAME"), Values: []string{"many"}}}, MaxResults: aws.Int32(3),
	})
	for jobs.HasMorePages() {
		page, err := jobs.NextPage(t.Context())
		a.must(err)
		for _, j := range page.JobSummaryList {
			names = append(names, *j.JobId)
		}
	}
	if slices.Sort(names); len(slices.Compact(names)) != 7 {
		t.Errorf("listed %v", names)
	}
	names = nil
	definitions := sdk.NewDescribeJobDefinitionsPaginator(a, &sdk.DescribeJobDefinitionsInput{MaxResults: aws.Int32(1)})
	for definitions.HasMorePages() {
		page, err := definitions.NextPage(t.Context())
		a.must(err)
		for _, d := range page.JobDefinitions {
			names = append(names, *d.JobDefinitionName)
		}
	}
	if !slices.Equal(names, []string{"hold", "quick", "talk"}) {
		t.Errorf("defined %v", names)
	}
}

func TestSDKCancelAndTerminate(t *testing.T) {
	a := newAmazon(t)
	first := a.submit("first", "hold", nil)
	second := a.submit("second", "quick", func(in *sdk.SubmitJobInput) { in.DependsOn = []types.JobDependency{{JobId: aws.String(string(first))}} })
	third := a.submit("third", "quick", func(in *sdk.SubmitJobInput) { in.DependsOn = []types.JobDependency{{JobId: aws.String(string(first))}} })
	a.awaitStatus(first, batch.Running)
	_, err := a.CancelJob(t.Context(), &sdk.CancelJobInput{JobId: aws.String(string(second)), Reason: aws.String("not this one")})
	a.must(err)
	if j := a.describe(second); j.Status != types.JobStatusFailed || !*j.IsCancelled || *j.StatusReason != "not this one" {
		t.Errorf("cancelled: %+v", j)
	}
	_, err = a.TerminateJob(t.Context(), &sdk.TerminateJobInput{JobId: aws.String(string(first)), Reason: aws.String("enough")})
	a.must(err)
	a.awaitStatus(first, batch.Failed)
	a.awaitStatus(third, batch.Failed)
	if j := a.describe(first); !*j.IsTerminated || *j.StatusReason != "enough" {
		t.Errorf("terminated: %+v", j)
	}
}

func TestSDKTags(t *testing.T) {
	a := newAmazon(t)
	arn := aws.String("arn:aws:batch:us-east-1:123456789012:job-definition/quick:1")
	_, err := a.TagResource(t.Context(), &sdk.TagResourceInput{ResourceArn: arn, Tags: map[string]string{"a b": "1", "c&d": "ü", "e": ""}})
	a.must(err)
	_, err = a.UntagResource(t.Context(), &sdk.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"a b", "c&d"}})
	a.must(err)
	out, err := a.ListTagsForResource(t.Context(), &sdk.ListTagsForResourceInput{ResourceArn: arn})
	if err != nil || len(out.Tags) != 1 || out.Tags["e"] != "" {
		t.Errorf("tags %v, %v", out, err)
	}
}

func TestSDKErrors(t *testing.T) {
	a := newAmazon(t)
	_, err := a.SubmitJob(t.Context(), &sdk.SubmitJobInput{JobName: aws.String("a"), JobQueue: aws.String("nowhere"), JobDefinition: aws.String("quick")})
	var refusal *types.ClientException
	if !errors.As(err, &refusal) || *refusal.Message == "" {
		t.Errorf("an unknown queue: %v", err)
	}
	stranger := sdk.NewFromConfig(a.config, func(o *sdk.Options) {
		o.Credentials = credentials.NewStaticCredentialsProvider(keyID, "guessed", "")
	})
	_, err = stranger.ListJobs(t.Context(), &sdk.ListJobsInput{JobQueue: aws.String("work")})
	var coded smithy.APIError
	if !errors.As(err, &coded) || coded.ErrorCode() != "InvalidSignatureException" {
		t.Errorf("a wrong secret: %v", err)
	}
}
