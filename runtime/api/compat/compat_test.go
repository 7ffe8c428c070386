// Package compat tries batchd with clients that its makers did not write: the AWS SDKs for Python, JavaScript and Ruby and the
// AWS CLI, each as its users run it, against the program itself. What the AWS SDK for Go makes of the service is tried
// beside the handlers, in runtime/api. It is not for rules that one client is enough to see.
package compat_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	// required is the variable that makes a client that is not installed a failure.
	required = "COMPAT"
	// installed is where the clients are, from this folder.
	installed = "../../../build/compat"
	// patience is how long one client may take.
	patience = 2 * time.Minute
)

// program builds batchd.
func program(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "batchd")
	command := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", path, "../../cmd/batchd")
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("building batchd: %v\n%s", err, out)
	}
	return path
}

// service starts batchd on a state directory of its own and returns what `batchd env` prints, as settings of a process.
func service(t *testing.T) []string {
	t.Helper()
	batchd, state := program(t), t.TempDir()
	serve := exec.Command(batchd, "serve", "--state-dir", state)
	log := &strings.Builder{}
	serve.Stderr, serve.Env = log, append(os.Environ(), "AWS_CONFIG_FILE=/dev/null")
	if err := serve.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- serve.Wait() }()
	t.Cleanup(func() { stop(t, serve.Process, ended, log) })
	return environment(t, batchd, state, ended)
}

// stop interrupts the service and waits for it. Attempts that still run end with the test's state directory.
func stop(t *testing.T, process *os.Process, ended <-chan error, log *strings.Builder) {
	t.Helper()
	if err := process.Signal(syscall.SIGTERM); err != nil {
		t.Errorf("ending batchd: %v", err)
	}
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("batchd: %v", err)
		}
	case <-time.After(patience):
		t.Errorf("batchd does not end: %v", process.Kill())
		t.Logf("it ended with %v", <-ended)
	}
	if t.Failed() {
		t.Logf("batchd said\n%s", log)
	}
}

// environment asks for the variables until the service has written down where it is.
func environment(t *testing.T, batchd, state string, ended <-chan error) []string {
	t.Helper()
	deadline, tick := time.After(patience), time.NewTicker(50*time.Millisecond)
	defer tick.Stop()
	for {
		var variables map[string]string
		out, err := exec.CommandContext(t.Context(), batchd, "env", "-o", "json", "--state-dir", state).Output()
		if err == nil {
			if err := json.Unmarshal(out, &variables); err != nil {
				t.Fatal(err)
			}
			settings := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "AWS_PAGER=", "AWS_EC2_METADATA_DISABLED=true"}
			for name, value := range variables {
				settings = append(settings, name+"="+value)
			}
			return settings
		}
		select {
		case err := <-ended:
			t.Fatalf("batchd ended: %v", err)
		case <-deadline:
			t.Fatalf("batchd does not serve: %v", err)
		case <-tick.C:
		}
	}
}

// client returns the absolute path of an installed file.
func client(t *testing.T, parts ...string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(append([]string{installed}, parts...)...))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		missing(t, path)
	}
	return path
}

func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv(required) != "" {
		t.Fatalf("%s is not here, and %s is set", what, required)
	}
	t.Skipf("%s is not here; make compat installs it", what)
}

// run runs a client and returns what it printed. It must succeed.
func run(t *testing.T, settings []string, name string, arguments ...string) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	command := exec.CommandContext(ctx, name, arguments...)
	command.Env = settings
	said := &strings.Builder{}
	command.Stderr = said
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s%s", name, arguments, err, out, said)
	}
	return out
}

func TestPython(t *testing.T) {
	python := client(t, "python", "bin", "python")
	run(t, service(t), python, "-B", "python/test_batch.py")
}

// TestExamples sends what AWS's documentation and model say.
func TestExamples(t *testing.T) {
	python := client(t, "python", "bin", "python")
	run(t, service(t), python, "-B", "python/test_examples.py")
}

