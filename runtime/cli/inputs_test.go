package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// TestAnEditedFileIsNotReused is the use of --reuse that people know from make: what was edited runs again, the rest does not.
func TestAnEditedFileIsNotReused(t *testing.T) {
	alone(t)
	dir, script := serve(t), filepath.Join(t.TempDir(), "f.sh")
	write := func(text string) {
		if err := os.WriteFile(script, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	reused := func(args ...string) int {
		t.Helper()
		args = append([]string{"submit", "--wait", "--state-dir", dir}, args...)
		code, stdout, stderr := batchd(t, args...)
		if code != exitOK {
			t.Fatalf("exit code %d, stderr %q", code, stderr)
		}
		id, _, _ := strings.Cut(stdout, "\n")
		_, stdout, _ = batchd(t, "describe", "--results", "-o", "json", "--state-dir", dir, id)
		return strings.Count(stdout, "reusedFrom")
	}
	write("one")
	reused("--matrix", "x=1,2", "--", "sh", script, "Ref::x") // without --reuse: it is a source all the same
	if n := reused("--reuse", "--matrix", "x=1,2,3", "--", "sh", script, "Ref::x"); n != 2 {
		t.Errorf("the same script: %d results are reused, want 2", n)
	}
	write("two")
	if n := reused("--reuse", "--matrix", "x=1,2,3", "--", "sh", script, "Ref::x"); n != 0 {
		t.Errorf("an edited script: %d results are reused, want none", n)
	}
	if n := reused("--reuse", "--matrix", "x=1,2,3", "--", "sh", script, "Ref::x"); n != 3 {
		t.Errorf("again: %d results are reused, want 3", n)
	}
	// The same of a file that is not an argument.
	reused("--input", script, "--", "sh", "-c", "run it")
	write("three")
	if n := reused("--reuse", "--input", script, "--", "sh", "-c", "run it"); n != 0 {
		t.Errorf("an edited --input: %d results are reused, want none", n)
	}
	reused("--hash-arguments=false", "--", "cat", script)
	write("four")
	if n := reused("--reuse", "--hash-arguments=false", "--", "cat", script); n != 1 {
		t.Errorf("without hashes: %d results are reused, want 1", n)
	}
}

// TestWhatWasReusedIsSaid names the job that results are from.
func TestWhatWasReusedIsSaid(t *testing.T) {
	alone(t)
	dir := serve(t)
	submit := func(args ...string) (id, stdout, stderr string) {
		_, stdout, stderr = batchd(t, append([]string{"submit", "--wait", "--reuse", "--state-dir", dir}, args...)...)
		id, _, _ = strings.Cut(stdout, "\n")
		return id, stdout, stderr
	}
	first, _, stderr := submit("--matrix", "x=1,2", "--", "echo", "Ref::x")
	if strings.Contains(stderr, "reused") {
		t.Errorf("nothing is reused: %q", stderr)
	}
	second, stdout, stderr := submit("--matrix", "x=1,2,3", "--", "echo", "Ref::x")
	if !strings.Contains(stdout, "3 succeeded; 2 of them reused") || !strings.Contains(stderr, "2 results are reused from job "+first) {
		t.Errorf("wait: %q, %q", stdout, stderr)
	}
	for _, args := range [][]string{{"describe", second + ":0"}, {"describe", "--results", second}} {
		if _, stdout, _ := batchd(t, append(args, "--state-dir", dir)...); !strings.Contains(stdout, first+":0") {
			t.Errorf("%s: %q; want the source", args, stdout)
		}
	}
	if _, stdout, _ := batchd(t, "describe", "--state-dir", dir, second); !strings.Contains(stdout, "2 of 3 results") {
		t.Errorf("describe: %q", stdout)
	}
}

func TestAScriptTravelsWithTheJob(t *testing.T) {
	alone(t)
	s := answering(t, map[string]any{wire.PathSubmitJob: map[string]any{"jobId": "j"}, wire.PathPlanJob: map[string]any{"placeable": true}})
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const text = "#!/bin/sh\necho $1\n"
	if code, _, stderr := batchd(t, "submit", "--queue", "q", "--definition", "d", "--script", file("good", text), "a"); code != exitOK {
		t.Fatalf("exit code %d, %s", code, stderr)
	}
	extension, _ := s.asked[wire.PathSubmitJob]["batchd"].(map[string]any)
	if extension["script"] != text {
		t.Errorf("submitted %v", s.asked[wire.PathSubmitJob])
	}
	for path, want := range map[string]string{
		file("plain", "echo"): "does not begin with a line that names its interpreter", file("windows", "#!/bin/sh\r\n"): "end in CR LF",
		file("unnamed", "#! \ntrue\n"): "does not begin with a line that names its interpreter", file("binary", "#!/bin/sh\n\xff"): "not text in UTF-8", file("large", "#!"+strings.Repeat("x", wire.MaxScript)): "more than 262144 bytes",
		filepath.Join(dir, "gone"): "does not exist", dir: "not a regular file",
	} {
		if code, _, stderr := batchd(t, "submit", "--script", path); code != exitUsage || !strings.Contains(stderr, want) || !strings.Contains(stderr, path) {
			t.Errorf("%s: exit code %d, %q; want %q", path, code, stderr, want)
		}
	}
}

func TestInputsThatCannotBeReadAreNamed(t *testing.T) {
	alone(t)
	dir := t.TempDir()
	large := filepath.Join(dir, "large")
	file, err := os.Create(large)
	if err == nil {
		err = file.Truncate(maxHashedArgument + 1)
	}
	if err != nil {
		t.Fatal(err)
	}
	_ = file.Close() // nothing was written
	for want, args := range map[string][]string{
		"--input: file " + dir + "/nowhere does not exist":                    {"--input", dir + "/nowhere", "--", "true"},
		"--input: " + dir + " is not a regular file":                          {"--input", dir, "--", "true"},
		"argument " + large + " of the command is a file of 1073741825 bytes": {"--reuse", "--", "cat", large},
	} {
		code, _, stderr := batchd(t, append([]string{"submit"}, args...)...)
		if code != exitUsage || !strings.Contains(stderr, want) {
			t.Errorf("%s: exit code %d, stderr %q; want %q", args, code, stderr, want)
		}
	}
	s := &submission{hashArguments: true}
	if all, err := s.inputs([]string{"cat", large, dir, "nowhere"}); err != nil || len(all) != 0 {
		t.Errorf("without --reuse: inputs %v, %v; want none", all, err)
	}
}
