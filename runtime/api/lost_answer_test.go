package api_test

import (
	"errors"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/batch"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// forgetful answers nothing to the first requests for a path, which are served all the same.
type forgetful struct {
	next http.RoundTripper
	path string
	left atomic.Int32
}

// RoundTrip implements [http.RoundTripper].
func (f *forgetful) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := f.next.RoundTrip(r)
	if err != nil || r.URL.Path != f.path || f.left.Add(-1) < 0 {
		return answer, err
	}
	return nil, errors.Join(errors.New("the connection is lost"), answer.Body.Close())
}

// TestLostAnswers loses the first answers to submissions: repeating them is not submitting twice, whether the client
// says so by a token of its own, in an extension or as a tag, or by the id that SDKs keep through their retries.
func TestLostAnswers(t *testing.T) {
	tagged := map[string]string{"batchd:client-token": "twice"}
	for _, each := range []struct {
		name  string
		lost  int32
		calls int // of the client
		tags  map[string]string
		jobs  int
	}{
		{"retries of one call", 2, 1, nil, 1},
		{"two calls", 0, 2, nil, 2},
		{"two calls with a token", 0, 2, tagged, 1},
		{"calls and retries with a token", 2, 2, tagged, 1},
	} {
		t.Run(each.name, func(t *testing.T) {
			a := newAmazon(t)
			lossy := &forgetful{next: http.DefaultTransport, path: wire.PathSubmitJob}
			lossy.left.Store(each.lost)
			client := sdk.NewFromConfig(a.config, func(o *sdk.Options) { o.HTTPClient = &http.Client{Transport: lossy} })
			ids := map[string]bool{}
			for range each.calls {
				out, err := client.SubmitJob(t.Context(), &sdk.SubmitJobInput{
					JobName: aws.String("once"), JobQueue: aws.String("work"), JobDefinition: aws.String("hold"), Tags: each.tags,
				})
				a.must(err)
				ids[*out.JobId] = true
			}
			if n := a.submitted(); n != each.jobs || len(ids) != each.jobs {
				t.Errorf("%d jobs and %d ids, want %d", n, len(ids), each.jobs)
			}
		})
	}
}

// submitted counts the jobs of the queue.
func (a *amazon) submitted() int {
	a.Helper()
	out, err := a.ListJobs(a.Context(), &sdk.ListJobsInput{JobQueue: aws.String("work"), Filters: filter("JOB_NAME", "*")})
	a.must(err)
	return len(out.JobSummaryList)
}

// TestRefusedSubmissionsLeaveTheirTokenFree checks that a token names a submission and not an answer.
func TestRefusedSubmissionsLeaveTheirTokenFree(t *testing.T) {
	a := newAmazon(t)
	submit := func(queue string) error {
		_, err := a.SubmitJob(t.Context(), &sdk.SubmitJobInput{
			JobName: aws.String("once"), JobQueue: &queue, JobDefinition: aws.String("hold"), Tags: map[string]string{"batchd:client-token": "again"},
		})
		return err
	}
	if err := submit("nowhere"); err == nil {
		t.Error("an unknown queue is accepted")
	}
	a.must(submit("work"))
	if n := a.submitted(); n != 1 {
		t.Errorf("%d jobs", n)
	}
}
