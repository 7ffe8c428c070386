package app_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/batch"
	"github.com/aws/aws-sdk-go-v2/service/batch/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/batchd/terraform-provider-batch/runtime/app"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/awsfake"
)

// wires is a network without sockets, so that all who wait for it are idle to testing/synctest.
type wires struct {
	mu        sync.Mutex
	listeners map[string]*cable
}

// cable is a listener of [wires].
type cable struct {
	address string
	calls   chan net.Conn
	closed  chan struct{}
	once    sync.Once
}

func (w *wires) listen(_ context.Context, _, address string) (net.Listener, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if port == "0" {
		address = net.JoinHostPort(host, fmt.Sprint(40000+len(w.listeners)))
	}
	l := &cable{address: address, calls: make(chan net.Conn), closed: make(chan struct{})}
	w.listeners[address] = l
	return l, nil
}

func (w *wires) dial(ctx context.Context, _, address string) (net.Conn, error) {
	w.mu.Lock()
	l := w.listeners[address]
	w.mu.Unlock()
	if l == nil {
		return nil, errors.New("connection refused: " + address)
	}
	near, far := net.Pipe()
	select {
	case l.calls <- fromHere{far}:
		return near, nil
	case <-l.closed:
		return nil, errors.New("connection refused: " + address)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// fromHere is a connection from this machine.
type fromHere struct{ net.Conn }

func (fromHere) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 50000} }

func (l *cable) Accept() (net.Conn, error) {
	select {
	case c := <-l.calls:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *cable) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *cable) Addr() net.Addr {
	host, port, _ := net.SplitHostPort(l.address)
	var number int
	_, _ = fmt.Sscan(port, &number)
	return &net.TCPAddr{IP: net.ParseIP(host), Port: number}
}

// account is a runtime in virtual time, with an AWS account and a client.
type account struct {
	*testing.T
	world *awsfake.World
	wires *wires
	dir   string
	app   *app.App
	batch *sdk.Client
	http  *http.Transport
	tags  map[string]string // of environments
	stays []string          // what a test has made in the account itself
}

// inAccount runs a test in a bubble with a runtime that uses the account of a world.
func inAccount(t *testing.T, options awsfake.Options, body func(*account)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a := &account{T: t, world: awsfake.New(options), wires: &wires{listeners: map[string]*cable{}}, dir: dir}
		defer a.world.Close()
		if _, err := iam.NewFromConfig(a.world.Config()).CreateInstanceProfile(t.Context(), &iam.CreateInstanceProfileInput{InstanceProfileName: aws.String("ecsInstanceRole")}); err != nil {
			t.Fatal(err)
		}
		a.start()
		defer a.stop()
		body(a)
	})
}

func (a *account) start() {
	a.Helper()
	o := options(a.T)
	o.StateDir, o.Listener, o.Auth, o.AWS = a.dir, a.wires.listen, app.AuthOff, true
	o.Logger = slog.New(slog.NewTextHandler(a.Output(), nil))
	o.AWSConfig = func(context.Context, string, string) (aws.Config, error) { return a.world.Config(), nil }
	runtime, err := app.New(a.Context(), o)
	if err != nil {
		a.Fatal(err)
	}
	if err := runtime.Start(a.Context()); err != nil {
		a.Fatal(err)
	}
	a.app = runtime
	a.http = &http.Transport{DialContext: a.wires.dial}
	a.batch = sdk.New(sdk.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(runtime.Endpoint()), HTTPClient: &http.Client{Transport: a.http},
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
	})
}

func (a *account) stop() {
	a.http.CloseIdleConnections()
	stop(a.T, a.app)
}

// environment makes an environment and waits until it is usable.
func (a *account) environment(name string, resources *types.ComputeResource) {
	a.Helper()
	_, err := a.batch.CreateComputeEnvironment(a.Context(), &sdk.CreateComputeEnvironmentInput{
		ComputeEnvironmentName: &name, Type: types.CETypeManaged, ComputeResources: resources, Tags: a.tags,
	})
	if err != nil {
		a.Fatal(err)
	}
	a.await("compute environment "+name+" to be VALID", func() string {
		e := a.describeEnvironment(name)
		if e == nil || e.Status == types.CEStatusValid {
			return ""
		}
		return string(e.Status) + ": " + aws.ToString(e.StatusReason)
	})
	_, err = a.batch.CreateJobQueue(a.Context(), &sdk.CreateJobQueueInput{
		JobQueueName: &name, Priority: aws.Int32(1), ComputeEnvironmentOrder: []types.ComputeEnvironmentOrder{{Order: aws.Int32(1), ComputeEnvironment: &name}},
	})
	if err != nil {
		a.Fatal(err)
	}
}

