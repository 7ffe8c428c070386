package provider

import (
	"strings"
	"testing"
)

// TestParametersThatShareAVariable wants a warning, at once, that names them; the job has them in its command alone.
func TestParametersThatShareAVariable(t *testing.T) {
	w, r := newWorkspace(t), newRuntime(t)
	w.configure(r.config(t, "testdata/base.tf") + r.text(t, "testdata/shared_variable.tf"))
	w.says(w.apply(), "The names A_B, a-b, a_b differ only in case", "would be in BATCH_PARAM_A_B")
	want := `{"command":"1 2 3","variable":"","own":"4"}`
	if got := w.run("output", "-raw", "shared"); strings.TrimSpace(got) != want {
		t.Errorf("the job found %s, want %s", got, want)
	}
}
