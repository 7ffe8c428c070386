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

func policyOf(t *testing.T, d wire.SchedulingPolicyDetail) batch.Policy {
	t.Helper()
	p, err := document.Policy(d)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPolicy(t *testing.T) {
	for name, c := range map[string]struct {
		document string
		want     *batch.FairShare
	}{
		"fair share": {
			`{"fairsharePolicy":{"shareDecaySeconds":60,"computeReservation":5,"shareDistribution":[{"shareIdentifier":"b*","weightFactor":0.5},{"shareIdentifier":"c"}]}}`,
			&batch.FairShare{Decay: time.Minute, ReservationPercent: 5, Weights: []batch.ShareWeight{{Identifier: "b*", Weight: 5000}, {Identifier: "c", Weight: 10_000}}},
		},
		"only a name":  {`{}`, &batch.FairShare{}},
		"quota shares": {`{"quotaSharePolicy":{"idleResourceAssignmentStrategy":"FIFO"}}`, nil},
	} {
		d := wire.SchedulingPolicyDetail{Name: "p"}
		if err := json.Unmarshal([]byte(c.document), &d); err != nil {
			t.Fatal(err)
		}
		got := policyOf(t, d)
		if got.Name != "p" || !reflect.DeepEqual(got.FairShare, c.want) {
			t.Errorf("%s: %+v, want %+v", name, got.FairShare, c.want)
		}
		if kept, err := document.OfPolicy(&got); err != nil || !reflect.DeepEqual(kept, d) {
			t.Errorf("%s: its document is %s, %v", name, got.Body, err)
		}
	}
}

// TestEveryMemberOfAPolicyHasAValue: see everyMemberHasAValue.
func TestEveryMemberOfAPolicyHasAValue(t *testing.T) {
	everyMemberHasAValue(t, func(_ string, fill func(any)) any {
		var d wire.SchedulingPolicyDetail
		fill(&d)
		row := policyOf(t, d)
		row.Body = nil
		return row
	}, leaves(reflect.TypeFor[wire.SchedulingPolicyDetail](), ""), map[string]string{
		"arn": "the service names it", "tags": "tags have rows of their own", "quotaSharePolicy.idleResourceAssignmentStrategy": "FIFO is the only one",
	})
}

// TestQuotaShare makes the row of a quota share. Its queue is named by its name, and what was stored of its state by an earlier version is that of the
// row.
func TestQuotaShare(t *testing.T) {
	limit := int32(4)
	d := wire.QuotaShareDetail{
		QuotaShareName: "s", JobQueueArn: "arn:aws:batch:us-east-1:1:job-queue/q", State: wire.Disabled,
		CapacityLimits: []wire.CapacityLimit{{MaxCapacity: &limit, CapacityUnit: "VCPU"}},
	}
	row, err := document.QuotaShare(here, d)
	if err != nil || row.Queue != "q" || row.Name != "s" || row.State != batch.Disabled {
		t.Fatalf("%+v, %v", row, err)
	}
	row.State = batch.Enabled
	d.JobQueueArn, d.State = "q", wire.Enabled
	if kept, err := document.OfQuotaShare(&row); err != nil || !reflect.DeepEqual(kept, d) {
		t.Errorf("its document is %+v, %v", kept, err)
	}
}