func TestJavaScript(t *testing.T) {
	modules := client(t, "js", "node_modules")
	node := filepath.Join(installed, "node", "bin", "node")
	if _, err := os.Stat(node); err != nil {
		if node, err = exec.LookPath("node"); err != nil {
			missing(t, "node")
		}
	}
	run(t, append(service(t), "COMPAT_MODULES="+filepath.Dir(modules)), node, "--test-concurrency=1", "js/test.mjs")
}

// TestRuby uses the core of the AWS SDK for Ruby, with the models of the installed botocore.
func TestRuby(t *testing.T) {
	models, err := filepath.Glob(filepath.Join(filepath.Dir(client(t, "python", "bin")), "lib", "python3*", "site-packages", "botocore", "data"))
	if err != nil || len(models) != 1 {
		t.Fatalf("the models of botocore are in %q, %v", models, err)
	}
	ruby, err := exec.LookPath("ruby")
	if err == nil {
		err = exec.CommandContext(t.Context(), ruby, "-e", `require "aws-sdk-core"; require "minitest"`).Run()
	}
	if err != nil {
		missing(t, "Ruby with the core of the AWS SDK")
	}
	run(t, append(service(t), "COMPAT_MODELS="+models[0]), ruby, "ruby/test_batch.rb")
}

// TestCommandLine goes from nothing to a job that ended and its log with the AWS CLI.
func TestCommandLine(t *testing.T) {
	aws := client(t, "python", "bin", "aws")
	settings := append(service(t), "AWS_DEFAULT_OUTPUT=text")
	do := func(arguments ...string) string {
		t.Helper()
		return strings.TrimSpace(string(run(t, settings, aws, arguments...)))
	}
	do("batch", "create-compute-environment", "--compute-environment-name", "here", "--type", "MANAGED", "--compute-resources", "type=LOCAL,maxvCpus=2,subnets=[]")
	if kind := do("batch", "describe-compute-environments", "--query", "computeEnvironments[0].computeResources.type"); kind != "LOCAL" {
		t.Errorf("the environment is %q", kind)
	}
	do("batch", "create-job-queue", "--job-queue-name", "work", "--priority", "1", "--compute-environment-order", "order=1,computeEnvironment=here")
	do("batch", "register-job-definition", "--job-definition-name", "talk", "--type", "container", "--container-properties", `{"command":["echo","spoken"]}`)
	first := do("batch", "submit-job", "--job-name", "first", "--job-queue", "work", "--job-definition", "talk", "--query", "jobId")
	then := do("batch", "submit-job", "--job-name", "then", "--job-queue", "work", "--job-definition", "talk", "--depends-on", "jobId="+first+",type=AFTER_ANY", "--query", "jobId")
	for deadline := time.Now().Add(patience); ; {
		status := do("batch", "describe-jobs", "--jobs", then, "--query", "jobs[0].status")
		if status == "SUCCEEDED" {
			break
		}
		if status == "FAILED" || time.Now().After(deadline) {
			t.Fatalf("the job is %s", status)
		}
	}
	if kind := do("batch", "describe-jobs", "--jobs", then, "--query", "jobs[0].dependsOn[0].type"); kind != "AFTER_ANY" {
		t.Errorf("depends by %q", kind)
	}
	listed := strings.Fields(do("batch", "list-jobs", "--job-queue", "work", "--job-status", "SUCCEEDED", "--page-size", "1", "--query", "jobSummaryList[].jobName"))
	if slices.Sort(listed); !slices.Equal(listed, []string{"first", "then"}) {
		t.Errorf("listed are %q", listed)
	}
	stream := do("batch", "describe-jobs", "--jobs", first, "--query", "jobs[0].container.logStreamName")
	if said := do("logs", "get-log-events", "--log-group-name", "/aws/batch/job", "--log-stream-name", stream, "--query", "events[].message"); said != "spoken" {
		t.Errorf("the log says %q", said)
	}
}
