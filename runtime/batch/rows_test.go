package batch_test

import (
	"reflect"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store/storetest"
)

// eachSlice gives the name of each slice of a delta, and a delta that holds the rows of that slice alone.
func eachSlice(t *testing.T, test func(t *testing.T, name string, only batch.Delta)) {
	t.Helper()
	all := storetest.FilledDelta(t)
	for i := range reflect.TypeFor[batch.Delta]().NumField() {
		var only batch.Delta
		reflect.ValueOf(&only).Elem().Field(i).Set(reflect.ValueOf(all).Field(i))
		name := reflect.TypeFor[batch.Delta]().Field(i).Name
		t.Run(name, func(t *testing.T) { test(t, name, only) })
	}
}

func TestADeltaWithRowsIsNotEmpty(t *testing.T) {
	if !new(batch.Delta).Empty() {
		t.Error("a delta without rows is not empty")
	}
	eachSlice(t, func(t *testing.T, name string, only batch.Delta) {
		if only.Empty() {
			t.Errorf("a delta with %s is empty: nouns does not list them", name)
		}
	})
}

func TestRowsKeepEverySliceOfADelta(t *testing.T) {
	eachSlice(t, func(t *testing.T, name string, only batch.Delta) {
		var rows batch.Rows
		rows.Fold(&only)
		kept := reflect.ValueOf(rows).FieldByName(name)
		if !kept.IsValid() || kept.Len() != reflect.ValueOf(only).FieldByName(name).Len() && name != "Points" {
			t.Errorf("Fold does not keep %s in a field of that name", name)
		}
	})
}

// A snapshot holds what the rows hold. Jobs, their children and the keys of their points have a test of their own.
func TestASnapshotHasEverySliceOfItsOwn(t *testing.T) {
	all := storetest.FilledDelta(t)
	var rows batch.Rows
	rows.Fold(&all)
	snapshot := reflect.ValueOf(rows.Snapshot())
	for i := range snapshot.NumField() {
		name := snapshot.Type().Field(i).Name
		if snapshot.Field(i).IsZero() && name != "Ended" {
			t.Errorf("Snapshot leaves %s empty", name)
		}
		given := reflect.ValueOf(all).FieldByName(name)
		if given.IsValid() && name != "Jobs" && name != "PointKeys" && !reflect.DeepEqual(snapshot.Field(i).Interface(), given.Interface()) {
			t.Errorf("Snapshot has other %s than were written:\n got %+v\nwant %+v", name, snapshot.Field(i), given)
		}
	}
}

func TestSnapshotOfJobs(t *testing.T) {
	array := batch.Job{ID: "a", Seq: 2, Size: 3, Status: batch.Pending, Array: &batch.Array{Unborn: batch.Unborn{Status: batch.Runnable}}}
	child := func(index int32, status batch.Status) batch.Job {
		return batch.Job{ID: array.ID.Child(index), Seq: array.Seq, Status: status}
	}
	single := batch.Job{ID: "s", Seq: 1, Status: batch.Running, Run: &batch.Run{Host: "h"}}
	var rows batch.Rows
	rows.Fold(&batch.Delta{
		Jobs:      []batch.Job{child(2, batch.Running), child(0, batch.Failed), array, single},
		PointKeys: []batch.PointKeys{{Job: "a", Keys: []byte("keys")}},
	})
	check := func(what string, jobs, ended []batch.JobID) {
		t.Helper()
		s := rows.Snapshot()
		var gotJobs, gotEnded []batch.JobID
		for _, j := range s.Jobs {
			gotJobs = append(gotJobs, j.ID)
		}
		for _, e := range s.Ended {
			gotEnded = append(gotEnded, e.Array.Child(e.Index))
		}
		if !reflect.DeepEqual(gotJobs, jobs) || !reflect.DeepEqual(gotEnded, ended) || s.LastSeq != 2 {
			t.Errorf("%s: jobs %v, ended %v, last seq %d; want %v, %v, 2", what, gotJobs, gotEnded, s.LastSeq, jobs, ended)
		}
	}
	check("all run", []batch.JobID{"s", "a", "a:2"}, []batch.JobID{"a:0"})

	rows.Snapshot().Jobs[0].Run.Host = "changed"
	if rows.Jobs["s"].Run.Host != "h" {
		t.Error("a snapshot shares what a machine changes in place")
	}

	ended := single
	ended.Status, ended.Run = batch.Failed, nil
	rows.Fold(&batch.Delta{Jobs: []batch.Job{ended}})
	check("one has ended", []batch.JobID{"a", "a:2"}, []batch.JobID{"a:0"})
	rows.Fold(&batch.Delta{Jobs: []batch.Job{single}})
	check("it is retried", []batch.JobID{"s", "a", "a:2"}, []batch.JobID{"a:0"})

	for id, want := range map[batch.JobID]batch.Status{"a": batch.Pending, "a:0": batch.Failed, "a:1": batch.Runnable} {
		if j := rows.Job(id); j == nil || j.Status != want {
			t.Errorf("Job(%s) is %+v, want %s", id, j, want)
		}
	}
	for _, id := range []batch.JobID{"none", "a:3", "a#0", "s:0"} {
		if j := rows.Job(id); j != nil {
			t.Errorf("Job(%s) is %+v, there is none", id, j)
		}
	}
}
