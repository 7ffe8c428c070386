package tasks_test

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/awsfake"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/logs"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/tasks"
	"github.com/batchd/terraform-provider-batch/runtime/compute/computetest"
	"github.com/batchd/terraform-provider-batch/runtime/fifo"
	"github.com/batchd/terraform-provider-batch/runtime/joblog"
)

// hosted makes a driver of the runner of a bed: it adds the host that package aws adds.
type hosted struct {
	*bed
	reports *fifo.Queue[batch.Report]
	out     chan []batch.Report
	done    chan struct{}
	stopped chan struct{}
}

func newHosted(b *bed) computetest.Driver {
	return &hosted{
		bed: b, reports: fifo.New[batch.Report](), out: make(chan []batch.Report), done: make(chan struct{}), stopped: make(chan struct{}),
	}
}

func (h *hosted) host() batch.Host {
	return batch.Host{ID: batch.LocalHost, Kind: batch.EC2, Address: "10.0.0.1", Ready: true, Capacity: batch.Shape{MilliCPU: 64_000, MemoryMiB: 256 << 10}}
}

// Open returns when what ran before is known, so that a census right after it lists everything.
func (h *hosted) Open(context.Context) error {
	h.report = h.reports.Put
	h.open()
	h.settle()
	go func() {
		defer close(h.stopped)
		h.reports.Forward(h.done, h.out)
	}()
	h.reports.Put(batch.HostReady{Host: h.host()})
	return nil
}

func (h *hosted) Close(context.Context) error {
	h.Runner.Close()
	close(h.done)
	<-h.stopped
	return nil
}

func (h *hosted) Kinds() []batch.Kind { return []batch.Kind{batch.EC2} }

func (h *hosted) Reports() <-chan []batch.Report { return h.out }

func (h *hosted) Start(_ context.Context, starts []compute.Start) error {
	for i := range starts {
		starts[i].DefinitionName = "definition" // it begins the names of log streams
	}
	h.Runner.Start(starts)
	return nil
}

func (h *hosted) Stop(_ context.Context, stops []compute.Stop) error {
	h.Runner.Stop(stops)
	return nil
}

func (h *hosted) Forget(_ context.Context, attempts []batch.AttemptID) error {
	h.Runner.Forget(attempts)
	return nil
}

func (h *hosted) Census(context.Context) (compute.Census, error) {
	return compute.Census{Hosts: []batch.Host{h.host()}, Attempts: h.Runner.Census(nil)}, nil
}

func TestConformance(t *testing.T) {
	computetest.RunVirtual(t, func(t *testing.T) computetest.Subject {
		options := awsfake.Realistic(1)
		options.Logs, options.Lag = awsfake.LogsOptions{}, awsfake.Span{} // the suite reads a log as soon as its attempt has ended
		b := newBed(t, options, 0)
		b.addHost(batch.LocalHost, "i-0", 64, 256<<10)
		t.Cleanup(func() {
			b.w.Close()
			b.stage.close()
		})
		reader := logs.New(func(_ context.Context, account string) (*cloudwatchlogs.Client, error) {
			if account != "test" {
				return nil, errors.New("there is no such account")
			}
			return cloudwatchlogs.NewFromConfig(b.w.Config()), nil
		})
		return computetest.Subject{
			Driver: newHosted(b),
			Again:  func() computetest.Driver { return newHosted(b) },
			Container: func(does computetest.Behaviour) batch.Container {
				c := computetest.Container(does)
				c.Image, c.Results, c.Shape = "busybox", does.Result != "", batch.Shape{MilliCPU: 100, MemoryMiB: 64}
				return c
			},
			Finish:        func(attempt batch.AttemptID, code int32) { b.playing(attempt).finish <- code },
			Logs:          joblog.Readers{tasks.LogKind: reader},
			WaitsInMemory: true,
		}
	})
}
