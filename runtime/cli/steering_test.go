package cli

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// steering is a text that rewrites what a terminal shows, if it gets there as it is.
const steering = "safe\x1b[2J\r\n1A\u009b1A\u202egnp.exe\u2066\u061c\u200f"

// TestNothingOfOthersSteers plants a steering text wherever a submitter can, and reads it with every command that shows what others
// wrote, as a table and as JSON. Only 'logs' gives back the bytes that a job wrote.
func TestNothingOfOthersSteers(t *testing.T) {
	alone(t)
	t.Setenv("BATCHD_STATE_DIR", serve(t))
	must := func(args ...string) string {
		t.Helper()
		code, stdout, stderr := batchd(t, args...)
		if code != exitOK && code != exitFailed {
			t.Fatalf("%q: exit code %d, %q %q", args, code, stdout, stderr)
		}
		return stdout
	}
	submit := func(args ...string) string {
		id, _, _ := strings.Cut(must(append([]string{"submit"}, args...)...), "\n")
		return id
	}
	left, err := json.Marshal(steering)
	if err != nil {
		t.Fatal(err)
	}
	raw := `"` + strings.NewReplacer("\x1b", `\u001b`, "\r", `\r`, "\n", `\n`).Replace(steering) + `"` // the rest may stand in JSON as it is
	failed, done := submit("--wait", "--", "false", steering), submit("--wait", "--reuse", "--", "leave", raw)
	again := submit("--wait", "--reuse", "--", "leave", raw)
	submit("--wait", "--", "leave", string(left))
	waits := submit("--vcpu", "100000", "--", "true", steering) // for ever: no machine has so many
	must("terminate", "--reason", steering, waits)
	// A name that would steer is refused, and the refusal does not steer either.
	code, _, refusal := batchd(t, "key", "create", "--role", "reader", "--name", "key\u202e\u061c")
	if code == exitOK || !strings.Contains(refusal, `key\u202e\u061c`) {
		t.Errorf("key create: exit code %d, %q", code, refusal)
	}
	for _, command := range []string{
		"jobs", "describe " + failed, "describe " + done, "describe " + again, "describe " + waits, "describe --results " + done, "describe --results " + again,
		"events", "audit", "key list", "wait " + failed, "wait " + again, "wait " + waits, "explain " + failed, "explain " + waits, "plan -- false", "doctor",
		"describe no-such-" + steering, "wait " + steering, "explain " + steering, "cancel " + steering, "retry " + steering,
	} {
		for _, form := range []string{"text", "json"} {
			args := append(strings.SplitN(command, " ", 3), "-o", form)
			if strings.Contains(command, steering) {
				args = []string{strings.Fields(command)[0], strings.SplitN(command, " ", 2)[1], "-o", form}
			}
			_, stdout, stderr := batchd(t, args...)
			for _, r := range stdout + stderr {
				if r != '\n' && r != '\t' && wire.Steers(r) {
					t.Errorf("%q as %s shows %U: %q %q", command, form, r, stdout, stderr)
					break
				}
			}
			if strings.Contains(stdout+stderr, "\n1A") || strings.Contains(stdout+stderr, "\ngnp") {
				t.Errorf("%q as %s lets a text begin a line: %q", command, form, stdout)
			}
		}
	}
	if said := must("describe", "-o", "json", waits); !strings.Contains(said, `\u202egnp.exe`) {
		t.Errorf("what others wrote is not there any more: %s", said)
	}
}
