package api_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/batch"
	"github.com/aws/aws-sdk-go-v2/service/batch/types"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

func TestSDKQuotaShares(t *testing.T) {
	a := newAmazon(t)
	limits := []types.QuotaShareCapacityLimit{{MaxCapacity: aws.Int32(4), CapacityUnit: aws.String("VCPU")}}
	made, err := a.CreateQuotaShare(t.Context(), &sdk.CreateQuotaShareInput{
		QuotaShareName: aws.String("risk"), JobQueue: aws.String("work"), CapacityLimits: limits, Tags: map[string]string{"a": "b"},
		ResourceSharingConfiguration: &types.QuotaShareResourceSharingConfiguration{Strategy: types.QuotaShareResourceSharingStrategyLendAndBorrow, BorrowLimit: aws.Int32(-1)},
		PreemptionConfiguration:      &types.QuotaSharePreemptionConfiguration{InSharePreemption: types.QuotaShareInSharePreemptionStateEnabled},
	})
	a.must(err)
	_, err = a.UpdateQuotaShare(t.Context(), &sdk.UpdateQuotaShareInput{QuotaShareArn: made.QuotaShareArn, State: types.QuotaShareStateDisabled})
	a.must(err)
	_, err = a.TagResource(t.Context(), &sdk.TagResourceInput{ResourceArn: made.QuotaShareArn, Tags: map[string]string{"c": "d"}})
	a.must(err)
	q, err := a.DescribeQuotaShare(t.Context(), &sdk.DescribeQuotaShareInput{QuotaShareArn: made.QuotaShareArn})
	a.must(err)
	if q.State != types.QuotaShareStateDisabled || q.Status != types.QuotaShareStatusValid || *q.CapacityLimits[0].MaxCapacity != 4 ||
		*q.ResourceSharingConfiguration.BorrowLimit != -1 || len(q.Tags) != 2 || *q.JobQueueArn != "arn:aws:batch:us-east-1:123456789012:job-queue/work" {
		t.Errorf("quota share %+v", q)
	}
	list, err := a.ListQuotaShares(t.Context(), &sdk.ListQuotaSharesInput{JobQueue: q.JobQueueArn})
	a.must(err)
	if len(list.QuotaShares) != 1 || *list.QuotaShares[0].QuotaShareName != "risk" {
		t.Errorf("listed %+v", list.QuotaShares)
	}
	_, err = a.DeleteQuotaShare(t.Context(), &sdk.DeleteQuotaShareInput{QuotaShareArn: made.QuotaShareArn})
	a.must(err)
	var gone *types.ClientException
	if _, err = a.DescribeQuotaShare(t.Context(), &sdk.DescribeQuotaShareInput{QuotaShareArn: made.QuotaShareArn}); !errors.As(err, &gone) {
		t.Errorf("after its end: %v", err)
	}
}

// TestPagesUnderInserts lists names and jobs page by page while others are made: what was there before is listed once.
func TestPagesUnderInserts(t *testing.T) {
	a := newAmazon(t)
	register := func(name string) {
		_, err := a.RegisterJobDefinition(t.Context(), &sdk.RegisterJobDefinitionInput{
			JobDefinitionName: &name, Type: types.JobDefinitionTypeContainer, ContainerProperties: &types.ContainerProperties{Command: []string{}},
		})
		a.must(err)
	}
	var want, got []string
	for i := range 4 {
		want = append(want, string(a.submit(fmt.Sprintf("job%d", i), "hold", nil)))
	}
	jobs := sdk.NewListJobsPaginator(a, &sdk.ListJobsInput{JobQueue: aws.String("work"), Filters: filter("JOB_NAME", "job*"), MaxResults: aws.Int32(1)})
	for jobs.HasMorePages() {
		page, err := jobs.NextPage(t.Context())
		a.must(err)
		for _, j := range page.JobSummaryList {
			got = append(got, *j.JobId)
		}
		a.submit("job-new", "hold", nil)
	}
	slices.Reverse(got) // the newest came first
	if !slices.Equal(got, want) {
		t.Errorf("jobs %v, want %v", got, want)
	}
	got = nil
	definitions := sdk.NewDescribeJobDefinitionsPaginator(a, &sdk.DescribeJobDefinitionsInput{MaxResults: aws.Int32(1)})
	for i := 0; definitions.HasMorePages(); i++ {
		page, err := definitions.NextPage(t.Context())
		a.must(err)
		for _, d := range page.JobDefinitions {
			got = append(got, *d.JobDefinitionName)
		}
		register(fmt.Sprintf("before%d", i))
	}
	if want := []string{"hold", "quick", "talk"}; !slices.Equal(got, want) {
		t.Errorf("definitions %v, want %v", got, want)
	}
}

// TestManyJobsEndAtOnce ends jobs as the newest clients do.
func TestManyJobsEndAtOnce(t *testing.T) {
	a := newAmazon(t)
	c, err := client.New(client.Config{Endpoint: *a.config.BaseEndpoint, Credentials: keys})
	a.must(err)
	var ids []string
	for range wire.MaxEndJobs {
		ids = append(ids, string(a.submit("many", "hold", nil)))
	}
	for _, end := range []func() (*wire.EndJobsResponse, error){
		func() (*wire.EndJobsResponse, error) {
			return c.CancelJobs(t.Context(), &wire.CancelJobsRequest{Jobs: ids, Reason: "enough"})
		},
		func() (*wire.EndJobsResponse, error) {
			return c.TerminateJobs(t.Context(), &wire.TerminateJobsRequest{Jobs: ids, Reason: "enough"})
		},
	} {
		out, err := end()
		a.must(err)
		if !slices.Equal(out.Successful, ids) || len(out.Errors) != 0 {
			t.Errorf("%+v", out)
		}
	}
	for _, id := range ids {
		if j := a.awaitStatus(batch.JobID(id), batch.Failed); j.StatusReason != "enough" {
			t.Errorf("job %s: %s", id, j.StatusReason)
		}
	}
}
