package api_test

import (
	"cmp"
	"errors"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/batchd/terraform-provider-batch/runtime/api"
	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/auth"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/engine"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/store"
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
	w := newWorld(t, sqlite(t), func(o *api.Options) {
		ring, e = auth.NewStoredKeys(o.Store, master), o.Engine
		o.Keys, o.Authenticator = ring, auth.NewSigV4(ring, time.Now)
		for _, f := range change {
			f(o)
		}
	})
	key := auth.Key{AccessKeyID: keyID, SecretAccessKey: secret, Role: batch.RoleAdmin}
	if _, err := engine.Do(t.Context(), e, sched.CreateKey{Key: batch.AccessKey{ID: keyID, Role: key.Role, Sealed: ring.Seal(key)}}); err != nil {
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

func TestKeysAreMadeListedAndRevoked(t *testing.T) {
	g := newGuarded(t)
	reader, key := g.key(wire.RoleReader)
	if _, err := reader.Status(t.Context()); err != nil {
		t.Errorf("a fresh key: %v", err)
	}
	keys, err := g.admin.AllKeys(t.Context(), false)
	if err != nil || len(keys) != 2 || keys[1].AccessKeyID != key.AccessKeyID || keys[1].Name != "the reader" || keys[1].CreatedBy != keyID || keys[1].CreatedAt == 0 {
		t.Errorf("listed %+v, %v", keys, err)
	}
	if err := g.admin.RevokeKey(t.Context(), &wire.RevokeKeyRequest{AccessKeyID: key.AccessKeyID}); err != nil {
		t.Fatal(err)
	}
	var refusal *wire.Error
	if _, err := reader.Status(t.Context()); !errors.As(err, &refusal) || refusal.Code != auth.CodeUnrecognizedClient {
		t.Errorf("a revoked key: %v", err)
	}
	if keys, err := g.admin.AllKeys(t.Context(), false); err != nil || len(keys) != 1 {
		t.Errorf("valid ones: %+v, %v", keys, err)
	}
	if keys, err := g.admin.AllKeys(t.Context(), true); err != nil || len(keys) != 2 || keys[1].RevokedAt == 0 {
		t.Errorf("all: %+v, %v", keys, err)
	}
	one := int32(1)
	page, err := g.admin.ListKeys(t.Context(), &wire.ListKeysRequest{Revoked: true, MaxResults: &one})
	if err != nil || len(page.Keys) != 1 || page.NextToken == "" {
		t.Errorf("a page: %+v, %v", page, err)
	}
	if err := g.admin.RevokeKey(t.Context(), &wire.RevokeKeyRequest{AccessKeyID: keyID}); err == nil || !strings.Contains(err.Error(), "last") {
		t.Errorf("revoking the last admin: %v", err)
	}
	for _, in := range []wire.CreateKeyRequest{
		{},
		{Role: "root"},
		{Role: wire.RoleReader, Queues: []string{"a"}},
		{Role: wire.RoleSubmitter, Queues: []string{"a*b"}},
		{Role: wire.RoleSubmitter, Queues: []string{""}},
		{Role: wire.RoleReader, Name: "a\nb"},
	} {
		if _, err := g.admin.CreateKey(t.Context(), &in); err == nil {
			t.Errorf("%+v was accepted", in)
		}
	}
	if lines := g.log.find(key.SecretAccessKey); len(lines) > 0 {
		t.Errorf("the secret is in the log: %q", lines)
	}
	rows, err := g.store.AccessKeys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if strings.Contains(string(row.Sealed), key.SecretAccessKey[:8]) {
			t.Error("the secret is in the store")
		}
	}
}

// TestARevokedKeyDoesNotListenOn takes a lease and follows events with two keys, of which one is revoked.
func TestARevokedKeyDoesNotListenOn(t *testing.T) {
	g := newGuarded(t)
	reader, key := g.key(wire.RoleReader)
	other, _ := g.key(wire.RoleReader)
	var leases []*client.Lease
	for _, c := range []*client.Client{reader, other} {
		lease, err := c.Lease(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer lease.Close()
		leases = append(leases, lease)
	}
	if err := g.admin.RevokeKey(t.Context(), &wire.RevokeKeyRequest{AccessKeyID: key.AccessKeyID}); err != nil {
		t.Fatal(err)
	}
	select {
	case <-leases[0].Done():
	case <-time.After(patience / 6):
		t.Error("the lease of a revoked key holds")
	}
	if err := leases[1].Err(); err != nil {
		t.Errorf("the lease of another key: %v", err)
	}
}

func trusting(o *api.Options) { o.TrustJobs = true }

// TestNoQueuesIsNotEveryQueue sends an empty list of queues, which must not give more than a list with one in it.
func TestNoQueuesIsNotEveryQueue(t *testing.T) {
	g := newGuarded(t)
	for _, role := range []string{wire.RoleSubmitter, wire.RoleOperator} {
		_, err := g.admin.CreateKey(t.Context(), &wire.CreateKeyRequest{Role: role, Queues: []string{}})
		var refusal *wire.Error
		if !errors.As(err, &refusal) || refusal.StatusCode != 400 || !strings.Contains(refusal.Message, "queues") || !strings.Contains(refusal.Message, "an empty list") {
			t.Errorf("a key of role %s with an empty list: %v", role, err)
		}
	}
	if _, err := g.admin.CreateKey(t.Context(), &wire.CreateKeyRequest{Role: wire.RoleSubmitter}); err != nil {
		t.Errorf("a key without a list: %v", err)
	}
}

func TestRolesDecide(t *testing.T) {
	g := newGuarded(t, trusting)
	g.furnish("work")
	clients := map[string]*client.Client{wire.RoleAdmin: g.admin}
	for _, role := range []string{wire.RoleReader, wire.RoleSubmitter, wire.RoleOperator} {
		clients[role], _ = g.key(role)
	}
	calls := []struct {
		least, action string
		call          func(*client.Client) error
	}{
		{wire.RoleReader, "batchd:Status", func(c *client.Client) error { _, err := c.Status(t.Context()); return err }},
		{wire.RoleReader, "batch:DescribeJobQueues", func(c *client.Client) error {
			_, err := c.DescribeJobQueues(t.Context(), &wire.DescribeJobQueuesRequest{})
			return err
		}},
		{wire.RoleSubmitter, "batch:SubmitJob", func(c *client.Client) error {
			_, err := c.SubmitJob(t.Context(), submission("work"))
			return err
		}},
		{wire.RoleSubmitter, "batch:TerminateJob", func(c *client.Client) error {
			return c.TerminateJob(t.Context(), &wire.TerminateJobRequest{JobID: "nobody", Reason: "r"})
		}},
		{wire.RoleOperator, "batch:TagResource", func(c *client.Client) error {
			return c.TagResource(t.Context(), "arn:aws:batch:us-east-1:123456789012:job-queue/work", &wire.TagResourceRequest{Tags: map[string]string{"a": "b"}})
		}},
		{wire.RoleOperator, "batch:UpdateJobQueue", func(c *client.Client) error {
			_, err := c.UpdateJobQueue(t.Context(), &wire.UpdateJobQueueRequest{JobQueue: "work"})
			return err
		}},
		{wire.RoleAdmin, "batchd:ListKeys", func(c *client.Client) error { _, err := c.AllKeys(t.Context(), false); return err }},
		{wire.RoleAdmin, "batchd:Audit", func(c *client.Client) error { _, err := c.Audit(t.Context(), client.AuditQuery{}); return err }},
	}
	roles := []string{wire.RoleReader, wire.RoleSubmitter, wire.RoleOperator, wire.RoleAdmin}
	for _, call := range calls {
		for i, role := range roles {
			err := call.call(clients[role])
			if i >= slices.Index(roles, call.least) {
				if err != nil {
					t.Errorf("%s as %s: %v", call.action, role, err)
				}
				continue
			}
			denied(t, call.action+" as "+role, err, call.action+" on resource: *", role)
		}
	}
}

func TestASubmitterIsBoundToItsQueues(t *testing.T) {
	g := newGuarded(t, trusting)
	g.furnish("dev-a", "dev-b", "prod")
	bound, key := g.key(wire.RoleSubmitter, "dev-*")
	job := func(c *client.Client, queue string) string {
		answer, err := c.SubmitJob(t.Context(), submission(queue))
		if err != nil {
			t.Fatal(err)
		}
		return answer.JobID
	}
	mine, theirs := job(bound, "dev-a"), job(g.admin, "prod")
	arn := "arn:aws:batch:us-east-1:123456789012:job-queue/prod"
	calls := map[string]func(queue, id string) error{
		"batch:SubmitJob": func(queue, _ string) error { _, err := bound.SubmitJob(t.Context(), submission(queue)); return err },
		"batchd:PlanJob":  func(queue, _ string) error { _, err := bound.PlanJob(t.Context(), submission(queue)); return err },
		"batch:CancelJob": func(_, id string) error {
			return bound.CancelJob(t.Context(), &wire.CancelJobRequest{JobID: id, Reason: "r"})
		},
		"batch:TerminateJob": func(_, id string) error {
			return bound.TerminateJob(t.Context(), &wire.TerminateJobRequest{JobID: id, Reason: "r"})
		},
		"batchd:RetryJob": func(_, id string) error {
			_, err := bound.RetryJob(t.Context(), &wire.RetryJobRequest{JobID: id})
			var refusal *wire.Error
			if errors.As(err, &refusal) && refusal.Code == wire.CodeClient {
				return nil // there is nothing to run again; it was allowed
			}
			return err
		},
	}
	for action, call := range calls {
		if err := call("dev-b", mine); err != nil {
			t.Errorf("%s where it may: %v", action, err)
		}
		denied(t, action, call("prod", theirs), action+" on resource: "+arn+" because")
	}
	denied(t, "by ARN", calls["batch:SubmitJob"](arn, ""), arn)
	denied(t, "a child", calls["batch:TerminateJob"]("", theirs+":0"), arn)
	if err := calls["batch:TerminateJob"]("", "nobody"); err != nil {
		t.Errorf("an unknown job: %v", err)
	}
	denials, yes := 0, true
	lines, err := g.admin.Audit(t.Context(), client.AuditQuery{Denied: &yes, Who: key.AccessKeyID})
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines.Lines {
		if line.Resource == "job-queue/prod" && line.Denied && line.Source != "" && line.At > 0 {
			denials++
		}
	}
	if want := len(calls) + 2; denials != want || len(lines.Lines) != want {
		t.Errorf("%d denials in the audit log, want %d: %+v", denials, want, lines.Lines)
	}
	g.awaitStatus(batch.JobID(theirs), batch.Running)
	elsewhere := "arn:aws:batch:eu-west-1:123456789012:job-queue/dev-a"
	denied(t, "by an ARN of elsewhere", calls["batch:SubmitJob"](elsewhere, ""), " on resource: "+elsewhere+" because")
}

// A client token that was used in a queue of others does not answer their job.
func TestATokenDoesNotReachOtherQueues(t *testing.T) {
	g := newGuarded(t, trusting)
	g.furnish("dev", "prod")
	bound, _ := g.key(wire.RoleSubmitter, "dev")
	submit := func(c *client.Client, queue, token string) (string, error) {
		q := submission(queue)
		q.Batchd = &wire.SubmitJobExtension{ClientToken: token}
		answer, err := c.SubmitJob(t.Context(), q)
		if err != nil {
			return "", err
		}
		return answer.JobID, nil
	}
	if _, err := submit(g.admin, "prod", "theirs"); err != nil {
		t.Fatal(err)
	}
	_, err := submit(bound, "dev", "theirs")
	denied(t, "a token of others", err, "batch:SubmitJob on resource: arn:aws:batch:us-east-1:123456789012:job-queue/prod because")

	first, err := submit(bound, "dev", "mine")
	again, errAgain := submit(bound, "dev", "mine")
	if err != nil || errAgain != nil || first != again {
		t.Errorf("submitted twice with one token: jobs %q and %q, errors %v and %v", first, again, err, errAgain)
	}
}

func TestTheAuditLogTellsWhoDidWhat(t *testing.T) {
	g := newGuarded(t)
	g.furnish("work")
	reader, key := g.key(wire.RoleReader)
	denied(t, "a reader", reader.DeleteJobQueue(t.Context(), &wire.DeleteJobQueueRequest{JobQueue: "work"}))
	stranger := g.as("NOBODY", "x")
	if _, err := stranger.Status(t.Context()); err == nil {
		t.Error("a stranger was let in")
	}
	var all []wire.AuditLine
	token := ""
	for {
		page, err := g.admin.Audit(t.Context(), client.AuditQuery{NextToken: token, MaxResults: 2})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page.Lines...)
		if token = page.NextToken; token == "" {
			break
		}
	}
	var said []string
	for _, line := range all {
		word := line.Who + " " + line.Action + " " + line.Resource
		if line.Denied {
			word += " denied"
		}
		said = append(said, word)
	}
	want := []string{
		"anonymous batchd:Status  denied", key.AccessKeyID + " batch:DeleteJobQueue  denied", keyID + " CreateKey " + key.AccessKeyID,
		keyID + " RegisterJobDefinition task:1", keyID + " CreateJobQueue work", keyID + " CreateComputeEnvironment here", " CreateKey " + keyID,
	}
	if !slices.Equal(said, want) {
		t.Errorf("the audit log says\n%s\nwant\n%s", strings.Join(said, "\n"), strings.Join(want, "\n"))
	}
}

// TestDenialsDoNotFillTheDisk has somebody try again and again.
func TestDenialsDoNotFillTheDisk(t *testing.T) {
	g := newGuarded(t)
	reader, _ := g.key(wire.RoleReader)
	for range 150 {
		denied(t, "a reader", reader.Stop(t.Context()))
	}
	yes := true
	lines, err := g.store.Audits(t.Context(), store.AuditQuery{Denied: &yes})
	if err != nil || len(lines) < 100 || len(lines) > 110 {
		t.Errorf("%d denials are in the audit log, %v", len(lines), err)
	}
	quiet, key := g.key(wire.RoleReader)
	denied(t, "another reader", quiet.Stop(t.Context()))
	if lines, err = g.store.Audits(t.Context(), store.AuditQuery{Who: key.AccessKeyID}); err != nil || len(lines) != 1 {
		t.Errorf("beside one that is noisy, %d denials of another key are in the audit log, want 1 (%v)", len(lines), err)
	}
}

// TestLogGroupsAskForTheSameRoles reads and prepares a log group that a definition names, with keys of each role and one that is
// bound to another queue: the group makes no difference to what a key may do.
func TestLogGroupsAskForTheSameRoles(t *testing.T) {
	g := newGuarded(t)
	g.furnish("work", "other")
	_, err := g.admin.RegisterJobDefinition(t.Context(), &wire.RegisterJobDefinitionRequest{
		JobDefinitionName: "grouped", Type: "container", ContainerProperties: &wire.ContainerProperties{
			Command: []string{"hold"}, LogConfiguration: &wire.LogConfiguration{LogDriver: "awslogs", Options: map[string]string{"awslogs-group": "/named"}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, reader := g.key(wire.RoleReader)
	_, bound := g.key(wire.RoleSubmitter, "other")
	_, operator := g.key(wire.RoleOperator)
	for name, c := range map[string]struct {
		key      *wire.CreateKeyResponse
		prepares bool
	}{"reader": {reader, false}, "bound submitter": {bound, false}, "operator": {operator, true}} {
		logs := cloudwatchlogs.New(cloudwatchlogs.Options{
			Region: region, BaseEndpoint: &g.url, Credentials: credentials.NewStaticCredentialsProvider(c.key.AccessKeyID, c.key.SecretAccessKey, ""),
		})
		for _, group := range []string{batch.DefaultLogGroup, "/named"} {
			if _, err := logs.DescribeLogStreams(t.Context(), &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: &group}); err != nil {
				t.Errorf("%s reads %s: %v", name, group, err)
			}
			days := int32(7)
			_, err := logs.PutRetentionPolicy(t.Context(), &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: &group, RetentionInDays: &days})
			if (err == nil) != c.prepares {
				t.Errorf("%s sets the retention of %s: %v", name, group, err)
			}
		}
	}
}
