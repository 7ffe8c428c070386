package awsfake

import (
	"context"
	"errors"
	"net/http/httptest"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

func TestAClientOfTheSDKIsServedInProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := New(Realistic(1))
		defer w.Close()
		out, err := sts.NewFromConfig(w.Config()).GetCallerIdentity(t.Context(), nil)
		if err != nil || aws.ToString(out.Account) != "123456789012" {
			t.Fatalf("got %v, %v", out, err)
		}
	})
}

func TestAClientOfTheSDKIsServedOverTCP(t *testing.T) {
	w := New(Options{})
	server := httptest.NewServer(w.Handler())
	defer server.Close()
	config := w.Config()
	config.HTTPClient, config.BaseEndpoint = server.Client(), aws.String(server.URL)
	client := ssm.NewFromConfig(config)
	put(t, client, "/batchd/lease", "1")
	if got := value(t, client, "/batchd/lease"); got != "1" {
		t.Errorf("got %q", got)
	}
	w.Inject(Fault{Kind: LostAfter, Times: 1})
	if _, err := client.DeleteParameter(t.Context(), &ssm.DeleteParameterInput{Name: aws.String("/batchd/lease")}, once1); err == nil {
		t.Error("an answer came over a connection that was lost")
	}
}

// A client that gets no answer cannot know whether its call had an effect.
func TestAnAnswerIsLostBeforeOrAfterTheEffect(t *testing.T) {
	for kind, exists := range map[Kind]bool{LostBefore: false, LostAfter: true} {
		synctest.Test(t, func(t *testing.T) {
			w, client := ssmWorld(Options{})
			defer w.Close()
			w.Inject(Fault{Service: "ssm", Operation: "PutParameter", Kind: kind})
			_, err := client.PutParameter(t.Context(), parameterInput("p", "1"), once1)
			if !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("%s: got %v, want a connection that was reset", kind, err)
			}
			if got := slices.Contains(w.Leftovers(""), "ssm parameter p"); got != exists {
				t.Errorf("%s: the parameter exists: %v", kind, got)
			}
		})
	}
}

func TestACallThatFailsHasNoEffect(t *testing.T) {
	for kind, code := range map[Kind]string{Throttled: "ThrottlingException", ServerError: "InternalError", Answered: "ExpiredTokenException"} {
		synctest.Test(t, func(t *testing.T) {
			w, client := ssmWorld(Options{})
			defer w.Close()
			w.Inject(Fault{Kind: kind, Error: &Error{Code: "ExpiredTokenException", Message: "The security token included in the request is expired"}})
			_, err := client.PutParameter(t.Context(), parameterInput("p", "1"), once1)
			wantCode(t, err, code)
			if left := w.Leftovers(""); len(left) != 0 {
				t.Errorf("%s: left %q", kind, left)
			}
		})
	}
}

func TestAFaultIsMetBySomeCallsOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, client := ssmWorld(Options{})
		defer w.Close()
		w.Inject(Fault{Operation: "PutParameter", Skip: 1, Times: 2, Kind: ServerError, Match: func(in any) bool {
			put, ok := in.(*ssm.PutParameterInput)
			return ok && aws.ToString(put.Name) == "p"
		}})
		var failed []bool
		for _, name := range []string{"p", "q", "p", "q", "p", "p"} {
			_, err := client.PutParameter(t.Context(), parameterInput(name, "1"), once1)
			failed = append(failed, err != nil)
			time.Sleep(time.Second)
		}
		if want := []bool{false, false, true, false, true, false}; !slices.Equal(failed, want) {
			t.Errorf("failed %v, want %v", failed, want)
		}
	})
}

func TestASlowCallHasItsEffectAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, client := ssmWorld(Options{})
		defer w.Close()
		w.Inject(Fault{Operation: "PutParameter", Kind: Slow, Delay: time.Minute})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		begun := time.Now()
		_, err := client.PutParameter(ctx, parameterInput("p", "1"), once1)
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(begun) != 10*time.Second {
			t.Errorf("got %v after %v", err, time.Since(begun))
		}
		if got := value(t, client, "p"); got != "1" {
			t.Errorf("got %q", got)
		}
	})
}

