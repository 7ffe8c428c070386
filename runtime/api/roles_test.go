package api_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

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
