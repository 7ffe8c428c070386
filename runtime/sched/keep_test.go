package sched

import (
	"errors"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/registry"
)

// TestWhatIsKeptHasTagsToo tags what the registry keeps, and what it does not.
func TestWhatIsKeptHasTagsToo(t *testing.T) {
	m := Load(batch.Snapshot{Queues: []batch.Queue{{Name: "q", UUID: "q", State: batch.Enabled, Health: batch.Valid}}}, Config{})
	do := func(c Command) error {
		_, err := m.Apply(epoch.Std(), c)
		return err
	}
	missing := func(c Command) {
		t.Helper()
		var domain *batch.Error
		if err := do(c); !errors.As(err, &domain) || domain.Kind != batch.NotFound {
			t.Errorf("%+v: %v", c, err)
		}
	}
	const share, group = "job-queue/q/quota-share/s", "log-group//g"
	tags := map[string]string{"k": "v"}
	missing(SetTags{Resource: share, Set: tags})
	missing(SetTags{Resource: group, Set: tags})
	missing(Keep{Command: registry.CreateQuotaShare{Share: batch.QuotaShare{Queue: "p", Name: "s"}}})
	for _, c := range []Command{
		Keep{Command: registry.CreateQuotaShare{Share: batch.QuotaShare{Queue: "q", Name: "s"}}},
		Keep{Command: registry.CreateLogGroup{Name: "/g"}},
		SetTags{Resource: share, Set: tags},
		SetTags{Resource: group, Set: tags},
	} {
		if err := do(c); err != nil {
			t.Errorf("%+v: %v", c, err)
		}
	}
	if err := m.Check(); err != nil {
		t.Error(err)
	}
}