func (a *account) describeEnvironment(name string) *types.ComputeEnvironmentDetail {
	a.Helper()
	out, err := a.batch.DescribeComputeEnvironments(a.Context(), &sdk.DescribeComputeEnvironmentsInput{ComputeEnvironments: []string{name}})
	if err != nil {
		a.Fatal(err)
	}
	if len(out.ComputeEnvironments) == 0 {
		return nil
	}
	return &out.ComputeEnvironments[0]
}

// await lets time pass until nothing is missing, an hour at most.
func (a *account) await(what string, missing func() string) {
	a.Helper()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	var last string
	for end := time.Now().Add(time.Hour); time.Now().Before(end); <-tick.C {
		if last = missing(); last == "" {
			return
		}
	}
	a.Fatalf("waiting for %s: %s", what, last)
}

// resources are those of an environment of a kind, in the network of the account.
func (a *account) resources(kind types.CRType) *types.ComputeResource {
	network := a.world.Network()
	switch kind {
	case types.CRTypeFargate, types.CRTypeFargateSpot:
		return &types.ComputeResource{Type: kind, MaxvCpus: aws.Int32(32), Subnets: network.Subnets, SecurityGroupIds: []string{network.SecurityGroup}}
	case types.CRTypeEc2:
	case types.CRTypeSpot:
		r := a.resources(types.CRTypeEc2)
		r.Type, r.InstanceTypes, r.AllocationStrategy = kind, []string{"m6i", "c6i"}, types.CRAllocationStrategySpotPriceCapacityOptimized
		return r
	}
	return &types.ComputeResource{
		Type: kind, MinvCpus: aws.Int32(0), MaxvCpus: aws.Int32(32), InstanceTypes: []string{"m6i.large"}, InstanceRole: aws.String("ecsInstanceRole"),
		Subnets: network.Subnets, SecurityGroupIds: []string{network.SecurityGroup}, AllocationStrategy: types.CRAllocationStrategyBestFitProgressive,
	}
}

// run submits an array of a definition and waits for its end.
func (a *account) run(queue string, size int32) types.JobDetail {
	a.Helper()
	id := a.submit(queue, size)
	a.await("the sweep to end", func() string { return a.unended(id) })
	return a.describe(id)
}

// submit registers a definition whose attempts are tried again where their host was lost, and submits an array of it.
func (a *account) submit(queue string, size int32) (id string) {
	a.Helper()
	ctx := a.Context()
	if _, err := a.batch.RegisterJobDefinition(ctx, &sdk.RegisterJobDefinitionInput{
		JobDefinitionName: aws.String("work"), Type: types.JobDefinitionTypeContainer,
		PlatformCapabilities: []types.PlatformCapability{types.PlatformCapabilityEc2, types.PlatformCapabilityFargate},
		RetryStrategy: &types.RetryStrategy{Attempts: aws.Int32(10), EvaluateOnExit: []types.EvaluateOnExit{
			{Action: types.RetryActionRetry, OnStatusReason: aws.String("Host EC2*")},
			{Action: types.RetryActionRetry, OnStatusReason: aws.String("Your Spot Task*")},
			{Action: types.RetryActionExit, OnReason: aws.String("*")},
		}},
		ContainerProperties: &types.ContainerProperties{
			Image: aws.String("busybox"), Command: []string{"echo", "hello"}, ExecutionRoleArn: aws.String("arn:aws:iam::123456789012:role/execution"),
			ResourceRequirements: []types.ResourceRequirement{
				{Type: types.ResourceTypeVcpu, Value: aws.String("1")}, {Type: types.ResourceTypeMemory, Value: aws.String("2048")},
			},
		},
	}); err != nil {
		a.Fatal(err)
	}
	job, err := a.batch.SubmitJob(ctx, &sdk.SubmitJobInput{
		JobName: aws.String("sweep"), JobQueue: &queue, JobDefinition: aws.String("work"), ArrayProperties: &types.ArrayProperties{Size: &size},
	})
	if err != nil {
		a.Fatal(err)
	}
	return *job.JobId
}

