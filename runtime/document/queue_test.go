package document_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/document"
)

var here = batch.Place{Region: "us-east-1", Account: "1"}

func queueOf(t *testing.T, d wire.JobQueueDetail) batch.Queue {
	t.Helper()
	q, err := document.Queue(here, d)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// TestQueue makes the row of a queue. It names what it uses by names alone, and so does its document, however the client named it.
func TestQueue(t *testing.T) {
	const text = `{"jobQueueName":"q","priority":3,"computeEnvironmentOrder":[
		{"order":2,"computeEnvironment":"arn:aws:batch:us-east-1:1:compute-environment/a"},{"order":1,"computeEnvironment":"b"}],
		"schedulingPolicyArn":"arn:aws:batch:us-east-1:1:scheduling-policy/fair","batchd":{"backfill":false},
		"jobStateTimeLimitActions":[{"reason":"MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT","state":"RUNNABLE","action":"CANCEL","maxTimeSeconds":600}]}`
	var d wire.JobQueueDetail
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatal(err)
	}
	got := queueOf(t, d)
	want := batch.Queue{
		Name: "q", State: batch.Enabled, Priority: 3, Policy: "fair", Strict: true, Body: got.Body,
		Environments: []batch.EnvironmentOrder{{Order: 2, Environment: "a"}, {Order: 1, Environment: "b"}},
		TimeLimits:   []batch.TimeLimit{{Reason: wire.ReasonRequirement, After: 10 * time.Minute}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	kept, err := document.OfQueue(&got)
	if err != nil || *kept.SchedulingPolicyArn != "fair" || kept.ComputeEnvironmentOrder[0].ComputeEnvironment != "a" {
		t.Errorf("its document is %s, %v", got.Body, err)
	}
	if d.ComputeEnvironmentOrder[0].ComputeEnvironment == "a" {
		t.Error("the document that was given has changed")
	}
	if elsewhere, err := document.Queue(batch.Place{Region: "eu-central-1", Account: "2"}, kept); err != nil || !reflect.DeepEqual(elsewhere, got) {
		t.Errorf("in another place it is %+v, %v", elsewhere, err)
	}
}

// TestEveryMemberOfAQueueHasAValue: see everyMemberHasAValue.
func TestEveryMemberOfAQueueHasAValue(t *testing.T) {
	everyMemberHasAValue(t, func(member string, fill func(any)) any {
		var d wire.JobQueueDetail
		fill(&d)
		if member == "batchd.backfill" && d.Batchd.Backfill != nil {
			*d.Batchd.Backfill = false // true stands for what is absent
		}
		row := queueOf(t, d)
		row.Body = nil
		return row
	}, leaves(reflect.TypeFor[wire.JobQueueDetail](), ""), map[string]string{
		"jobQueueArn": "the service names it", "status": "the service decides it", "statusReason": "the service decides it", "tags": "tags have rows of their own",
		"jobStateTimeLimitActions.state": "RUNNABLE is the only one", "jobStateTimeLimitActions.action": "CANCEL is the only one",
	})
}
