package app_test

import (
	"path/filepath"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
	"github.com/batchd/terraform-provider-batch/runtime/store/sqlstore"
	"github.com/batchd/terraform-provider-batch/runtime/store/sqlstore/sqlite"
)

// TestRowsOfAnEarlierVersion serves a state directory in which a compute environment has no typed resources and no revision, as an
// earlier version stored it: it can be changed, and its row has both afterwards.
func TestRowsOfAnEarlierVersion(t *testing.T) {
	o := options(t)
	stop(t, start(t, o))
	database := func() *sqlstore.Store {
		s, err := sqlstore.Open(t.Context(), sqlstore.Options{Database: sqlite.New(filepath.Join(o.StateDir, "batchd.db"))})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := database()
	err := s.Commit(t.Context(), &batch.Delta{Environments: []batch.Environment{{
		Name: "cloud", UUID: "u", Kind: batch.EC2, State: batch.Enabled, Health: batch.Valid, Max: batch.Shape{MilliCPU: 16_000},
		Body: []byte(`{"computeEnvironmentName":"cloud","type":"MANAGED","computeResources":{"type":"EC2","maxvCpus":16,"subnets":["subnet-1"],"instanceRole":"r"}}`),
	}}})
	if err != nil || s.Close() != nil {
		t.Fatal(err)
	}

	a := start(t, o)
	most := int32(32)
	_, err = dial(t, o.StateDir).UpdateComputeEnvironment(t.Context(), &wire.UpdateComputeEnvironmentRequest{
		ComputeEnvironment: "cloud", ComputeResources: &wire.ComputeResourceUpdate{MaxvCpus: &most},
	})
	if err != nil {
		t.Fatal(err)
	}
	stop(t, a)
	stop(t, start(t, o)) // which finds nothing to be made anew
	s = database()
	defer s.Close()
	rows, err := s.Environments(t.Context(), store.NameQuery{})
	if err != nil || len(rows) != 1 {
		t.Fatalf("%+v, %v", rows, err)
	}
	e := rows[0]
	if e.Revision != 2 || e.Max.MilliCPU != 32_000 || e.UUID != "u" || e.Resources == nil || e.Resources.InstanceRole != "r" || e.Resources.Strategy != batch.BestFit {
		t.Errorf("the row is %+v, it runs on %+v", e, e.Resources)
	}
}