// The store takes 3 writes a second, and as many at once.
func TestABucketHoldsABurstAndFillsAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, client := ssmWorld(Options{})
		defer w.Close()
		burst := func() (served int) {
			for range 10 {
				if _, err := client.PutParameter(t.Context(), parameterInput("p", "1"), once1); err == nil {
					served++
				}
			}
			return served
		}
		first := burst()
		time.Sleep(700 * time.Millisecond)
		if second := burst(); first != 3 || second != 2 {
			t.Errorf("%d and %d were served, want 3 and 2", first, second)
		}
		if m := w.Meter(); m.Calls["ssm:PutParameter"] != 20 || m.Throttled["ssm:PutParameter"] != 15 || m.Errors["ThrottlingException"] != 15 {
			t.Errorf("metered %v", m)
		}
	})
}

// Each read asks a replica of another age, so that a write is seen, not seen and seen again.
func TestAWriteFlapsUntilEveryReplicaHasIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, client := ssmWorld(Options{Lag: Span{0, 10 * time.Second}, Unlagged: 0.2, Unthrottled: true})
		defer w.Close()
		put(t, client, "p", "1")
		var seen []bool
		for range 300 {
			_, err := client.GetParameter(t.Context(), &ssm.GetParameterInput{Name: aws.String("p")}, once1)
			seen = append(seen, err == nil)
			time.Sleep(50 * time.Millisecond)
		}
		first, last := slices.Index(seen, true), len(seen)-1
		for ; last > 0 && seen[last]; last-- {
		}
		if first < 0 || first >= last || last*50 > 10_000 {
			t.Errorf("first seen by read %d, last missed by read %d of %v", first, last, seen)
		}
	})
}

func TestAStaleReadSeesThePast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, client := ssmWorld(Options{})
		defer w.Close()
		put(t, client, "p", "old")
		time.Sleep(time.Hour)
		put(t, client, "p", "new")
		w.Inject(Fault{Operation: "GetParameter", Times: 1, Kind: Stale, Delay: time.Minute})
		if got := value(t, client, "p"); got != "old" {
			t.Errorf("the first read sees %q", got)
		}
		if got := value(t, client, "p"); got != "new" {
			t.Errorf("the second read sees %q", got)
		}
	})
}

func TestWhatAPolicyDoesNotAllowIsDenied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, client := ssmWorld(Options{})
		defer w.Close()
		err := w.Allow(`{"Version": "2012-10-17", "Statement": [
			{"Effect": "Allow", "Action": ["ssm:Get*", "ssm:PutParameter"], "Resource": "*"},
			{"Effect": "Deny", "Action": "ssm:GetParameters", "Resource": "*"}]}`)
		if err != nil {
			t.Fatal(err)
		}
		put(t, client, "p", "1")
		value(t, client, "p")
		_, err = client.GetParameters(t.Context(), &ssm.GetParametersInput{Names: []string{"p"}})
		wantCode(t, err, "AccessDeniedException")
		_, err = client.DeleteParameter(t.Context(), &ssm.DeleteParameterInput{Name: aws.String("p")})
		wantCode(t, err, "AccessDeniedException")
	})
}

func TestOneSeedIsOneWorld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		story := func(seed uint64) (times []time.Duration) {
			w, client := ssmWorld(Realistic(seed))
			defer w.Close()
			w.Inject(Fault{Kind: ServerError, Probability: 0.3})
			begun := time.Now()
			for range 20 {
				_, _ = client.GetParameter(t.Context(), &ssm.GetParameterInput{Name: aws.String("p")}, once1)
				times = append(times, time.Since(begun))
			}
			return times
		}
		if first, again, other := story(1), story(1), story(2); !slices.Equal(first, again) || slices.Equal(first, other) {
			t.Errorf("seed 1 took %v, again %v, seed 2 %v", first, again, other)
		}
	})
}

func ssmWorld(options Options) (*World, *ssm.Client) {
	w := New(options)
	return w, ssm.NewFromConfig(w.Config())
}

// once1 makes a client call once, without retries.
func once1(o *ssm.Options) { o.RetryMaxAttempts = 1 }

func parameterInput(name, value string) *ssm.PutParameterInput {
	return &ssm.PutParameterInput{Name: &name, Value: &value, Type: types.ParameterTypeString, Overwrite: aws.Bool(true)}
}

func put(t *testing.T, client *ssm.Client, name, value string) {
	t.Helper()
	must[*ssm.PutParameterOutput](t)(client.PutParameter(t.Context(), parameterInput(name, value)))
}

func value(t *testing.T, client *ssm.Client, name string) string {
	t.Helper()
	return aws.ToString(must[*ssm.GetParameterOutput](t)(client.GetParameter(t.Context(), &ssm.GetParameterInput{Name: &name})).Parameter.Value)
}
