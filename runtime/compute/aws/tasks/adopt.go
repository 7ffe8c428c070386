package tasks

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/governor"
)

// list looks for tasks in c that are not known: those of before a restart, stopped ones too, and then those that should not be there.
func (r *Runner) list(ctx context.Context, c *cluster) {
	for failures := 0; ; {
		first := !c.isListed()
		wanted := []types.DesiredStatus{types.DesiredStatusRunning}
		if first {
			wanted = append(wanted, types.DesiredStatusStopped)
		}
		err := r.listOnce(ctx, c, wanted)
		wait := listEvery
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			failures++
			wait = patience.Jittered(failures)
			r.log.Info("the tasks of a cluster cannot be listed", "cluster", c.ARN, "error", err)
		default:
			failures = 0
			r.mu.Lock()
			c.noteListed()
			r.mu.Unlock()
		}
		if !c.pause(ctx, wait) {
			return
		}
		r.tidy()
	}
}

// noteListed closes listed. The mutex of the runner is held.
func (c *cluster) noteListed() {
	if !c.isListed() {
		close(c.listed)
	}
}

// isListed reports whether the tasks of c were listed.
func (c *cluster) isListed() bool {
	select {
	case <-c.listed:
		return true
	default:
		return false
	}
}

func (r *Runner) listOnce(ctx context.Context, c *cluster, wanted []types.DesiredStatus) error {
	var found []types.Task
	for _, status := range wanted {
		pages := ecs.NewListTasksPaginator(r.clients(c).ECS, &ecs.ListTasksInput{
			Cluster: aws.String(c.ARN), DesiredStatus: status, MaxResults: aws.Int32(perCall),
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(governor.In(ctx, governor.Sweep))
			if err != nil {
				return err
			}
			unknown := r.unknown(page.TaskArns)
			if len(unknown) == 0 {
				continue
			}
			out, err := r.describe(ctx, c, unknown)
			if err != nil {
				return err
			}
			found = append(found, out.Tasks...)
		}
	}
	slices.SortFunc(found, func(a, b types.Task) int {
		return cmp.Compare(aws.ToTime(b.CreatedAt).UnixNano(), aws.ToTime(a.CreatedAt).UnixNano())
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range found { // the newest first
		r.adopt(c, &found[i])
	}
	return nil
}

// unknown returns those of tasks that nothing is known of.
func (r *Runner) unknown(tasks []string) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.DeleteFunc(tasks, func(arn string) bool {
		_, ignored := r.ignored[arn]
		return ignored || r.tasks[arn] != nil
	})
}

// adopt takes over a task that was found. Of several tasks of one attempt the newest is its task; others that run are stopped. The mutex is held.
func (r *Runner) adopt(c *cluster, t *types.Task) {
	arn := aws.ToString(t.TaskArn)
	if r.tasks[arn] != nil {
		return
	}
	label, installation := labelOf(t.Tags)
	id, err := attemptOf(aws.ToString(t.StartedBy))
	if err != nil || installation != r.options.Installation {
		r.ignore(arn)
		return
	}
	a := r.attempts[id]
	switch {
	case a == nil:
		a = newAttempt(id)
		a.label, a.host = label, label.host
		r.attempts[id] = a
	case a.phase == sought:
		a.label, a.host = label, label.host
	case a.phase < begun:
		if a.phase == asked || a.phase == preparing {
			a.label = label // of the call that started it, perhaps by an earlier batchd
			break
		}
		r.leave(a)
	default:
		r.ignore(arn)
		if aws.ToString(t.LastStatus) != statusStopped {
			r.log.Warn("a second task of an attempt is stopped", "attempt", id, "task", arn)
			r.spawn(func(ctx context.Context) { r.stopStray(ctx, c, arn) })
		}
		return
	}
	a.cluster, a.account, a.holds = c, c.Account, holdsOf(t)
	r.beginsLocked(a, arn)
	r.seesLocked(t)
}

// beginsLocked notes the task of a. The mutex is held.
func (r *Runner) beginsLocked(a *attempt, arn string) {
	if a.phase >= begun {
		if a.task != arn {
			r.log.Warn("a second task of an attempt is stopped", "attempt", a.id, "task", arn)
			r.ignore(arn)
			c := a.cluster
			r.spawn(func(ctx context.Context) { r.stopStray(ctx, c, arn) })
		}
		return
	}
	a.phase, a.task, a.seen = begun, arn, time.Now()
	r.tasks[arn] = a
	if a.stopping {
		r.spawn(func(ctx context.Context) { r.terminate(ctx, a) })
	}
}

// holdsOf is what a task holds of its host, but for GPUs, as far as its overrides say it.
func holdsOf(t *types.Task) (s batch.Shape) {
	if t.Overrides == nil {
		return s
	}
	for _, o := range t.Overrides.ContainerOverrides {
		s.MilliCPU += int64(aws.ToInt32(o.Cpu)) * 1000 / 1024
		s.MemoryMiB += int64(aws.ToInt32(o.Memory))
	}
	return s
}

// ignore makes a task one of no interest. The mutex is held.
func (r *Runner) ignore(arn string) {
	if arn != "" {
		delete(r.tasks, arn)
		r.ignored[arn] = time.Now()
	}
}

// tidy forgets what is too old to matter.
func (r *Runner) tidy() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for arn, at := range r.ignored {
		if time.Since(at) > rememberFor {
			delete(r.ignored, arn)
		}
	}
	for id, refused := range r.refusals {
		if time.Since(refused.at) > rememberFor {
			delete(r.refusals, id)
		}
	}
	for host, at := range r.notices {
		if time.Since(at) > rememberFor {
			delete(r.notices, host)
		}
	}
}
