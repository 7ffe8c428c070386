package engine

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/parameter"
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
				{Name: "BATCH_RESULT_FILE", Value: "forged"},
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
		ArraySize: 10,
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
		"AWS_EXECUTION_ENV=AWS_ECS_EC2", "AWS_BATCH_JOB_ARRAY_INDEX=7", "AWS_BATCH_JOB_ARRAY_SIZE=10",
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

func nodeOrder(index int32) sched.StartAttempt {
	o := childOrder(0)
	o.Attempt.Job = batch.JobID("root").Node(index)
	o.NodeCount, o.MainNode = 4, 1
	if index != o.MainNode {
		o.MainAddress = "127.0.0.1"
	}
	return o
}

func TestNodesRunWhatTheirRangeSays(t *testing.T) {
	spec := sweepSpec()
	main := spec.Container
	main.Environment = append(slices.Clone(main.Environment), batch.EnvVar{Name: "AWS_BATCH_JOB_NUM_NODES", Value: "forged"})
	spec.Container = batch.Container{}
	spec.Nodes = []batch.NodeContainer{
		{From: 0, To: 1, Container: main},
		{From: 2, To: 3, Container: batch.Container{Image: "worker", Command: []string{"work", "Ref::rate"}}},
	}
	s := newSubmission(spec)
	for _, c := range []struct {
		node    int32
		command []string
		environ []string
	}{
		{1, []string{"price", "--strike", "100", "--rate=0.05", "Ref::unknown"}, []string{
			"HOME=/h", "BATCH_PARAM_OTHER=kept", "BATCH_PARAM_RATE=0.05", "BATCH_PARAM_STRIKE=100",
			"AWS_BATCH_JOB_ID=root#1", "AWS_BATCH_JOB_ATTEMPT=2", "AWS_BATCH_JQ_NAME=work", "AWS_BATCH_CE_NAME=here",
			"AWS_EXECUTION_ENV=AWS_ECS_EC2",
			"AWS_BATCH_JOB_NODE_INDEX=1", "AWS_BATCH_JOB_MAIN_NODE_INDEX=1", "AWS_BATCH_JOB_NUM_NODES=4",
		}},
		{3, []string{"work", "0.05"}, []string{
			"BATCH_PARAM_RATE=0.05", "BATCH_PARAM_STRIKE=100",
			"AWS_BATCH_JOB_ID=root#3", "AWS_BATCH_JOB_ATTEMPT=2", "AWS_BATCH_JQ_NAME=work", "AWS_BATCH_CE_NAME=here",
			"AWS_EXECUTION_ENV=AWS_ECS_EC2",
			"AWS_BATCH_JOB_NODE_INDEX=3", "AWS_BATCH_JOB_MAIN_NODE_INDEX=1", "AWS_BATCH_JOB_NUM_NODES=4",
			"AWS_BATCH_JOB_MAIN_NODE_PRIVATE_IPV4_ADDRESS=127.0.0.1",
		}},
	} {
		order := nodeOrder(c.node)
		got := s.of(order.Attempt.Job).start(order, nil)
		if !slices.Equal(got.Container.Command, c.command) || !slices.Equal(got.Environment, c.environ) {
			t.Errorf("node %d runs %q with %q, want %q with %q", c.node, got.Container.Command, got.Environment, c.command, c.environ)
		}
		if got.BaseKey != "" {
			t.Errorf("node %d has the key %s; what it leaves depends on the others", c.node, got.BaseKey)
		}
	}
	if s.of("root#4") != nil || s.of("root") != nil || s.of("root:1") != nil {
		t.Error("a multi-node job runs something that is none of its nodes")
	}
	if newSubmission(sweepSpec()).of("root#0") != nil {
		t.Error("a job that is not multi-node has a node")
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

// TestParametersThatWouldShareAVariable are in none; what the definition sets under that name stays.
func TestParametersThatWouldShareAVariable(t *testing.T) {
	spec := batch.Spec{
		Container:  batch.Container{Environment: []batch.EnvVar{{Name: "BATCH_PARAM_A_B", Value: "own"}, {Name: "BATCH_PARAM_C", Value: "own"}}},
		Parameters: map[string]string{"a-b": "1", "a.b": "2", "c": "3", "A": "4"},
	}
	got := newRun(spec).shared
	if want := []string{"BATCH_PARAM_A=4", "BATCH_PARAM_A_B=own", "BATCH_PARAM_C=3"}; !slices.Equal(got, want) {
		t.Errorf("environment %q, want %q", got, want)
	}
}

// TestThePageNamesTheVariables wants the guide to what a job finds to have every variable that no definition can set.
func TestThePageNamesTheVariables(t *testing.T) {
	page, err := os.ReadFile("../../templates/guides/what-a-job-finds.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		variableJob, variableAttempt, variableQueue, variableCompute, variableIndex, variableSize, variableExecution, variableMetadata, variableResult,
		variableNode, variableMainNode, variableNodes, variableMainAddress, parameter.VariablePrefix,
	} {
		if !strings.Contains(string(page), "`"+name) {
			t.Errorf("the page does not name %s", name)
		}
	}
}
