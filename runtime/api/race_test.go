package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/batchd/terraform-provider-batch/runtime/api"
	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/document"
	"github.com/batchd/terraform-provider-batch/runtime/engine"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// overtaken is a store in which something happens after environments or queues were read.
type overtaken struct {
	store.Store
	mu   sync.Mutex
	then func()
}

func (s *overtaken) Environments(ctx context.Context, q store.NameQuery) ([]batch.Environment, error) {
	found, err := s.Store.Environments(ctx, q)
	s.overtake()
	return found, err
}

func (s *overtaken) Queues(ctx context.Context, q store.NameQuery) ([]batch.Queue, error) {
	found, err := s.Store.Queues(ctx, q)
	s.overtake()
	return found, err
}

func (s *overtaken) overtake() {
	s.mu.Lock()
	then := s.then
	s.mu.Unlock()
	if then != nil {
		then()
	}
}

func (s *overtaken) by(then func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.then = then
}

// TestUpdatesOfAnEnvironmentAreCheckedAgainstEachOther has one update overtake another: each is in order alone, and both
// together would leave an environment that may not be.
func TestUpdatesOfAnEnvironmentAreCheckedAgainstEachOther(t *testing.T) {
	for name, open := range map[string]func(*testing.T) store.Store{"memory": memory, "sqlite": sqliteStore} {
		t.Run(name, func(t *testing.T) {
			s := &overtaken{Store: open(t)}
			var e *engine.Engine
			w := newWorld(t, s, func(o *api.Options) { e = o.Engine })
			c := impatient(t, w)
			number := func(n int32) *int32 { return &n }
			role := "r"
			_, err := c.CreateComputeEnvironment(t.Context(), &wire.CreateComputeEnvironmentRequest{
				ComputeEnvironmentName: "cloud", Type: wire.Managed, ComputeResources: &wire.ComputeResource{
					Type: wire.TypeEC2, MinvCpus: number(0), MaxvCpus: number(16), Subnets: []string{"subnet-1"}, SecurityGroupIds: []string{"sg-1"}, InstanceRole: &role,
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			update := func(r wire.ComputeResourceUpdate) error {
				_, err := c.UpdateComputeEnvironment(t.Context(), &wire.UpdateComputeEnvironmentRequest{ComputeEnvironment: "cloud", ComputeResources: &r})
				return err
			}
			change := func(with func(*wire.ComputeResource)) {
				rows, err := s.Store.Environments(t.Context(), store.NameQuery{Names: []string{"cloud"}})
				if err != nil {
					t.Fatal(err)
				}
				d, err := document.OfEnvironment(&rows[0])
				if err != nil {
					t.Fatal(err)
				}
				with(d.ComputeResources)
				next, err := document.Environment(d)
				if err != nil {
					t.Fatal(err)
				}
				next.UUID, next.Revision = rows[0].UUID, rows[0].Revision
				if _, err := engine.Do(t.Context(), e, sched.UpdateEnvironment{Environment: next}); err != nil {
					t.Error(err)
				}
			}
			least := func(n int32) { change(func(r *wire.ComputeResource) { r.MinvCpus = &n }) }

			s.by(func() {
				s.by(nil)
				least(8)
			})
			if err := update(wire.ComputeResourceUpdate{MaxvCpus: number(4)}); err == nil || !strings.Contains(err.Error(), "minvCpus: given 8; allowed is 0 to 4") {
				t.Errorf("a maximum below the minimum that came meanwhile: %v", err)
			}
			least(1)
			s.by(func() {
				s.by(nil)
				least(2)
			})
			if err := update(wire.ComputeResourceUpdate{MaxvCpus: number(4)}); err != nil {
				t.Errorf("a maximum above the minimum that came meanwhile: %v", err)
			}
			var kept wire.CreateComputeEnvironmentRequest
			rows, err := s.Store.Environments(t.Context(), store.NameQuery{Names: []string{"cloud"}})
			if err != nil || json.Unmarshal(rows[0].Body, &kept) != nil || *kept.ComputeResources.MinvCpus != 2 || *kept.ComputeResources.MaxvCpus != 4 {
				t.Errorf("it is %s, %v", rows[0].Body, err)
			}

			desired := int32(0)
			s.by(func() {
				desired++
				change(func(r *wire.ComputeResource) { r.DesiredvCpus = number(2 + desired%2) })
			})
			var refusal *wire.Error
			if err := update(wire.ComputeResourceUpdate{MaxvCpus: number(4)}); !errors.As(err, &refusal) || !strings.Contains(err.Error(), "compute environment cloud keeps changing; try again") {
				t.Errorf("what changes all the time: %v", err)
			}
		})
	}
}

// impatient is a client that tries everything once.
func impatient(t *testing.T, w *world) *client.Client {
	t.Helper()
	server := httptest.NewServer(w.handler)
	t.Cleanup(server.Close)
	c, err := client.New(client.Config{Endpoint: server.URL, Credentials: credentials.NewStaticCredentialsProvider(keyID, secret, ""), RetryFor: -1})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestUpdatesOfAQueueKeepEachOther has an update of a queue overtaken by another one: both hold afterwards.
func TestUpdatesOfAQueueKeepEachOther(t *testing.T) {
	s := &overtaken{Store: memory(t)}
	c := impatient(t, newWorld(t, s, func(*api.Options) {}))
	one, four, seven, here := int32(1), int32(4), int32(7), "here"
	_, err := c.CreateComputeEnvironment(t.Context(), &wire.CreateComputeEnvironmentRequest{
		ComputeEnvironmentName: here, Type: wire.Managed, ComputeResources: &wire.ComputeResource{Type: wire.TypeLocal, MaxvCpus: &four},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.CreateJobQueue(t.Context(), &wire.CreateJobQueueRequest{
		JobQueueName: "q", Priority: &one, ComputeEnvironmentOrder: []wire.ComputeEnvironmentOrder{{Order: &one, ComputeEnvironment: here}},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.by(func() {
		s.by(nil)
		if _, err := c.UpdateJobQueue(t.Context(), &wire.UpdateJobQueueRequest{JobQueue: "q", Priority: &seven}); err != nil {
			t.Error(err)
		}
	})
	disabled := wire.Disabled
	if _, err := c.UpdateJobQueue(t.Context(), &wire.UpdateJobQueueRequest{JobQueue: "q", State: &disabled}); err != nil {
		t.Fatal(err)
	}
	found, err := c.DescribeJobQueues(t.Context(), &wire.DescribeJobQueuesRequest{JobQueues: []string{"q"}})
	if err != nil || len(found.JobQueues) != 1 || found.JobQueues[0].Priority != seven || found.JobQueues[0].State != wire.Disabled {
		t.Errorf("%+v, %v", found, err)
	}
}
