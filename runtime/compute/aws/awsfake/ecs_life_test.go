package awsfake

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func TestATaskIsPulledRunsAndStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newECSBed(t, plays(Play{Pull: 5 * time.Second, Runs: time.Minute, ExitCode: 3}))
		b.boot("i-1", joinsC)
		before := b.free()
		begun := time.Now()
		arn := b.start(request(b.define(container("main"))))
		if got := b.status(arn); got != "PENDING" {
			t.Errorf("at once: %s", got)
		}
		if got := b.free(); got.cpu != before.cpu-1024 || got.memory != before.memory-1024 {
			t.Errorf("it leaves %v of %v", got, before)
		}
		time.Sleep(6 * time.Second)
		if got := b.status(arn); got != "RUNNING" {
			t.Errorf("after the pull: %s", got)
		}
		time.Sleep(time.Minute)
		got := b.task(arn)
		if aws.ToString(got.LastStatus) != "STOPPED" || ending(got) != "EssentialContainerExited: Essential container in task exited; main 3" {
			t.Errorf("at the end: %s, %s", *got.LastStatus, ending(got))
		}
		if got.StartedAt.Sub(begun) != 5*time.Second || got.StoppedAt.Sub(*got.StartedAt) != time.Minute {
			t.Errorf("it ran from %v to %v, ordered at %v", got.StartedAt, got.StoppedAt, begun)
		}
		if got := b.free(); got.cpu != before.cpu || got.memory != before.memory {
			t.Errorf("after the end %v of %v are free", got, before)
		}
	})
}

func TestHowTasksEnd(t *testing.T) {
	for name, test := range map[string]struct {
		play Play
		stop bool // by StopTask, a second after the start
		want string
	}{
		"it succeeds":                   {Play{}, false, "EssentialContainerExited: Essential container in task exited; main 0"},
		"it runs out of memory":         {Play{OutOfMemory: true}, false, "EssentialContainerExited: Essential container in task exited; main 137 (OutOfMemoryError: Container killed due to memory usage)"},
		"its image cannot be pulled":    {Play{Fails: "CannotPullContainerError: no such image"}, false, "TaskFailedToStart: Task failed to start; main (CannotPullContainerError: no such image)"},
		"it takes SIGTERM":              {Play{Runs: Forever}, true, "UserInitiated: enough; main 143"},
		"it handles SIGTERM":            {Play{Runs: Forever, Term: Term{Handled: true, Takes: time.Second}}, true, "UserInitiated: enough; main 0"},
		"it ignores SIGTERM":            {Play{Runs: Forever, Term: Term{Ignored: true}}, true, "UserInitiated: enough; main 137"},
		"it takes too long for SIGTERM": {Play{Runs: Forever, Term: Term{Handled: true, Takes: time.Minute}}, true, "UserInitiated: enough; main 137"},
		"it is stopped while it pulls":  {Play{Pull: time.Hour}, true, "UserInitiated: enough; main"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newECSBed(t, plays(test.play))
				b.boot("i-1", joinsC)
				arn := b.start(request(b.define(container("main"))))
				time.Sleep(time.Second)
				if test.stop {
					out := must[*ecs.StopTaskOutput](t)(b.StopTask(t.Context(), &ecs.StopTaskInput{Cluster: aws.String("c"), Task: &arn, Reason: aws.String("enough")}))
					if *out.Task.DesiredStatus != "STOPPED" {
						t.Errorf("StopTask answers with the desired status %s", *out.Task.DesiredStatus)
					}
				}
				time.Sleep(45 * time.Second)
				if got := b.task(arn); ending(got) != test.want || *got.LastStatus != "STOPPED" {
					t.Errorf("%s\n%s\nwant\n%s", *got.LastStatus, ending(got), test.want)
				}
			})
		})
	}
}

func TestSIGKILLComesAfterTheStopTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newECSBed(t, plays(Play{Runs: Forever, Term: Term{Ignored: true}}))
		b.boot("i-1", joinsC)
		arn := b.start(request(b.define(container("main", func(d *types.ContainerDefinition) { d.StopTimeout = aws.Int32(100) }))))
		time.Sleep(time.Second)
		must[*ecs.StopTaskOutput](t)(b.StopTask(t.Context(), &ecs.StopTaskInput{Cluster: aws.String("c"), Task: &arn}))
		time.Sleep(99 * time.Second)
		if got := b.task(arn); *got.LastStatus != "RUNNING" || *got.DesiredStatus != "STOPPED" {
			t.Errorf("before the timeout: %s, wanted %s", *got.LastStatus, *got.DesiredStatus)
		}
		time.Sleep(2 * time.Second)
		if got := b.status(arn); got != "STOPPED" {
			t.Errorf("after the timeout: %s", got)
		}
	})
}

func TestAStoppedTaskIsVisibleForAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newECSBed(t, plays(Play{Runs: time.Second}))
		b.boot("i-1", joinsC)
		arn := b.start(request(b.define(container("main"))))
		time.Sleep(time.Hour)
		if got := b.status(arn); got != "STOPPED" {
			t.Fatal(got)
		}
		time.Sleep(2 * time.Second)
		out := must[*ecs.DescribeTasksOutput](t)(b.DescribeTasks(t.Context(), &ecs.DescribeTasksInput{Cluster: aws.String("c"), Tasks: []string{arn}}))
		if len(out.Failures) != 1 || *out.Failures[0].Reason != "MISSING" {
			t.Errorf("got %v, want MISSING", reasons(out.Failures))
		}
	})
}

