package governor

import (
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// drain makes n calls of an API of ECS at once and returns how long the last one waited.
func drain(t *testing.T, g *Governor, n int, operation string) time.Duration {
	t.Helper()
	began := time.Now()
	var calls sync.WaitGroup
	for range n {
		calls.Go(func() {
			if err := g.Wait(In(t.Context(), Run), "ECS", operation); err != nil {
				t.Error(err)
			}
		})
	}
	calls.Wait()
	return time.Since(began)
}

// The documented budget of RunTask is 40 a second after a burst of 100, so that 10,000 calls take 247.5 s at least.
func TestTenThousandTasksTakeWhatTheBudgetAllows(t *testing.T) {
	for _, c := range []struct {
		share float64
		want  time.Duration
	}{
		{1, 247500 * time.Millisecond},
		{0.8, 310 * time.Second}, // 32 a second after 80
		{0.4, 624 * time.Second}, // 16 a second after 40
		{0, 310 * time.Second},   // the default
	} {
		synctest.Test(t, func(t *testing.T) {
			took := drain(t, New(c.share), 10_000, "RunTask")
			if off := math.Abs(took.Seconds()/c.want.Seconds() - 1); off > 0.01 {
				t.Errorf("with a share of %v the calls took %v, want %v", c.share, took, c.want)
			}
		})
	}
}

func TestStopsComeBeforeRunsAndSweepsLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(1)
		drain(t, g, 100, "RunTask")
		var mu sync.Mutex
		var order []Lane
		var calls sync.WaitGroup
		for _, lane := range []Lane{Sweep, Describe, Run, Stop, Sweep, Stop, Run} {
			calls.Go(func() {
				if err := g.Wait(In(t.Context(), lane), "ECS", "RunTask"); err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				order = append(order, lane)
			})
			synctest.Wait()
		}
		calls.Wait()
		for i, want := range []Lane{Stop, Stop, Run, Run, Describe, Sweep, Sweep} {
			if order[i] != want {
				t.Fatalf("the calls were made in the order %v", order)
			}
		}
	})
}

func TestBucketsDoNotWaitForEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(1)
		drain(t, g, 200, "RunTask")
		for _, other := range []string{"DescribeTasks", "RegisterTaskDefinition", "DescribeClusters"} {
			if took := drain(t, g, 1, other); took != 0 {
				t.Errorf("%s waited %v for the bucket of RunTask", other, took)
			}
		}
		if took := drain(t, g, 1, "StopTask"); took == 0 {
			t.Error("StopTask did not wait, and it is counted with RunTask")
		}
	})
}

func TestInstancesAreCountedBesideCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(1)
		ctx := Counting(In(t.Context(), Run), 500)
		began := time.Now()
		for range 3 { // 1,000 at once, then 2 a second
			if err := g.Wait(ctx, "EC2", "CreateFleet"); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(began).Round(time.Second); took != 250*time.Second {
			t.Errorf("1,500 instances were launched in %v, want 250s", took)
		}
	})
}

func TestMoreThanTheBurstWaitsForAFullBucketOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(1)
		if err := g.Wait(Counting(t.Context(), 3000), "EC2", "TerminateInstances"); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if err := g.Wait(Counting(t.Context(), 1), "EC2", "TerminateInstances"); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began).Round(time.Second); took != 100*time.Second { // 2,001 at 20 a second
			t.Errorf("the call behind waited %v, want 100s", took)
		}
	})
}

func TestWhoGivesUpTakesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(1)
		drain(t, g, 100, "RunTask")
		enough := errors.New("enough")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Millisecond, enough)
		defer cancel()
		if err := g.Wait(ctx, "ECS", "RunTask"); !errors.Is(err, enough) {
			t.Fatalf("the wait ended with %v, want %v", err, enough)
		}
		if took := drain(t, g, 1, "RunTask"); took > 25*time.Millisecond {
			t.Errorf("the next call waited %v, want the 25ms of one token at most", took)
		}
	})
}

func TestARefusalHalvesTheRateForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(1)
		drain(t, g, 100, "RunTask")
		began := time.Now()
		for range 5 { // calls that were under way together count once
			g.Refused("ECS", "RunTask", began)
		}
		if took := drain(t, g, 20, "RunTask"); took < 900*time.Millisecond || took > 1100*time.Millisecond {
			t.Errorf("after a refusal 20 calls took %v, want about 1s", took)
		}
		time.Sleep(recovery)
		drain(t, g, 100, "RunTask")
		if took := drain(t, g, 40, "RunTask"); took < 900*time.Millisecond || took > 1100*time.Millisecond {
			t.Errorf("after %v 40 calls took %v, want about 1s", recovery, took)
		}
	})
}

func TestManyRefusalsLeaveSomeRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(1)
		for range 50 {
			time.Sleep(time.Millisecond)
			g.Refused("ECS", "RunTask", time.Now())
		}
		if took := drain(t, g, 10, "RunTask"); took > 5*time.Second {
			t.Errorf("10 calls took %v, want 4s at most", took)
		}
	})
}

// refuser is a service that refuses calls with a code, or answers.
type refuser struct {
	refuse atomic.Int32
	calls  atomic.Int32
}

func (r *refuser) Do(*http.Request) (*http.Response, error) {
	r.calls.Add(1)
	body, status := `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Account>1</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`, 200
	if r.refuse.Add(-1) >= 0 {
		body, status = `<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>`, 400
	}
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"text/xml"}}, Body: io.NopCloser(strings.NewReader(body))}, nil
}

func (r *refuser) client(g *Governor) *sts.Client {
	config := aws.Config{Region: "eu-central-1", HTTPClient: r, Credentials: credentials.NewStaticCredentialsProvider("k", "s", "")}
	g.Attach(&config)
	return sts.NewFromConfig(config)
}

func TestAClientWaitsAndTriesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, service := New(1), &refuser{}
		client := service.client(g)
		service.refuse.Store(2)
		if _, err := client.GetCallerIdentity(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		if got := service.calls.Load(); got != 3 {
			t.Errorf("the service was called %d times, want 3", got)
		}
		began := time.Now()
		for range 40 {
			if _, err := client.GetCallerIdentity(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(began); took < 10*time.Second { // less than 5 a second after the refusals
			t.Errorf("40 calls took %v, which is more than the budget allows", took)
		}
	})
}

func TestACallThatMustNotBeRepeatedIsMadeOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := &refuser{}
		client := service.client(New(1))
		service.refuse.Store(1)
		_, err := client.GetCallerIdentity(t.Context(), nil, func(o *sts.Options) { o.Retryer = Once })
		if !IsThrottle(err) {
			t.Errorf("the call ended with %v, want a throttle", err)
		}
		if got := service.calls.Load(); got != 1 {
			t.Errorf("the service was called %d times, want once", got)
		}
	})
}
