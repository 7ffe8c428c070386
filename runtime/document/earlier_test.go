package document_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/document"
)

// TestRowsOfEarlierVersionsAreReadAgain: rows that were stored without revision get one, and what is made from their documents. So do rows of a version that made
// less of them.
func TestRowsOfEarlierVersionsAreReadAgain(t *testing.T) {
	environmentBefore := batch.Environment{
		Name: "cloud", UUID: "u", Kind: batch.EC2, State: batch.Disabled, Health: batch.Valid, Max: batch.Shape{MilliCPU: 16_000}, CreatedAt: 5,
		Body: []byte(`{"computeEnvironmentName":"cloud","type":"MANAGED","state":"DISABLED","computeResources":{"type":"EC2","maxvCpus":16,"minvCpus":0,"subnets":["subnet-1"],"instanceRole":"r"}}`),
	}
	queueBefore := batch.Queue{
		Name: "q", UUID: "v", State: batch.Enabled, Health: batch.Valid, Priority: 3, Policy: "fair", Strict: true, CreatedAt: 6,
		Environments: []batch.EnvironmentOrder{{Order: 1, Environment: "cloud"}},
		Body: []byte(`{"jobQueueName":"q","priority":3,"jobQueueType":"ECS_FARGATE","schedulingPolicyArn":"arn:aws:batch:mars-1:9:scheduling-policy/fair","batchd":{"backfill":false},
			"computeEnvironmentOrder":[{"order":1,"computeEnvironment":"arn:aws:batch:mars-1:9:compute-environment/cloud"}]}`),
	}
	policyBefore := batch.Policy{Name: "fair", CreatedAt: 7, FairShare: &batch.FairShare{ReservationPercent: 5}, Body: []byte(`{"name":"fair","fairsharePolicy":{"computeReservation":5}}`)}
	today := environment(t, string(environmentBefore.Body))
	today.Revision = 1
	delta, err := document.Reread(here, &batch.Snapshot{Environments: []batch.Environment{environmentBefore, today}, Queues: []batch.Queue{queueBefore}, Policies: []batch.Policy{policyBefore}})
	if err != nil || len(delta.Environments) != 1 || len(delta.Queues) != 1 || len(delta.Policies) != 1 {
		t.Fatalf("%+v, %v", delta, err)
	}
	e, q := delta.Environments[0], delta.Queues[0]
	wantEnvironment, wantQueue := environmentBefore, queueBefore
	wantEnvironment.Revision, wantEnvironment.Resources, wantEnvironment.Body = 1, today.Resources, e.Body
	wantQueue.Revision, wantQueue.Type, wantQueue.Body = 1, batch.QueueFargate, q.Body
	if !reflect.DeepEqual(e, wantEnvironment) {
		t.Errorf("got  %+v %+v\nwant %+v %+v", e, e.Resources, wantEnvironment, wantEnvironment.Resources)
	}
	if !reflect.DeepEqual(q, wantQueue) {
		t.Errorf("got  %+v\nwant %+v", q, wantQueue)
	}
	wantPolicy := policyBefore
	wantPolicy.Revision, wantPolicy.Body = 1, delta.Policies[0].Body
	if !reflect.DeepEqual(delta.Policies[0], wantPolicy) {
		t.Errorf("got  %+v\nwant %+v", delta.Policies[0], wantPolicy)
	}
	if again := environment(t, string(e.Body)); !reflect.DeepEqual(again.Resources, e.Resources) {
		t.Errorf("the document of the environment says %+v", again.Resources)
	}
	if d, err := document.OfQueue(&q); err != nil || d.ComputeEnvironmentOrder[0].ComputeEnvironment != "cloud" || *d.SchedulingPolicyArn != "fair" {
		t.Errorf("the document of the queue is %s, %v", q.Body, err)
	}
	if again, err := document.Reread(here, &batch.Snapshot{Environments: delta.Environments, Queues: delta.Queues, Policies: delta.Policies}); err != nil || !again.Empty() {
		t.Errorf("what was read again is read once more: %+v, %v", again, err)
	}
	unplaced := today
	unplaced.Revision, unplaced.Resources = 4, &batch.Resources{Subnets: []string{"subnet-1"}}
	if again, err := document.Reread(here, &batch.Snapshot{Environments: []batch.Environment{unplaced}}); err != nil || len(again.Environments) != 1 ||
		again.Environments[0].Revision != 5 || !reflect.DeepEqual(again.Environments[0].Resources, today.Resources) {
		t.Errorf("a row of a version that knew fewer fields: %+v, %v", again, err)
	}
	environmentBefore.Body = []byte("{")
	if _, err := document.Reread(here, &batch.Snapshot{Environments: []batch.Environment{environmentBefore}}); err == nil || !strings.Contains(err.Error(), "cloud") {
		t.Errorf("of a document that cannot be read: %v", err)
	}
}
