package tasks_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/awsfake"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/governor"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/taskdef"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/tasks"
	"github.com/batchd/terraform-provider-batch/runtime/compute/computetest"
	"github.com/batchd/terraform-provider-batch/runtime/retry"
)

const patience = 30 * time.Minute // of virtual time

// bed is a runner over an account that is not real, with a cluster and hosts in it.
type bed struct {
	*tasks.Runner
	t       *testing.T
	w       *awsfake.World
	stage   *stage
	config  aws.Config // governed
	direct  *ecs.Client
	cluster string // its ARN
	share   float64
	kind    batch.Kind
	report  func(...batch.Report) // where reports go; nil: to the bed

	mu    sync.Mutex
	cond  *sync.Cond
	hosts map[string]string // instances by host
	full  []string
	heard map[batch.AttemptID]*story
}

// story is what was heard of one attempt.
type story struct {
	started batch.AttemptStarted
	starts  int
	exits   []batch.Exit
}

// inBed runs a test in a bubble, over a world of those options with n hosts of 64 vCPUs and 256 GiB.
func inBed(t *testing.T, options awsfake.Options, hosts int, test func(b *bed)) {
	withShare(t, options, hosts, 0, test)
}

// withShare is inBed with another share of the documented budget of calls.
func withShare(t *testing.T, options awsfake.Options, hosts int, share float64, test func(b *bed)) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, options, hosts)
		b.share = share
		b.open()
		test(b)
		b.close()
	})
}

func newBed(t *testing.T, options awsfake.Options, hosts int) *bed {
	t.Helper()
	b := &bed{t: t, stage: newStage(t), hosts: map[string]string{}, heard: map[batch.AttemptID]*story{}, kind: batch.EC2}
	b.cond = sync.NewCond(&b.mu)
	options.ECS.Engine = b.stage
	b.w = awsfake.New(options)
	b.direct = ecs.NewFromConfig(b.w.Config())
	made, err := b.direct.CreateCluster(t.Context(), &ecs.CreateClusterInput{ClusterName: aws.String("c"), CapacityProviders: []string{"FARGATE", "FARGATE_SPOT"}})
	if err != nil {
		t.Fatal(err)
	}
	b.cluster = aws.ToString(made.Cluster.ClusterArn)
	logs := cloudwatchlogs.NewFromConfig(b.w.Config())
	if _, err := logs.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String(taskdef.DefaultLogGroup)}); err != nil {
		t.Fatal(err)
	}
	for i := range hosts {
		b.addHost(fmt.Sprintf("host-%d", i), fmt.Sprintf("i-%d", i), 64, 256<<10)
	}
	return b
}

// addHost registers an instance as its agent does.
func (b *bed) addHost(host, instance string, vcpus, memoryMiB int32) {
	b.t.Helper()
	resource := func(name string, n int32) types.Resource {
		return types.Resource{Name: aws.String(name), Type: aws.String("INTEGER"), IntegerValue: n}
	}
	_, err := b.direct.RegisterContainerInstance(b.t.Context(), &ecs.RegisterContainerInstanceInput{
		Cluster: aws.String(b.cluster), InstanceIdentityDocument: aws.String(`{"instanceId":"` + instance + `"}`),
		TotalResources: []types.Resource{resource("CPU", vcpus*1024), resource("MEMORY", memoryMiB)},
		Attributes:     []types.Attribute{{Name: aws.String("com.amazonaws.ecs.capability.logging-driver.awslogs")}},
	})
	if err != nil {
		b.t.Fatal(err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.hosts[host] = instance
}

// open makes a runner as a new batchd does. It knows nothing.
func (b *bed) open() {
	b.t.Helper()
	b.config = b.w.Config()
	governor.New(b.share).Attach(&b.config)
	report := b.hear
	if b.report != nil {
		report = b.report
	}
	b.Runner = tasks.New(tasks.Options{Installation: "test", Place: b.place, Report: report, Full: func(host string) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.full = append(b.full, host)
	}})
	b.Open(b.t.Context())
	b.Watch(tasks.Cluster{
		ARN: b.cluster, Region: "us-east-1", Account: "test", ECS: ecs.NewFromConfig(b.config), Logs: cloudwatchlogs.NewFromConfig(b.config),
	})
}

func (b *bed) close() {
	b.Close()
	b.w.Close()
	b.stage.close()
}

// reopen is a restart of batchd. It returns when the new one has listed the tasks, and concluded those that had ended.
func (b *bed) reopen() {
	b.t.Helper()
	b.Close()
	b.mu.Lock()
	b.heard = map[batch.AttemptID]*story{}
	b.mu.Unlock()
	b.open()
	b.settle()
}

// settle waits until the tasks are listed.
func (b *bed) settle() {
	for !b.Listed(b.cluster) {
		b.wait(time.Second)
	}
	b.wait(10 * time.Second)
}

// wait lets time pass.
func (b *bed) wait(d time.Duration) {
	b.t.Helper()
	if err := retry.Pause(b.t.Context(), d); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bed) place(host string) (tasks.Place, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	instance, ok := b.hosts[host]
	if !ok {
		return tasks.Place{}, fmt.Errorf("there is no host %s", host)
	}
	return tasks.Place{
		Cluster: b.cluster, Kind: b.kind, Instance: instance, Subnets: []string{"subnet-1"}, SecurityGroups: []string{"sg-1"},
		Tags: map[string]string{"batchd:environment": "e"},
	}, nil
}

func (b *bed) hear(said ...batch.Report) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range said {
		switch r := r.(type) {
		case batch.AttemptStarted:
			s := b.of(r.Attempt)
			s.started = r
			s.starts++
		case batch.AttemptExited:
			s := b.of(r.Exit.Attempt)
			s.exits = append(s.exits, r.Exit)
		default:
			b.t.Errorf("report %+v", r)
		}
	}
	b.cond.Broadcast()
}

