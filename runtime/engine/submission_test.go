package engine

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

func sweepSpec() batch.Spec {
	return batch.Spec{
		Job: "root", Definition: batch.DefinitionRef{Name: "price", Revision: 3},
		Container: batch.Container{
			Command: []string{"price", "--strike", "Ref::strike", "--rate=Ref::rate", "Ref::unknown"},
			Environment: []batch.EnvVar{
				{Name: "HOME", Value: "/h"},
				{Name: "AWS_BATCH_JOB_ID", Value: "forged"},
				{Name: "BATCH_PARAM_STRIKE", Value: "forged"},
				{Name: "BATCH_PARAM_OTHER", Value: "kept"},
			},
		},
		Parameters: map[string]string{"rate": "0.05", "strike": "100"},
	}
}

func childOrder(index int32) sched.StartAttempt {
	return sched.StartAttempt{
		Attempt: batch.AttemptID{Job: batch.JobID("root").Child(index), Number: 2}, Host: "local", Environment: "here", QueueName: "work", Lane: "l",
	}
}

func TestAChildWithAPoint(t *testing.T) {
	spec := sweepSpec()
	s := newSubmission(spec)
	point := map[string]string{"strike": "90", "spot-price": "95"}
	got := s.start(childOrder(7), point)
	if want := []string{"price", "--strike", "90", "--rate=0.05", "Ref::unknown"}; !slices.Equal(got.Container.Command, want) {
		t.Errorf("command = %q, want %q", got.Container.Command, want)
	}
	want := []string{
		"HOME=/h", "BATCH_PARAM_OTHER=kept", "BATCH_PARAM_RATE=0.05", "BATCH_PARAM_SPOT_PRICE=95", "BATCH_PARAM_STRIKE=90",
		"AWS_BATCH_JOB_ID=root:7", "AWS_BATCH_JOB_ATTEMPT=2", "AWS_BATCH_JQ_NAME=work", "AWS_BATCH_CE_NAME=here",
		"AWS_EXECUTION_ENV=AWS_ECS_EC2", "AWS_BATCH_JOB_ARRAY_INDEX=7",
	}
	if !slices.Equal(got.Environment, want) {
		t.Errorf("environment = %q, want %q", got.Environment, want)
	}
	if got.BaseKey != batch.BaseKey(&spec, point, 7) || got.DefinitionName != "price" || got.StopGrace != batch.StopGrace {
		t.Errorf("start = %+v", got)
	}
}

func TestASingleJobAndAChildWithoutAPoint(t *testing.T) {
	spec := sweepSpec()
	s := newSubmission(spec)
	order := childOrder(0)
	order.Attempt.Job = "root"
	single := s.start(order, nil)
	if slices.ContainsFunc(single.Environment, func(v string) bool { return strings.HasPrefix(v, "AWS_BATCH_JOB_ARRAY_INDEX") }) {
		t.Errorf("a single job has an index: %q", single.Environment)
	}
	if single.BaseKey != batch.BaseKey(&spec, nil, -1) {
		t.Error("the key of a single job has an index in it")
	}
	first, second := s.start(childOrder(1), nil), s.start(childOrder(2), nil)
	if slices.Equal(first.Environment, second.Environment) || !slices.Contains(first.Environment, "AWS_BATCH_JOB_ARRAY_INDEX=1") {
		t.Errorf("children share their variables: %q", first.Environment)
	}
	if first.BaseKey == second.BaseKey {
		t.Error("children without points share a key")
	}
}

func BenchmarkStartOfAChild(b *testing.B) {
	spec := sweepSpec()
	for _, script := range []int{0, 4 << 10, 256 << 10} {
		spec.Container.Script = strings.Repeat("x", script)
		s := newSubmission(spec)
		b.Run("index/script="+strconv.Itoa(script), func(b *testing.B) {
			order := childOrder(3)
			for b.Loop() {
				s.start(order, nil)
			}
		})
		b.Run("point/script="+strconv.Itoa(script), func(b *testing.B) {
			order, point := childOrder(3), map[string]string{"strike": "90", "volatility": "0.2", "seed": "7"}
			for b.Loop() {
				s.start(order, point)
			}
		})
	}
}
