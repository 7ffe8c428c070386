package api_test

import (
	"cmp"
	"errors"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/batchd/terraform-provider-batch/runtime/api"
	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/auth"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/engine"
	"github.com/batchd/terraform-provider-batch/runtime/registry"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// guarded is a world whose keys are in its store, behind a real connection.
type guarded struct {
	*world
	url   string
	admin *client.Client
}

func newGuarded(t *testing.T, change ...func(*api.Options)) *guarded {
	t.Helper()
	master, err := auth.MakeMasterKey(filepath.Join(t.TempDir(), "master.key"))
	if err != nil {
		t.Fatal(err)
	}
	var ring *auth.StoredKeys
	var e *engine.Engine
	w := newWorld(t, sqliteStore(t), func(o *api.Options) {
		ring, e = auth.NewStoredKeys(o.Store, master), o.Engine
		o.Keys, o.Authenticator = ring, auth.NewSigV4(ring, time.Now)
		for _, f := range change {
			f(o)
		}
	})
	key := auth.Key{AccessKeyID: keyID, SecretAccessKey: secret, Role: batch.RoleAdmin}
	if _, err := engine.Do(t.Context(), e, sched.Keep{Command: registry.CreateKey{Key: batch.AccessKey{ID: keyID, Role: key.Role, Sealed: ring.Seal(key)}}}); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(w.handler)
	t.Cleanup(server.Close)
	g := &guarded{world: w, url: server.URL}
	g.admin = g.as(keyID, secret)
	return g
}

// as returns a client that signs with a key.
func (g *guarded) as(id, secret string) *client.Client {
	g.Helper()
	c, err := client.New(client.Config{Endpoint: g.url, Credentials: credentials.NewStaticCredentialsProvider(id, secret, ""), RetryFor: -1})
	if err != nil {
		g.Fatal(err)
	}
	return c
}

// key makes a key and returns a client that signs with it.
func (g *guarded) key(role string, queues ...string) (*client.Client, *wire.CreateKeyResponse) {
	g.Helper()
	key, err := g.admin.CreateKey(g.Context(), &wire.CreateKeyRequest{Name: "the " + role, Role: role, Queues: queues})
	if err != nil {
		g.Fatal(err)
	}
	return g.as(key.AccessKeyID, key.SecretAccessKey), key
}

// furnish makes an environment, the queues and a definition whose jobs wait to be finished.
func (g *guarded) furnish(queues ...string) {
	g.Helper()
	four, one := int32(4), int32(1)
	_, err := g.admin.CreateComputeEnvironment(g.Context(), &wire.CreateComputeEnvironmentRequest{
		ComputeEnvironmentName: "here", Type: wire.Managed, ComputeResources: &wire.ComputeResource{Type: wire.TypeLocal, MaxvCpus: &four},
	})
	for _, queue := range queues {
		_, failed := g.admin.CreateJobQueue(g.Context(), &wire.CreateJobQueueRequest{
			JobQueueName: queue, Priority: &one, ComputeEnvironmentOrder: []wire.ComputeEnvironmentOrder{{Order: &one, ComputeEnvironment: "here"}},
		})
		err = cmp.Or(err, failed)
	}
	_, failed := g.admin.RegisterJobDefinition(g.Context(), &wire.RegisterJobDefinitionRequest{
		JobDefinitionName: "task", Type: "container", ContainerProperties: &wire.ContainerProperties{
			Command: []string{"hold"}, ResourceRequirements: []wire.ResourceRequirement{{Type: "VCPU", Value: "1"}},
		},
	})
	if err = cmp.Or(err, failed); err != nil {
		g.Fatal(err)
	}
}

func submission(queue string) *wire.SubmitJobRequest {
	return &wire.SubmitJobRequest{JobName: "j", JobQueue: queue, JobDefinition: "task"}
}

// denied checks that err is AWS's denial, for that action and resource.
func denied(t *testing.T, what string, err error, words ...string) {
	t.Helper()
	var refusal *wire.Error
	if !errors.As(err, &refusal) || refusal.Code != wire.CodeAccessDenied || refusal.StatusCode != 403 {
		t.Errorf("%s: %v, want a denial", what, err)
		return
	}
	for _, word := range append(words, "User: arn:aws:iam::123456789012:user/", " is not authorized to perform: ", " on resource: ") {
		if !strings.Contains(refusal.Message, word) {
			t.Errorf("%s: %q does not say %q", what, refusal.Message, word)
		}
	}
}

func trusting(o *api.Options) { o.TrustJobs = true }
