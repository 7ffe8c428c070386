package api_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/api"
	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// TestWhoMayReachTheMachine submits, plans and retries each kind of job as each role, with each way to serve. What a job can reach
// of the machine decides, and with it whether the role is a boundary.
func TestWhoMayReachTheMachine(t *testing.T) {
	image, yes, volume, path := "alpine", true, "data", "/srv/data"
	contained := wire.ContainerProperties{Image: &image, Command: []string{"hold"}}
	privileged, mounting, anonymous := contained, contained, contained
	privileged.Privileged = &yes
	mounting.Volumes = []wire.Volume{{Name: &volume, Host: &wire.Host{SourcePath: &path}}}
	mounting.MountPoints = []wire.MountPoint{{SourceVolume: &volume, ContainerPath: &path, ReadOnly: &yes}}
	anonymous.Volumes = []wire.Volume{{Name: &volume}}
	anonymous.MountPoints = mounting.MountPoints
	process := wire.ContainerProperties{Command: []string{"hold"}}
	kinds := map[string]struct {
		properties wire.ContainerProperties
		allowed    []string // to roles below administrator, by how the runtime is served
	}{
		"process":              {process, []string{"run-as", "trust-jobs"}},
		"container":            {contained, []string{"", "run-as", "trust-jobs"}},
		"container-volume":     {anonymous, []string{"", "run-as", "trust-jobs"}},
		"container-privileged": {privileged, []string{"trust-jobs"}},
		"container-mount":      {mounting, []string{"trust-jobs"}},
	}
	for serve, change := range map[string]func(*api.Options){
		"": func(*api.Options) {}, "run-as": func(o *api.Options) { o.RunAs = "jobs" }, "trust-jobs": trusting,
	} {
		g := newGuarded(t, change)
		g.furnish("work")
		one := wire.ResourceRequirement{Type: wire.ResourceVCPU, Value: "1"}
		for kind, k := range kinds {
			k.properties.ResourceRequirements = []wire.ResourceRequirement{one}
			_, err := g.admin.RegisterJobDefinition(t.Context(), &wire.RegisterJobDefinitionRequest{JobDefinitionName: kind, Type: wire.TypeContainer, ContainerProperties: &k.properties})
			if err != nil {
				t.Fatal(err)
			}
		}
		for _, role := range []string{wire.RoleReader, wire.RoleSubmitter, wire.RoleOperator, wire.RoleAdmin} {
			c, _ := g.key(role)
			for kind, k := range kinds {
				want := role == wire.RoleAdmin || role != wire.RoleReader && slices.Contains(k.allowed, serve)
				for verb, err := range g.run(c, kind) {
					what := fmt.Sprintf("serve %q: %s of %s as %s", serve, verb, kind, role)
					switch {
					case want && err != nil:
						t.Errorf("%s: %v", what, err)
					case !want:
						denied(t, what, err)
					}
					if !want && role != wire.RoleReader && (err == nil || !strings.Contains(err.Error(), "--trust-jobs")) {
						t.Errorf("%s: %v does not say what to do", what, err)
					}
				}
			}
		}
	}
}

// run submits, plans and retries a job of a definition, the last one of the administrator's.
func (g *guarded) run(c *client.Client, definition string) map[string]error {
	g.Helper()
	request := &wire.SubmitJobRequest{JobName: "j", JobQueue: "work", JobDefinition: definition}
	theirs, err := g.admin.SubmitJob(g.Context(), request)
	if err == nil {
		err = g.admin.TerminateJob(g.Context(), &wire.TerminateJobRequest{JobID: theirs.JobID, Reason: "to be run again"})
	}
	if err != nil {
		g.Fatal(err)
	}
	g.awaitFailed(theirs.JobID)
	errs := map[string]error{}
	_, errs["submission"] = c.SubmitJob(g.Context(), request)
	_, errs["plan"] = c.PlanJob(g.Context(), request)
	_, errs["retry"] = c.RetryJob(g.Context(), &wire.RetryJobRequest{JobID: theirs.JobID})
	return errs
}

// awaitFailed waits until a job has failed.
func (g *guarded) awaitFailed(id string) {
	g.Helper()
	if job, err := g.admin.Wait(g.Context(), id, nil); err != nil || job.Status != wire.StatusFailed {
		g.Fatalf("job = %+v, %v", job, err)
	}
}

// TestAnotherUserThanThatOfProcesses registers definitions in a runtime that gives all processes one user.
func TestAnotherUserThanThatOfProcesses(t *testing.T) {
	g := newGuarded(t, func(o *api.Options) { o.RunAs = "jobs" })
	image := "alpine"
	for user, want := range map[string]string{"": "", "jobs": "", "root": "--run-as jobs", "0": "--run-as jobs", "jobs:docker": "--run-as jobs"} {
		p := wire.ContainerProperties{Command: []string{"true"}, User: &user, ResourceRequirements: []wire.ResourceRequirement{{Type: wire.ResourceVCPU, Value: "1"}}}
		if user == "" {
			p.User = nil
		}
		register := func() error {
			_, err := g.admin.RegisterJobDefinition(t.Context(), &wire.RegisterJobDefinitionRequest{JobDefinitionName: "d", Type: wire.TypeContainer, ContainerProperties: &p})
			return err
		}
		err := register()
		if (err == nil) != (want == "") || err != nil && (!strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "containerProperties.user")) {
			t.Errorf("user %q: %v", user, err)
		}
		p.Image = &image // of a container it is the user inside
		if err := register(); err != nil {
			t.Errorf("user %q of a container: %v", user, err)
		}
	}
}
