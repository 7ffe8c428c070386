package examples

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/internal/long"
)

// terraform is one working directory with a copy of an example in it.
type terraform struct {
	t      *testing.T
	binary string
	dir    string
	state  string // the state directory of its runtime
	env    []string
}

// TestExamplesApplyAndDestroyCleanly applies every example to a runtime of its own: the second plan is empty, and destroy leaves nothing.
func TestExamplesApplyAndDestroyCleanly(t *testing.T) {
	long.Only(t, "builds the programs and applies every example")
	binary := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if os.Getenv("TF_ACC") == "" || binary == "" {
		t.Skip("TF_ACC and TF_ACC_TERRAFORM_PATH are not set: make test sets them when terraform or tofu is in PATH")
	}
	bin := t.TempDir()
	batchd := build(t, filepath.Join(bin, "batchd"), "./runtime/cmd/batchd")
	mirror := mirrorOf(t, build(t, filepath.Join(bin, "terraform-provider-batch"), "."))

	for name, example := range map[string]struct {
		dir       string
		container bool
		account   bool // it runs in an AWS account
		variables []string
		check     func(*terraform)
	}{
		"sweep": {dir: "sweep", variables: []string{"paths=2000"}, check: checkSweep},
		// The image is one that needs no registry.
		"container":           {dir: "container", container: true, variables: []string{"image=" + image}},
		"aws":                 {dir: "aws", container: true, account: true, variables: inAccount, check: checkAccount},
		"compute environment": {dir: "resources/batch_compute_environment"},
		"job queue":           {dir: "resources/batch_job_queue"},
		"job definition":      {dir: "resources/batch_job_definition"},
		"job":                 {dir: "resources/batch_job"},
	} {
		t.Run(name, func(t *testing.T) {
			if example.container && !hasImage(t) {
				t.Skipf("no Docker daemon with the image %s: .ci/docker-up makes both", image)
			}
			tf := prepare(t, binary, mirror, example.dir, example.variables)
			var far account
			if example.account {
				far = openAccount(t)
				tf.env = append(tf.env, far.environment...)
			}
			t.Cleanup(func() { stop(t, batchd, tf.state) })
			tf.must("init", "-input=false")
			tf.must("apply", "-input=false", "-auto-approve")
			if example.check != nil {
				example.check(tf)
			}
			tf.must("plan", "-input=false", "-detailed-exitcode")
			tf.must("destroy", "-input=false", "-auto-approve")
			if left := tf.must("state", "list"); left != "" {
				t.Errorf("destroy left %s", left)
			}
			if example.account {
				far.mustBeEmpty()
			}
		})
	}
}

// checkSweep wants all points, nearly all of them within three standard errors, only the new ones to run when a
// volatility is added, and none when it is taken away again.
func checkSweep(tf *terraform) {
	expect := func(points int, ran string) {
		tf.t.Helper()
		var prices []any
		if err := json.Unmarshal([]byte(tf.must("output", "-json", "prices")), &prices); err != nil || len(prices) != points {
			tf.t.Fatalf("%d prices (%v), want %d", len(prices), err, points)
		}
		if got := tf.must("output", "-raw", "ran"); got != ran {
			tf.t.Errorf("%s of %d points ran, want %s", got, points, ran)
		}
	}
	expect(100, "100")
	var within int
	if _, err := fmt.Sscan(tf.must("output", "-raw", "within_three_standard_errors"), &within); err != nil || within < 98 {
		tf.t.Errorf("%d of 100 points lie within three standard errors (%v)", within, err)
	}
	tf.must("apply", "-input=false", "-auto-approve", "-var=volatilities=[0.1,0.2,0.3,0.4,0.5]")
	expect(125, "25")
	tf.must("apply", "-input=false", "-auto-approve")
	expect(100, "0")
}

// image is what .ci/docker-up makes.
const image = "batchd-test/busybox:1"

func hasImage(t *testing.T) bool {
	return exec.CommandContext(t.Context(), "docker", "image", "inspect", image).Run() == nil
}

// build compiles a program as "make build" does, so that the two share Go's cache.
func build(t *testing.T, path, program string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-buildvcs=false", "-o", path, program)
	command.Dir = "../.."
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("building %s: %v\n%s", program, err, out)
	}
	return path
}

// mirrorOf lays the provider out as the registries of Terraform and OpenTofu would, and returns the directory.
func mirrorOf(t *testing.T, provider string) string {
	t.Helper()
	mirror := filepath.Join(filepath.Dir(provider), "plugins")
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		folder := filepath.Join(mirror, host, "batchd/batch/0.1.0", runtime.GOOS+"_"+runtime.GOARCH)
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Link(provider, filepath.Join(folder, "terraform-provider-batch_v0.1.0")); err != nil {
			t.Fatal(err)
		}
	}
	return mirror
}

// prepare copies an example to a directory of its own, with a runtime that keeps its state there too.
func prepare(t *testing.T, binary, mirror, example string, variables []string) *terraform {
	t.Helper()
	root := t.TempDir()
	for _, folder := range []string{example, "sweep"} { // other examples use the sweep's script
		source := filepath.Join("../../examples", folder)
		if err := os.MkdirAll(filepath.Join(root, folder), 0o755); err != nil {
			t.Fatal(err)
		}
		for _, pattern := range []string{"*.tf", "*.sh"} {
			files, _ := filepath.Glob(filepath.Join(source, pattern))
			for _, file := range files {
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				write(t, filepath.Join(root, folder, filepath.Base(file)), string(text))
			}
		}
	}
	tf := &terraform{t: t, binary: binary, dir: filepath.Join(root, example), state: filepath.Join(root, "state")}
	if strings.HasPrefix(example, "resources/") {
		write(t, filepath.Join(tf.dir, "provider.tf"), fmt.Sprintf(providerBlock, tf.state))
	} else {
		variables = append(variables, "state_dir="+tf.state)
	}
	settings := filepath.Join(root, "cli.tfrc")
	write(t, settings, fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", mirror))
	tf.env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+settings, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_CLI_ARGS=-no-color")
	for _, variable := range variables {
		tf.env = append(tf.env, "TF_VAR_"+variable)
	}
	return tf
}

// providerBlock completes examples that show a resource alone.
const providerBlock = `
terraform {
  required_providers {
    batch = { source = "batchd/batch" }
  }
}

provider "batch" {
  runtime {
    state_dir = %q
  }
}
`

// must runs a command of Terraform and returns what it printed.
func (tf *terraform) must(arguments ...string) string {
	tf.t.Helper()
	command := exec.CommandContext(tf.t.Context(), tf.binary, arguments...)
	command.Dir, command.Env = tf.dir, tf.env
	out, err := command.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			out = append(out, exit.Stderr...)
		}
		tf.t.Fatalf("terraform %s: %v\n%s", strings.Join(arguments, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// stop ends the runtime that an example started.
func stop(t *testing.T, batchd, state string) {
	t.Helper()
	if _, err := os.Stat(state); err != nil {
		return
	}
	if out, err := exec.Command(batchd, "stop", "--state-dir", state).CombinedOutput(); err != nil {
		t.Errorf("batchd stop: %v\n%s", err, out)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}
