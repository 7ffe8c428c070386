package tasks_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/awsfake"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/tasks"
	"github.com/batchd/terraform-provider-batch/runtime/compute/computetest"
)

func TestAnAttemptRunsAsATask(t *testing.T) {
	inBed(t, awsfake.Realistic(1), 1, func(b *bed) {
		id := batch.AttemptID{Job: "8f14e45f-ceea-467f-a8f5-0c1d2e3f4a5b:17", Number: 2}
		b.start(id, computetest.Behaviour{Output: "hello\n", Code: 3, Result: `{"a": [1]}`, After: time.Minute})
		s, x := b.started(id), b.ended(id, 3)
		if s.Log.Stream.Group != "/aws/batch/job" || !strings.HasPrefix(s.Log.Stream.Name, "definition/default/") || x.Log != s.Log || s.Log.Stream.Account != "test" {
			t.Errorf("log %+v, then %+v", s.Log, x.Log)
		}
		if string(x.Result) != `{"a": [1]}` || x.ResultError != "" || x.Usage != (batch.Usage{CPUMillis: 7, MaxRSSKiB: 2}) {
			t.Errorf("result %q, error %q, usage %+v", x.Result, x.ResultError, x.Usage)
		}
		if x.BaseKey != "key" || x.StartedAt != s.At || x.StatusReason != "Essential container in task exited" {
			t.Errorf("exit %+v", x)
		}
		if ran := time.Duration(x.StoppedAt-x.StartedAt) * time.Millisecond; ran < time.Minute || ran > time.Minute+5*time.Second {
			t.Errorf("it ran for %v", ran)
		}
		if p, ok := b.held(id); !ok || p.State != compute.Ended {
			t.Errorf("held as %+v", p)
		}
		b.Forget([]batch.AttemptID{id})
		if _, ok := b.held(id); ok {
			t.Error("it is held after it was forgotten")
		}
	})
}

func TestAfterARestartAttemptsAreFoundByTheirTasks(t *testing.T) {
	inBed(t, awsfake.Realistic(2), 1, func(b *bed) {
		runs, ends, node := attempt(1), attempt(2), batch.AttemptID{Job: attempt(3).Job.Node(1), Number: 4}
		b.start(runs, computetest.Behaviour{Manual: true})
		b.start(ends, computetest.Behaviour{Manual: true, Result: `[2]`})
		b.start(node, computetest.Behaviour{Manual: true})
		before := b.started(runs)
		b.started(ends)
		b.started(node)
		b.Close()
		b.stage.find(startedBy(ends)).finish <- 6
		b.wait(50 * time.Minute)
		b.reopen()
		if p, ok := b.held(runs); !ok || p.State != compute.Running || p.Started != before {
			t.Errorf("held as %+v, started as %+v", p, before)
		}
		if p, ok := b.held(ends); !ok || p.State != compute.Ended || *p.Exit.Code != 6 || string(p.Exit.Result) != `[2]` || p.Exit.BaseKey != "key" {
			t.Errorf("held as %+v", p)
		}
		b.stage.find(startedBy(runs)).finish <- 0
		b.ended(runs, 0)
		b.Stop([]compute.Stop{{Attempt: node}})
		b.ended(node, 143)
	})
}

func TestStopping(t *testing.T) {
	inBed(t, awsfake.Realistic(3), 1, func(b *bed) {
		b.settle()
		running, unknown, ahead := attempt(1), attempt(2), attempt(3)
		b.start(running, computetest.Behaviour{Manual: true})
		b.started(running)
		b.Stop([]compute.Stop{{Attempt: running, Recall: true}})
		b.wait(time.Minute)
		if p, _ := b.held(running); p.State != compute.Running {
			t.Errorf("a running attempt that was recalled is %+v", p)
		}
		waits := order(ahead, computetest.Behaviour{})
		waits.Ahead = true
		b.Start([]compute.Start{waits})
		b.Stop([]compute.Stop{{Attempt: running}, {Attempt: running}, {Attempt: unknown}, {Attempt: ahead, Recall: true}})
		for _, id := range []batch.AttemptID{unknown, ahead} {
			if x := b.exited(id); x.Kind != batch.Recalled || x.StartedAt != 0 {
				t.Errorf("exit %+v of %v", x, id)
			}
		}
		b.ended(running, 143)
		b.start(unknown, computetest.Behaviour{})
		b.wait(time.Minute)
		if b.stage.ran(startedBy(unknown)) != 0 {
			t.Error("an attempt was started after it was stopped")
		}
	})
}

