package provider

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/batchd/terraform-provider-batch/internal/bundled"
	"github.com/batchd/terraform-provider-batch/internal/long"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// TestInterruptIsResumed stops the provider, as Ctrl-C does, while it waits for a job. It speaks the plugin
// protocol, since the test framework cannot interrupt terraform.
func TestInterruptIsResumed(t *testing.T) {
	r, file := newRuntime(t), gate(t)
	r.prepare(t, "#!/bin/sh\nwhile [ -e '"+file+"' ]; do sleep 0.05; done\n")
	p := newPlugin(t, r)
	config := p.config(map[string]tftypes.Value{
		"name":           tftypes.NewValue(tftypes.String, "patient"),
		"job_queue":      tftypes.NewValue(tftypes.String, "work"),
		"job_definition": tftypes.NewValue(tftypes.String, "script:1"),
	})
	applied := make(chan applied, 1)
	go func() { applied <- p.apply(tftypes.NewValue(p.object, nil), config) }()
	r.awaitStatus(t, wire.StatusRunning)
	if _, err := p.server.StopProvider(t.Context(), &tfprotov6.StopProviderRequest{}); err != nil {
		t.Fatal(err)
	}
	asked := time.Now()
	first := <-applied
	if took := time.Since(asked); took >= long.Stretched(time.Second) {
		t.Errorf("the state was there %s after the interrupt: a second one would have lost it", took)
	}
	if first.severity != tfprotov6.DiagnosticSeverityWarning || first.text("status") != wire.StatusRunning {
		t.Fatalf("after the interrupt: %s, status %q", first.diagnostics, first.text("status"))
	}
	lift(t, file)
	p = newPlugin(t, r) // terraform starts the provider anew
	second := p.apply(first.state, config)
	if second.severity != tfprotov6.DiagnosticSeverityInvalid || second.text("status") != wire.StatusSucceeded {
		t.Fatalf("after the next apply: %s, status %q", second.diagnostics, second.text("status"))
	}
	if first.text("job_id") != second.text("job_id") {
		t.Error("the job was submitted again")
	}
}

// prepare makes an environment, the queue "work" and the definition "script".
func (r *testRuntime) prepare(t *testing.T, script string) {
	t.Helper()
	most, one := int32(4), int32(1)
	_, err := r.client.CreateComputeEnvironment(t.Context(), &wire.CreateComputeEnvironmentRequest{
		ComputeEnvironmentName: "local", Type: wire.Managed, ComputeResources: &wire.ComputeResource{Type: wire.TypeLocal, MaxvCpus: &most},
	})
	if err == nil {
		_, err = r.client.CreateJobQueue(t.Context(), &wire.CreateJobQueueRequest{
			JobQueueName: "work", Priority: &one,
			ComputeEnvironmentOrder: []wire.ComputeEnvironmentOrder{{Order: &one, ComputeEnvironment: "local"}},
		})
	}
	if err == nil {
		_, err = r.client.RegisterJobDefinition(t.Context(), &wire.RegisterJobDefinitionRequest{
			JobDefinitionName: "script", Type: wire.TypeContainer, Batchd: &wire.JobDefinitionExtension{Script: script},
			ContainerProperties: &wire.ContainerProperties{ResourceRequirements: []wire.ResourceRequirement{{Type: wire.ResourceVCPU, Value: "1"}}},
		})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// run submits a job of the definition "script" and waits until it has ended.
func (r *testRuntime) run(t *testing.T, name string) string {
	t.Helper()
	made, err := r.client.SubmitJob(t.Context(), &wire.SubmitJobRequest{JobName: name, JobQueue: "work", JobDefinition: "script"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.client.Wait(t.Context(), made.JobID, func(wire.JobDetail) {}); err != nil {
		t.Fatal(err)
	}
	return made.JobID
}

// definition returns the ARN of a revision.
func (r *testRuntime) definition(t *testing.T, reference string) string {
	t.Helper()
	found, err := findDefinition(t.Context(), r.client, reference)
	if err != nil || found == nil {
		t.Fatalf("no definition %s: %v", reference, err)
	}
	return found.arn
}

// awaitStatus waits until a job of the queue "work" has a status.
func (r *testRuntime) awaitStatus(t *testing.T, status string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), stopTimeout)
	defer cancel()
	err := until(ctx, func(ctx context.Context) (bool, error) {
		page, err := r.client.ListJobs(ctx, &wire.ListJobsRequest{JobQueue: "work", JobStatus: status})
		return err == nil && len(page.JobSummaryList) > 0, err
	})
	if err != nil {
		t.Fatalf("no job became %s: %v", status, err)
	}
}

// awaitPoints waits until n points of the one array in the queue "work" run.
func (r *testRuntime) awaitPoints(t *testing.T, n int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), stopTimeout)
	defer cancel()
	err := until(ctx, func(ctx context.Context) (bool, error) {
		arrays, err := r.client.ListJobs(ctx, &wire.ListJobsRequest{JobQueue: "work", JobStatus: wire.StatusPending})
		if err != nil || len(arrays.JobSummaryList) == 0 {
			return false, notThere(err)
		}
		children, err := r.client.ListJobs(ctx, &wire.ListJobsRequest{ArrayJobID: arrays.JobSummaryList[0].JobID, JobStatus: wire.StatusRunning})
		return err == nil && len(children.JobSummaryList) >= n, err
	})
	if err != nil {
		t.Fatalf("%d points do not run: %v", n, err)
	}
}

// notThere is err, unless it says that something does not exist yet.
func notThere(err error) error {
	if isClientError(err, "does not exist") {
		return nil
	}
	return err
}

// TestRuntimeThatDiesIsStartedAgain kills the bundled runtime while its job is waited for.
func TestRuntimeThatDiesIsStartedAgain(t *testing.T) {
	dir, file := stateDir(t), gate(t)
	s, err := bundled.Open(t.Context(), bundled.Config{StateDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	r := &testRuntime{client: s.Client}
	r.prepare(t, "#!/bin/sh\nwhile [ -e '"+file+"' ]; do sleep 0.05; done\n")
	object := tftypes.Object{AttributeTypes: map[string]tftypes.Type{
		"state_dir": tftypes.String, "idle_timeout": tftypes.String, "auto_start": tftypes.Bool, "aws": tftypes.Bool,
	}}
	p := configuredPlugin(t, map[string]tftypes.Value{
		"runtime": withMembers(object, map[string]tftypes.Value{"state_dir": tftypes.NewValue(tftypes.String, dir)}),
	})
	config := p.config(map[string]tftypes.Value{
		"name":           tftypes.NewValue(tftypes.String, "patient"),
		"job_queue":      tftypes.NewValue(tftypes.String, "work"),
		"job_definition": tftypes.NewValue(tftypes.String, "script:1"),
	})
	done := make(chan applied, 1)
	go func() { done <- p.apply(tftypes.NewValue(p.object, nil), config) }()
	r.awaitStatus(t, wire.StatusRunning)
	status, err := r.client.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	process, err := os.FindProcess(status.PID)
	if err == nil {
		err = process.Kill()
	}
	if err != nil {
		t.Fatal(err)
	}
	lift(t, file)
	if after := <-done; after.severity != tfprotov6.DiagnosticSeverityInvalid || after.text("status") != wire.StatusSucceeded {
		t.Fatalf("%s, status %q", after.diagnostics, after.text("status"))
	}
}