func (a *account) describe(id string) types.JobDetail {
	a.Helper()
	out, err := a.batch.DescribeJobs(a.Context(), &sdk.DescribeJobsInput{Jobs: []string{id}})
	if err != nil || len(out.Jobs) != 1 {
		a.Fatal(out, err)
	}
	return out.Jobs[0]
}

// unended says how far an array is; nothing if it has ended.
func (a *account) unended(id string) string {
	a.Helper()
	j := a.describe(id)
	if j.Status == types.JobStatusSucceeded || j.Status == types.JobStatusFailed {
		return ""
	}
	return fmt.Sprintf("%s (%s) %v", j.Status, aws.ToString(j.StatusReason), j.ArrayProperties.StatusSummary)
}

// tellAttempts logs how the attempts of a job ended.
func (a *account) tellAttempts(id string) {
	a.Helper()
	for _, try := range a.describe(id).Attempts {
		a.Logf("attempt of %s: %s (%s)", id, aws.ToString(try.StatusReason), aws.ToString(try.Container.Reason))
	}
}

// A sweep in an account, from nothing to nothing: on instances on demand, on Spot instances of which some are lost, and on Fargate.
func TestASweepInAnAccount(t *testing.T) {
	const size = 40
	for _, kind := range []types.CRType{types.CRTypeEc2, types.CRTypeSpot, types.CRTypeFargate, types.CRTypeFargateSpot} {
		t.Run(string(kind), func(t *testing.T) {
			o := awsfake.Realistic(1)
			o.EC2.SpotLoss, o.EC2.Unwarned, o.EC2.SpotLife = 0.3, 0.3, awsfake.Span{Min: time.Minute, Max: 4 * time.Minute}
			o.ECS.Script = func(awsfake.Container) awsfake.Play { return awsfake.Play{Runs: 90 * time.Second} }
			inAccount(t, o, func(a *account) {
				a.environment("far", a.resources(kind))
				ended := a.run("far", size)
				if ended.Status != types.JobStatusSucceeded {
					a.tellAttempts(*ended.JobId + ":0")
					t.Errorf("the sweep is %s: %s %v", ended.Status, aws.ToString(ended.StatusReason), ended.ArrayProperties.StatusSummary)
				}
				t.Logf("%s, %d children of 90 s: %s of virtual time, %+v", kind, size, time.Since(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)), a.world.Meter())
				a.delete("far")
			})
		})
	}
}

// delete takes away a queue and its environment, after which nothing is left in the account but the output of jobs.
func (a *account) delete(name string) {
	a.Helper()
	ctx := a.Context()
	_, first := a.batch.UpdateJobQueue(ctx, &sdk.UpdateJobQueueInput{JobQueue: &name, State: types.JQStateDisabled})
	_, second := a.batch.DeleteJobQueue(ctx, &sdk.DeleteJobQueueInput{JobQueue: &name})
	a.await("the queue to go", func() string {
		out, err := a.batch.DescribeJobQueues(ctx, &sdk.DescribeJobQueuesInput{JobQueues: []string{name}})
		if err != nil || len(out.JobQueues) > 0 {
			return fmt.Sprint(err, out)
		}
		return ""
	})
	_, third := a.batch.UpdateComputeEnvironment(ctx, &sdk.UpdateComputeEnvironmentInput{ComputeEnvironment: &name, State: types.CEStateDisabled})
	_, fourth := a.batch.DeleteComputeEnvironment(ctx, &sdk.DeleteComputeEnvironmentInput{ComputeEnvironment: &name})
	if err := errors.Join(first, second, third, fourth); err != nil {
		a.Fatal(err)
	}
	a.await("the environment to go", func() string {
		if e := a.describeEnvironment(name); e != nil {
			return string(e.Status) + ": " + aws.ToString(e.StatusReason)
		}
		return ""
	})
	var left []string
	for _, what := range a.world.Leftovers("") {
		if !strings.Contains(what, "ecsInstanceRole") && what != "log group /aws/batch/job" && !slices.Contains(a.stays, what) {
			left = append(left, what)
		}
	}
	slices.Sort(left)
	if len(left) > 0 {
		a.Errorf("left in the account: %s", strings.Join(left, "\n"))
	}
}