func TestAnAttemptThatIsStoppedWhileItIsAskedForEnds(t *testing.T) {
	options := awsfake.Realistic(4)
	inBed(t, options, 1, func(b *bed) {
		b.w.Inject(awsfake.Fault{Operation: "RunTask", Kind: awsfake.LostAfter, Times: 1})
		id := attempt(1)
		b.start(id, computetest.Behaviour{Manual: true})
		b.playing(id)
		b.Stop([]compute.Stop{{Attempt: id}})
		b.ended(id, 143)
		if n := b.stage.ran(startedBy(id)); n != 1 {
			t.Errorf("it was started %d times", n)
		}
	})
}

func TestAnAttemptThatIsStoppedRightAfterARestartEnds(t *testing.T) {
	inBed(t, awsfake.Realistic(5), 1, func(b *bed) {
		id := attempt(1)
		b.start(id, computetest.Behaviour{Manual: true})
		b.started(id)
		b.Close()
		b.heard = map[batch.AttemptID]*story{}
		b.open()
		b.Stop([]compute.Stop{{Attempt: id}})
		b.ended(id, 143)
	})
}

func TestAHostWithoutRoomRefuses(t *testing.T) {
	inBed(t, awsfake.Realistic(6), 0, func(b *bed) {
		b.addHost("host-0", "i-0", 2, 1000)
		first, second := attempt(1), attempt(2)
		b.start(first, computetest.Behaviour{Manual: true})
		b.started(first)
		b.start(second, computetest.Behaviour{})
		x := b.exited(second)
		if x.Kind != batch.Refused || !strings.Contains(x.Reason, "not enough memory left (RESOURCE:MEMORY)") || x.StartedAt != 0 {
			t.Errorf("exit %+v", x)
		}
		b.mu.Lock()
		if len(b.full) != 1 || b.full[0] != "host-0" {
			t.Errorf("hosts found full: %v", b.full)
		}
		b.mu.Unlock()
		b.Forget([]batch.AttemptID{second})
		b.stage.find(startedBy(first)).finish <- 0
		b.ended(first, 0)
		b.mu.Lock()
		delete(b.heard, second)
		b.mu.Unlock()
		b.start(second, computetest.Behaviour{}) // under its number
		b.ended(second, 0)
	})
}

func TestWhatCannotBeStartedFails(t *testing.T) {
	inBed(t, awsfake.Realistic(7), 1, func(b *bed) {
		b.start(attempt(1), computetest.Behaviour{Refuse: `exec: "x": not found`})
		if x := b.exited(attempt(1)); x.Kind != batch.FailedToStart || x.Reason != `CannotStartContainerError: exec: "x": not found` || x.Code != nil {
			t.Errorf("exit %+v", x)
		}
		process := order(attempt(2), computetest.Behaviour{})
		process.Container.Image = ""
		elsewhere := order(attempt(3), computetest.Behaviour{})
		elsewhere.Host = "host-9"
		b.Start([]compute.Start{process, elsewhere})
		if x := b.exited(attempt(2)); x.Kind != batch.FailedToStart || !strings.Contains(x.Reason, "runs on LOCAL only") {
			t.Errorf("exit %+v", x)
		}
		if x := b.exited(attempt(3)); x.Kind != batch.Refused || x.Reason != "there is no host host-9" {
			t.Errorf("exit %+v", x)
		}
	})
}

func TestADefinitionIsRegisteredOnce(t *testing.T) {
	inBed(t, awsfake.Realistic(8), 1, func(b *bed) {
		registered := func() int { return b.w.Meter().Calls["ecs:RegisterTaskDefinition"] }
		for n := range 20 {
			b.start(attempt(n), computetest.Behaviour{Code: int32(n)})
		}
		for n := range 20 {
			b.ended(attempt(n), int32(n))
		}
		if registered() != 1 {
			t.Errorf("%d registrations for one definition", registered())
		}
		other := order(attempt(20), computetest.Behaviour{})
		other.Container.User = "nobody"
		b.Start([]compute.Start{other})
		b.ended(attempt(20), 0)
		b.reopen()
		b.start(attempt(21), computetest.Behaviour{})
		b.ended(attempt(21), 0)
		if registered() != 2 {
			t.Errorf("%d registrations for two definitions and a restart", registered())
		}
		if removed, err := tasks.RemoveDefinitions(b.t.Context(), b.direct, map[string]string{"batchd:environment": "e"}); !removed || err != nil {
			t.Errorf("removed %v, %v", removed, err)
		}
		b.start(attempt(22), computetest.Behaviour{}) // it is known, and not active any more
		b.ended(attempt(22), 0)
		if registered() != 3 {
			t.Errorf("%d registrations after the definitions were removed", registered())
		}
	})
}

