package awsfake

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// noFargate is the reason of a task for which Fargate has no room.
const noFargate = "Capacity is unavailable at this time. Please try again later or in a different availability zone"

func (e *ecsState) startOnFargate(c *cluster, r *run) *ecs.RunTaskOutput {
	out := &ecs.RunTaskOutput{}
	spot := r.provider == providerFargateSpot
	for range r.count {
		if !e.fargateHasRoom(spot) {
			out.Failures = append(out.Failures, types.Failure{Reason: aws.String(noFargate)})
			continue
		}
		t := e.newTask(c, r)
		t.LaunchType, t.spot = types.LaunchTypeFargate, spot
		t.PlatformVersion, t.PlatformFamily = aws.String("1.4.0"), aws.String("Linux")
		if r.provider != "" {
			t.CapacityProviderName = aws.String(r.provider)
		}
		e.fargate[spot]++
		t.LastStatus = aws.String(statusProvisioning)
		t.changed()
		e.w.after(e.w.draw(e.options.Provision, "provision", t.id), func() {
			if t.stopping() {
				return
			}
			t.become(statusPending)
			t.begin()
		})
		out.Tasks = append(out.Tasks, t.Task)
	}
	return out
}

// fargateHasRoom reports whether one more task gets a place.
func (e *ecsState) fargateHasRoom(spot bool) bool {
	limit := e.options.Fargate
	if spot {
		limit = e.options.FargateSpot
	}
	return limit == 0 || e.fargate[spot] < limit
}

// InterruptFargate takes a task of Fargate Spot back: it is told to stop, and is killed at the end of its stop timeout, two minutes at most. It
// reports whether there is such a task that has not been told to stop.
func (w *World) InterruptFargate(taskARN string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.happen()
	t := w.ecs.find(taskARN)
	if t == nil || !t.spot || t.LaunchType != types.LaunchTypeFargate || t.stopping() {
		return false
	}
	t.interrupt()
	return true
}

// interrupt takes a Spot task back.
func (t *task) interrupt() {
	t.stop(types.TaskStopCodeSpotInterruption, "Your Spot Task was interrupted.")
}

// LimitFargate lets that many tasks run on Fargate, or on Fargate Spot: 0 lets any number, -1 none. Those that run go on.
func (w *World) LimitFargate(spot bool, tasks int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if spot {
		w.ecs.options.FargateSpot = tasks
	} else {
		w.ecs.options.Fargate = tasks
	}
}

// mayBeInterrupted plans the loss of a Spot task of Fargate, by the share of them that are lost.
func (t *task) mayBeInterrupted() {
	e := t.e
	if t.spot && t.on == nil && e.w.chance(e.options.FargateSpotLoss, "fargate spot loss", t.id) {
		e.w.after(time.Duration(e.w.dice("fargate spot loss at", t.id).Int64N(int64(spotLossWithin))), func() {
			if !t.stopping() {
				t.interrupt()
			}
		})
	}
}
