package parameter_test

import (
	"slices"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/parameter"
)

func TestResolve(t *testing.T) {
	got := parameter.Resolve([]string{"run", "--in=Ref::file", "Ref::n", "Ref::missing"}, map[string]string{"file": "a.txt", "n": "3"})
	if want := []string{"run", "--in=a.txt", "3", "Ref::missing"}; !slices.Equal(got, want) {
		t.Errorf("Resolve = %q, want %q", got, want)
	}
}

func TestVariable(t *testing.T) {
	for name, want := range map[string]string{
		"seed": "BATCH_PARAM_SEED", "learning-rate": "BATCH_PARAM_LEARNING_RATE", "2d": "BATCH_PARAM_2D", "größe": "BATCH_PARAM_GR__E",
		"a-b.C9": "BATCH_PARAM_A_B_C9",
	} {
		if got := parameter.Variable(name); got != want {
			t.Errorf("Variable(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestParametersThatShareAVariable(t *testing.T) {
	for _, test := range []struct{ names, want []string }{
		{[]string{"a", "b"}, nil},
		{[]string{"a-b", "a.b", "c"}, []string{"a-b", "a.b"}},
		{[]string{"Rate", "rate"}, []string{"Rate", "rate"}},
		{[]string{"b", "B", "a_1", "A-1"}, []string{"A-1", "B", "a_1", "b"}},
		{[]string{"a-b", "a.b", "A_B", "c", "d", "D"}, []string{"A_B", "D", "a-b", "a.b", "d"}},
	} {
		parameters := map[string]string{}
		for _, name := range test.names {
			parameters[name] = ""
		}
		if got := parameter.WithoutVariable(parameters); !slices.Equal(got, test.want) {
			t.Errorf("WithoutVariable(%q) = %q, want %q", test.names, got, test.want)
		}
	}
}