func TestReadsThatLagDoNotEndAttempts(t *testing.T) {
	options := awsfake.Realistic(9)
	options.Lag, options.Unlagged = awsfake.Span{Min: 0, Max: 40 * time.Second}, 0.1
	inBed(t, options, 1, func(b *bed) {
		for n := range 20 {
			b.start(attempt(n), computetest.Behaviour{After: 90 * time.Second, Code: int32(n)})
		}
		for n := range 20 {
			b.ended(attempt(n), int32(n))
		}
	})
}

// runs starts a task that the runner does not know, as somebody else or an earlier batchd may have done.
func (b *bed) runs(startedBy, installation string) (arn string) {
	b.t.Helper()
	behaviour, err := json.Marshal(computetest.Behaviour{Manual: true})
	if err != nil {
		b.t.Fatal(err)
	}
	out, err := b.direct.RunTask(b.t.Context(), &ecs.RunTaskInput{
		Cluster: aws.String(b.cluster), TaskDefinition: aws.String("batchd-definition"), LaunchType: types.LaunchTypeEc2, StartedBy: aws.String(startedBy),
		Tags: []types.Tag{{Key: aws.String("batchd:installation"), Value: aws.String(installation)}},
		Overrides: &types.TaskOverride{ContainerOverrides: []types.ContainerOverride{{
			Name: aws.String("default"), Command: []string{"computetest.Behaviour", string(behaviour)},
		}}},
	})
	if err != nil || len(out.Tasks) != 1 {
		b.t.Fatal(out, err)
	}
	return aws.ToString(out.Tasks[0].TaskArn)
}

func (b *bed) isStopped(task string) bool {
	b.t.Helper()
	out, err := b.direct.DescribeTasks(b.t.Context(), &ecs.DescribeTasksInput{Cluster: aws.String(b.cluster), Tasks: []string{task}})
	if err != nil || len(out.Tasks) != 1 {
		b.t.Fatal(out, err)
	}
	return aws.ToString(out.Tasks[0].LastStatus) == "STOPPED"
}

func TestTasksOfOthersAreLeftAlone(t *testing.T) {
	inBed(t, awsfake.Realistic(11), 1, func(b *bed) {
		b.start(attempt(1), computetest.Behaviour{})
		b.ended(attempt(1), 0)
		b.runs(startedBy(attempt(2)), "another")
		b.runs("somebody", "test")
		b.reopen()
		b.wait(5 * time.Minute)
		if all := b.Census(nil); len(all) != 1 || all[0].Attempt != attempt(1) {
			t.Errorf("held: %+v", all)
		}
		if b.w.Meter().Calls["ecs:StopTask"] != 0 {
			t.Error("a task of others was stopped")
		}
	})
}

func TestATaskThatNobodyKnewIsHeld(t *testing.T) {
	inBed(t, awsfake.Realistic(12), 1, func(b *bed) {
		b.start(attempt(1), computetest.Behaviour{})
		b.ended(attempt(1), 0)
		b.runs(startedBy(attempt(2)), "test")
		b.wait(3 * time.Minute)
		if p, ok := b.held(attempt(2)); !ok || p.State != compute.Running {
			t.Errorf("held as %+v", p)
		}
	})
}

func TestOfTwoTasksOfAnAttemptOneIsStopped(t *testing.T) {
	inBed(t, awsfake.Realistic(13), 1, func(b *bed) {
		b.start(attempt(1), computetest.Behaviour{Manual: true})
		b.started(attempt(1))
		b.stage.leave(startedBy(attempt(1)), b.stage.find(startedBy(attempt(1)))) // the stage complains of two
		second := b.runs(startedBy(attempt(1)), "test")
		b.wait(3 * time.Minute)
		if !b.isStopped(second) {
			t.Error("the second task runs on")
		}
		if p, _ := b.held(attempt(1)); p.State != compute.Running {
			t.Errorf("held as %+v", p)
		}
	})
}

func TestFargateIsAskedByLaunchTypeOrCapacityProvider(t *testing.T) {
	for _, kind := range []batch.Kind{batch.Fargate, batch.FargateSpot} {
		t.Run(string(kind), func(t *testing.T) {
			inBed(t, awsfake.Realistic(13), 1, func(b *bed) {
				b.kind = kind
				s := order(attempt(1), computetest.Behaviour{Code: 4})
				s.Container.ECS = &batch.ECS{ExecutionRole: "role", AssignPublicIP: true, PlatformVersion: "1.4.0"}
				b.Start([]compute.Start{s})
				b.ended(attempt(1), 4)
			})
		})
	}
}
