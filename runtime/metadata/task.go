package metadata

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/describe"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// Statuses of a task.
const (
	taskRunning = "RUNNING"
	taskStopped = "STOPPED"
)

// cpuUnits is how many of ECS's CPU units a vCPU has.
const cpuUnits = 1024

// attempt is what is stored of an attempt and around it.
type attempt struct {
	job        batch.Job
	run        batch.Attempt // as far as it has come
	ordered    batch.Time    // 0 once it has ended
	ended      bool
	runs       batch.Container
	definition *describe.Definition
}

// find reads an attempt and what is around it, all of one moment; nil if the attempt does not exist.
func (h *Handler) find(ctx context.Context, id batch.AttemptID) (found *attempt, err error) {
	err = h.Store.Together(ctx, func(r store.Reader) error {
		jobs, err := r.Jobs(ctx, []batch.JobID{id.Job})
		if err != nil || len(jobs) == 0 || id.Number > jobs[0].Attempt {
			return err
		}
		a := &attempt{job: jobs[0], run: batch.Attempt{ID: id}}
		if run := a.job.Run; run != nil && a.job.Attempt == id.Number {
			a.run.Environment, a.run.Host, a.run.StartedAt, a.ordered = run.Environment, run.Host, run.StartedAt, run.OrderedAt
		} else {
			ended, err := r.Attempts(ctx, []batch.JobID{id.Job})
			i := slices.IndexFunc(ended[id.Job], func(e batch.Attempt) bool { return e.ID == id })
			if err != nil || i < 0 {
				return err
			}
			a.run, a.ended = ended[id.Job][i], true
		}
		specs, err := r.Specs(ctx, []batch.JobID{id.Job.Root()})
		if err != nil {
			return err
		}
		spec := specs[id.Job.Root()]
		a.runs = spec.ContainerOf(id.Job)
		definitions, err := describe.Definitions(ctx, r, jobs)
		a.definition, found = definitions[a.job.Definition], a
		return err
	})
	return found, err
}

// task describes an attempt as ECS does its task, which has one container.
func (h *Handler) task(a *attempt) *task {
	c := h.container(a)
	return &task{
		Cluster: describe.ClusterARN(h.Place, a.run.Environment), TaskARN: describe.TaskARN(h.Place, a.run.Environment, a.run.ID),
		Family: a.job.Definition.Name, Revision: strconv.Itoa(int(a.job.Definition.Revision)),
		DesiredStatus: c.DesiredStatus, KnownStatus: c.KnownStatus, LaunchType: wire.PlatformEC2,
		Limits:     limits{CPU: c.Limits.CPU / cpuUnits, Memory: c.Limits.Memory},
		Containers: []container{c},
	}
}

func (h *Handler) container(a *attempt) container {
	status := taskRunning // it asks, so it runs
	if a.ended {
		status = taskStopped
	}
	id := a.run.ID
	return container{
		DockerID: describe.TaskID(id), Name: describe.ContainerName, Type: "NORMAL",
		Image: a.runs.Image, ImageID: a.run.ImageDigest,
		Labels: map[string]string{
			"com.amazonaws.ecs.cluster":                 describe.ClusterARN(h.Place, a.run.Environment),
			"com.amazonaws.ecs.container-name":          describe.ContainerName,
			"com.amazonaws.ecs.task-arn":                describe.TaskARN(h.Place, a.run.Environment, id),
			"com.amazonaws.ecs.task-definition-family":  a.job.Definition.Name,
			"com.amazonaws.ecs.task-definition-version": strconv.Itoa(int(a.job.Definition.Revision)),
		},
		DesiredStatus: status, KnownStatus: status, ExitCode: a.run.ExitCode,
		Limits:    limits{CPU: float64(a.runs.Shape.MilliCPU) * cpuUnits / 1000, Memory: a.runs.Shape.MemoryMiB},
		CreatedAt: timeText(a.ordered), StartedAt: timeText(a.run.StartedAt), FinishedAt: timeText(a.run.StoppedAt),
		LogDriver: wire.DriverAwslogs,
		LogOptions: map[string]string{
			wire.OptionLogGroup: a.definition.LogName(id.Job).Group, "awslogs-region": h.Place.Region, "awslogs-stream": a.definition.LogStream(id),
		},
		ContainerARN: describe.ContainerARN(h.Place, a.run.Environment, id),
		Networks:     []network{{NetworkMode: "host", IPv4Addresses: []string{"127.0.0.1"}}},
	}
}

// timeText renders a time; "" if it is not known.
func timeText(t batch.Time) string {
	if t == 0 {
		return ""
	}
	return t.Std().Format(time.RFC3339Nano)
}
