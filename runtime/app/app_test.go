package app_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/internal/long"
	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/app"
	"github.com/batchd/terraform-provider-batch/runtime/compute/computetest"
	"github.com/batchd/terraform-provider-batch/runtime/rendezvous"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// holderWord makes this test's executable a holder.
const holderWord = "be-the-holder"

func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == holderWord {
		if err := app.RunHolder(context.Background(), os.Args[2], nil); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// options are those of a runtime over a machine in memory.
func options(t *testing.T) app.Options {
	fake := computetest.NewFake(computetest.FakeOptions{})
	return app.Options{
		StateDir: t.TempDir(), Driver: fake, Logs: fake.Logs(), Logger: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
}

// start runs a runtime until the test ends.
func start(t *testing.T, o app.Options) *app.App {
	t.Helper()
	a, err := app.New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, a) })
	return a
}

func stop(t *testing.T, a *app.App) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := a.Stop(ctx); err != nil {
		t.Error(err)
	}
}

// dial returns a client of the runtime of a state directory.
func dial(t *testing.T, stateDir string) *client.Client {
	t.Helper()
	target, err := rendezvous.Find("", stateDir, func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.Open(t.Context(), target, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// furnish makes an environment, a queue and a definition of that command.
func furnish(t *testing.T, c *client.Client, command ...string) {
	t.Helper()
	four := int32(4)
	_, err := c.CreateComputeEnvironment(t.Context(), &wire.CreateComputeEnvironmentRequest{
		ComputeEnvironmentName: "here", Type: wire.Managed, ComputeResources: &wire.ComputeResource{Type: wire.TypeLocal, MaxvCpus: &four},
	})
	if err != nil {
		t.Fatal(err)
	}
	one, name := int32(1), "here"
	_, err = c.CreateJobQueue(t.Context(), &wire.CreateJobQueueRequest{
		JobQueueName: "work", Priority: &one, ComputeEnvironmentOrder: []wire.ComputeEnvironmentOrder{{Order: &one, ComputeEnvironment: name}},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.RegisterJobDefinition(t.Context(), &wire.RegisterJobDefinitionRequest{
		JobDefinitionName: "task", Type: "container", ContainerProperties: &wire.ContainerProperties{
			Command: command, ResourceRequirements: []wire.ResourceRequirement{{Type: "VCPU", Value: "1"}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestARealJobOnThisMachine(t *testing.T) {
	o := options(t)
	o.Driver, o.Logs = nil, nil
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	o.HolderCommand = []string{executable, holderWord, o.StateDir}
	begin := time.Now()
	start(t, o)
	t.Logf("served after %s", time.Since(begin))
	c := dial(t, o.StateDir)
	furnish(t, c, "/bin/sh", "-c", `echo "hello $AWS_BATCH_JOB_ARRAY_INDEX $BATCH_PARAM_NAME"; echo '{"answer":42}' >"$BATCH_RESULT_FILE"`)
	submitted, err := c.SubmitJob(t.Context(), &wire.SubmitJobRequest{
		JobName: "j", JobQueue: "work", JobDefinition: "task",
		Batchd: &wire.SubmitJobExtension{Points: []map[string]string{{"name": "a"}, {"name": "b"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	job, err := c.Wait(ctx, submitted.JobID, nil)
	if err != nil || job.Status != wire.StatusSucceeded {
		t.Fatalf("job = %+v, %v", job, err)
	}
	results, err := c.AllResults(ctx, submitted.JobID)
	if err != nil || len(results) != 2 || string(results[1].Result) != `{"answer":42}` {
		t.Errorf("results = %+v, %v", results, err)
	}
	logs, err := c.Logs(ctx, &wire.LogsRequest{JobID: submitted.JobID + ":1"})
	if err != nil || len(logs.Events) != 1 || logs.Events[0].Message != "hello 1 b" {
		t.Errorf("logs = %+v, %v", logs, err)
	}
}

func TestItSaysWhereItServes(t *testing.T) {
	o := options(t)
	o.ReadyFile = filepath.Join(t.TempDir(), "ready.json")
	a := start(t, o)
	text, err := os.ReadFile(o.ReadyFile)
	if err != nil {
		t.Fatal(err)
	}
	var ready app.Ready
	if err := json.Unmarshal(text, &ready); err != nil || ready.Endpoint != a.Endpoint() || ready.PID != os.Getpid() || ready.Version != app.Version {
		t.Errorf("ready file = %s, %v", text, err)
	}
	answer, err := http.Get(ready.Endpoint + "/healthz")
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("healthz: %v, %v", answer, err)
	}
	if err := answer.Body.Close(); err != nil {
		t.Error(err)
	}
}

func TestEverythingIsThereAfterARestart(t *testing.T) {
	o := options(t)
	a := start(t, o)
	furnish(t, dial(t, o.StateDir), "anything")
	endpoint := a.Endpoint()
	stop(t, a)
	if _, err := rendezvous.Find("", o.StateDir, os.Getenv); !errors.Is(err, rendezvous.ErrNotRunning) {
		t.Errorf("after Stop it is found: %v", err)
	}
	fake := computetest.NewFake(computetest.FakeOptions{})
	o.Driver, o.Logs = fake, fake.Logs()
	again := start(t, o)
	if again.Endpoint() != endpoint {
		t.Errorf("endpoint was %s and is %s", endpoint, again.Endpoint())
	}
	queues, err := dial(t, o.StateDir).DescribeJobQueues(t.Context(), &wire.DescribeJobQueuesRequest{})
	if err != nil || len(queues.JobQueues) != 1 {
		t.Errorf("queues = %+v, %v", queues, err)
	}
}

func TestItEndsWhenIdle(t *testing.T) {
	o := options(t)
	o.IdleTimeout = 2 * time.Second // a busy machine, too, asks for the lease sooner
	a := start(t, o)
	lease, err := dial(t, o.StateDir).Lease(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-a.Done():
		t.Fatal("it ended though a lease was held")
	case <-time.After(2 * o.IdleTimeout):
	}
	lease.Close()
	select {
	case <-a.Done():
	case <-time.After(long.Stretched(10 * time.Second)):
		t.Fatal("it did not end though nobody needed it")
	}
}

func TestStopEndsLeases(t *testing.T) {
	o := options(t)
	a := start(t, o)
	lease, err := dial(t, o.StateDir).Lease(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	stop(t, a)
	if took := time.Since(begin); took > long.Stretched(3*time.Second) {
		t.Errorf("stopping took %s", took)
	}
	<-lease.Done()
}

// run runs a runtime as a process does, and returns once it serves. How it ends comes out of the channel.
func run(t *testing.T, o app.Options) <-chan error {
	t.Helper()
	a, err := app.New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	ready := filepath.Join(o.StateDir, "runtime.json")
	go func() { ended <- a.Run(t.Context()) }()
	for deadline := time.Now().Add(10 * time.Second); ; <-time.After(5 * time.Millisecond) {
		if _, err := os.Stat(ready); err == nil {
			return ended
		}
		if time.Now().After(deadline) {
			t.Fatal("it does not serve")
		}
	}
}

func TestRunStopsWhenAsked(t *testing.T) {
	o := options(t)
	ended := run(t, o)
	if err := dial(t, o.StateDir).Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("it did not stop")
	}
}

func TestOneRuntimeForOneDirectory(t *testing.T) {
	o := options(t)
	start(t, o)
	_, err := app.New(t.Context(), o)
	var held *rendezvous.HeldError
	if !errors.As(err, &held) || held.PID != os.Getpid() {
		t.Errorf("error = %v, want one that names the holder", err)
	}
}

func TestAPortInUse(t *testing.T) {
	a := start(t, options(t))
	o := options(t)
	o.Listen = a.Addr().String()
	_, err := app.New(t.Context(), o)
	if err == nil || !strings.Contains(err.Error(), o.Listen) {
		t.Errorf("error = %v, want one that names the address", err)
	}
	o.Listen = ""
	start(t, o) // nothing is left behind that would be in the way
}

func TestACorruptStoreIsRefusedAndLeftAlone(t *testing.T) {
	o := options(t)
	if err := os.Chmod(o.StateDir, 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(o.StateDir, "batchd.db")
	garbage := strings.Repeat("this is no database ", 1000)
	if err := os.WriteFile(file, []byte(garbage), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := app.New(t.Context(), o)
	if !errors.Is(err, store.ErrCorrupt) || !strings.Contains(err.Error(), file) {
		t.Errorf("error = %v, want a corrupt store that is named", err)
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != garbage {
		t.Errorf("the file was changed (%v)", err)
	}
}

func TestOptionsThatCannotBe(t *testing.T) {
	for name, change := range map[string]func(*app.Options){
		"open without authentication": func(o *app.Options) { o.Auth, o.Listen = app.AuthOff, "0.0.0.0:0" },
		"an unknown authentication":   func(o *app.Options) { o.Auth = "maybe" },
		"no state directory":          func(o *app.Options) { o.StateDir = "" },
		"a short account":             func(o *app.Options) { o.AccountID = "42" },
		"a region with a space":       func(o *app.Options) { o.Region = "us east" },
		"arrays of one":               func(o *app.Options) { o.MaxArraySize = 1 },
		"arrays too large":            func(o *app.Options) { o.MaxArraySize = 1_000_001 },
		"a negative timeout":          func(o *app.Options) { o.IdleTimeout = -1 },
		"a driver without logs":       func(o *app.Options) { o.Logs = nil },
		"an address without a port":   func(o *app.Options) { o.Listen = "127.0.0.1" },
	} {
		t.Run(name, func(t *testing.T) {
			o := options(t)
			change(&o)
			if a, err := app.New(t.Context(), o); err == nil {
				stop(t, a)
				t.Error("accepted")
			}
		})
	}
}

func TestRequestsMustBeSigned(t *testing.T) {
	o := options(t)
	a := start(t, o)
	status := post(t, a.Endpoint()+wire.PathDescribeJobQueues)
	if status != http.StatusForbidden {
		t.Errorf("an unsigned request: status %d, want 403", status)
	}
	off := options(t)
	off.Auth = app.AuthOff
	if status := post(t, start(t, off).Endpoint()+wire.PathDescribeJobQueues); status != http.StatusOK {
		t.Errorf("an unsigned request without authentication: status %d, want 200", status)
	}
}

func post(t *testing.T, url string) int {
	t.Helper()
	answer, err := http.Post(url, "application/json", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil {
		t.Error(err)
	}
	return answer.StatusCode
}

func TestDoctorLooks(t *testing.T) {
	o := options(t)
	start(t, o)
	found, err := dial(t, o.StateDir).Doctor(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range found.Checks {
		if c.Name == "" || c.Detail == "" || c.Status != wire.CheckOK && c.Remedy == "" {
			t.Errorf("check %+v says too little", c)
		}
	}
	if len(found.Checks) < 5 {
		t.Errorf("checks = %+v", found.Checks)
	}
}