func TestContainersOfATaskDependOnEachOther(t *testing.T) {
	after := func(name string, condition types.ContainerCondition) func(*types.ContainerDefinition) {
		return func(d *types.ContainerDefinition) {
			d.DependsOn = append(d.DependsOn, types.ContainerDependency{ContainerName: &name, Condition: condition})
		}
	}
	beside := func(d *types.ContainerDefinition) { d.Essential = aws.Bool(false) }
	healthy := func(d *types.ContainerDefinition) {
		d.HealthCheck = &types.HealthCheck{Command: []string{"CMD", "true"}, Interval: aws.Int32(20)}
	}
	for name, test := range map[string]struct {
		containers []types.ContainerDefinition
		plays      map[string]Play
		running    time.Duration // until the task is RUNNING; 0: never
		want       string
	}{
		"a container waits for the success of another": {
			[]types.ContainerDefinition{container("first", beside), container("main", after("first", types.ContainerConditionSuccess))},
			map[string]Play{"first": {Runs: 7 * time.Second}},
			7 * time.Second,
			"EssentialContainerExited: Essential container in task exited; first 0; main 0",
		},
		"a container does not start when that fails": {
			[]types.ContainerDefinition{container("first", beside), container("main", after("first", types.ContainerConditionSuccess))},
			map[string]Play{"first": {ExitCode: 1}},
			0,
			"TaskFailedToStart: Task failed to start; first 1; main (DependentContainerNotResolvedError: a container that it depends on did not reach the required state)",
		},
		"it starts if the end is all that it waits for": {
			[]types.ContainerDefinition{container("first", beside), container("main", after("first", types.ContainerConditionComplete))},
			map[string]Play{"first": {Runs: time.Second, ExitCode: 1}},
			time.Second,
			"EssentialContainerExited: Essential container in task exited; first 1; main 0",
		},
		"a container waits until another is healthy": {
			[]types.ContainerDefinition{container("server", healthy), container("main", after("server", types.ContainerConditionHealthy))},
			map[string]Play{"server": {Runs: Forever}},
			20 * time.Second,
			"EssentialContainerExited: Essential container in task exited; server 143; main 0",
		},
		"one that is not essential may end before": {
			[]types.ContainerDefinition{container("side", beside), container("main")},
			map[string]Play{"side": {Runs: time.Second, ExitCode: 9}},
			time.Nanosecond,
			"EssentialContainerExited: Essential container in task exited; side 9; main 0",
		},
		"one that is essential takes the rest with it": {
			[]types.ContainerDefinition{container("other"), container("main")},
			map[string]Play{"other": {Runs: time.Second, ExitCode: 9}},
			time.Nanosecond,
			"EssentialContainerExited: Essential container in task exited; other 9; main 143",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newECSBed(t, Options{ECS: ECSOptions{Script: func(c Container) Play { return test.plays[c.Name] }}})
				b.boot("i-1", joinsC)
				begun := time.Now()
				arn := b.start(request(b.define(test.containers...)))
				time.Sleep(2 * time.Minute)
				got := b.task(arn)
				if ending(got) != test.want {
					t.Errorf("%s\nwant\n%s", ending(got), test.want)
				}
				switch {
				case (got.StartedAt != nil) != (test.running > 0):
					t.Errorf("started at %v", got.StartedAt)
				case got.StartedAt != nil && got.StartedAt.Sub(begun).Round(time.Second) != test.running.Round(time.Second):
					t.Errorf("it was RUNNING after %v, want %v", got.StartedAt.Sub(begun), test.running)
				}
			})
		})
	}
}

func TestContainersStopInTheReverseOfTheirDependencies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newECSBed(t, Options{ECS: ECSOptions{Script: func(c Container) Play {
			play := Play{Runs: Forever}
			if c.Name == "main" {
				play.Term.Takes = 5 * time.Second
			}
			return play
		}}})
		b.boot("i-1", joinsC)
		arn := b.start(request(b.define(container("server"), container("main", func(d *types.ContainerDefinition) {
			d.DependsOn = []types.ContainerDependency{{ContainerName: aws.String("server"), Condition: types.ContainerConditionStart}}
		}))))
		time.Sleep(time.Second)
		must[*ecs.StopTaskOutput](t)(b.StopTask(t.Context(), &ecs.StopTaskInput{Cluster: aws.String("c"), Task: &arn, Reason: aws.String("enough")}))
		time.Sleep(4 * time.Second)
		if got := aws.ToString(b.task(arn).Containers[0].LastStatus); got != "RUNNING" {
			t.Errorf("while main still runs, server is %s", got)
		}
		time.Sleep(2 * time.Second)
		if got := ending(b.task(arn)); got != "UserInitiated: enough; server 143; main 143" {
			t.Error(got)
		}
	})
}