// of returns what was heard of an attempt. The mutex is held.
func (b *bed) of(id batch.AttemptID) *story {
	if b.heard[id] == nil {
		b.heard[id] = &story{}
	}
	return b.heard[id]
}

// await waits until ok, which is called with the mutex held, holds; what says what for.
func (b *bed) await(what string, ok func() bool) {
	b.t.Helper()
	late := false
	timer := time.AfterFunc(patience, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		late = true
		b.cond.Broadcast()
	})
	defer timer.Stop()
	b.mu.Lock()
	defer b.mu.Unlock()
	for !ok() {
		if late {
			b.t.Fatalf("%s: not reported within %v", what, patience)
		}
		b.cond.Wait()
	}
}

func (b *bed) started(id batch.AttemptID) batch.AttemptStarted {
	b.t.Helper()
	var started batch.AttemptStarted
	b.await("start of "+id.String(), func() bool {
		started = b.of(id).started
		return b.of(id).starts > 0
	})
	return started
}

func (b *bed) exited(id batch.AttemptID) batch.Exit {
	b.t.Helper()
	var exits []batch.Exit
	b.await("exit of "+id.String(), func() bool {
		exits = b.of(id).exits
		return len(exits) > 0
	})
	return exits[0]
}

// ended waits for an exit by itself with that code.
func (b *bed) ended(id batch.AttemptID, code int32) batch.Exit {
	b.t.Helper()
	x := b.exited(id)
	if x.Kind != batch.Exited || x.Code == nil || *x.Code != code {
		b.t.Fatalf("%v: exit %+v, want code %d", id, x, code)
	}
	return x
}

// order is one to run a behaviour on the first host.
func order(id batch.AttemptID, does computetest.Behaviour) compute.Start {
	c := computetest.Container(does)
	c.Image, c.Results, c.Shape = "busybox", does.Result != "", batch.Shape{MilliCPU: 1000, MemoryMiB: 512}
	return compute.Start{
		Attempt: id, Host: "host-0", Lane: "lane", Container: c, StopGrace: 10 * time.Second, BaseKey: "key", DefinitionName: "definition",
		Environment: []string{computetest.AttemptVariable + "=" + strings.ReplaceAll(id.String(), "/", ".")},
	}
}

func (b *bed) start(id batch.AttemptID, does computetest.Behaviour) {
	b.Start([]compute.Start{order(id, does)})
}

// playing waits until an attempt runs.
func (b *bed) playing(id batch.AttemptID) *act {
	b.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); b.wait(100 * time.Millisecond) {
		if a := b.stage.find(startedBy(id)); a != nil {
			return a
		}
	}
	b.t.Fatalf("%v does not run", id)
	return nil
}

// startedBy is the attempt as a task names it.
func startedBy(id batch.AttemptID) string {
	return strings.NewReplacer(":", "_", "#", "__").Replace(id.String())
}

func (b *bed) held(id batch.AttemptID) (compute.Presence, bool) {
	for _, p := range b.Census(nil) {
		if p.Attempt == id {
			return p, true
		}
	}
	return compute.Presence{}, false
}

func attempt(n int) batch.AttemptID {
	return batch.AttemptID{Job: batch.JobID(fmt.Sprintf("00000000-0000-4000-8000-%012d", n)), Number: 1}
}
