package storetest

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// filler sets every field of a row to a value of its own, so that a field that a store
// forgets cannot come back right.
type filler struct{ n int64 }

func filled[T any](t *testing.T, f *filler) T {
	t.Helper()
	var row T
	f.fill(t, reflect.ValueOf(&row).Elem(), reflect.TypeFor[T]().Name())
	return row
}

func (f *filler) fill(t *testing.T, v reflect.Value, path string) {
	t.Helper()
	f.n++
	if v.Type() == reflect.TypeFor[[]byte]() {
		v.SetBytes(fmt.Appendf(nil, `{"n":%d}`, f.n))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("%s-%04d", path, f.n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32, reflect.Int64:
		v.SetInt(f.n)
	case reflect.Uint8:
		v.SetUint(1 + uint64(f.n)%uint64(batch.StatusCount-1))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(t, v.Elem(), path)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		f.fill(t, v.Index(0), path)
		f.fill(t, v.Index(1), path)
	case reflect.Array:
		for i := range v.Len() {
			f.fill(t, v.Index(i), path)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range 2 {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			f.fill(t, key, path)
			f.fill(t, value, path)
			v.SetMapIndex(key, value)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f.fill(t, v.Field(i), v.Type().Field(i).Name)
		}
	default:
		t.Fatalf("%s is a %s: teach the filler to fill it", path, v.Type())
	}
}

// FilledDelta is a lawful delta of two rows of every noun and one job of every form, each field set.
func FilledDelta(t *testing.T) batch.Delta {
	t.Helper()
	f := &filler{}
	d := filled[batch.Delta](t, f)
	d.Jobs = filledJobs(t, f)
	array, single := d.Jobs[0].ID, d.Jobs[2].ID
	keepAll(&d)
	for i := range d.Shares {
		d.Shares[i].QueueID = d.Queues[i].UUID // shares go with their queue
	}
	// Rows of a job belong to one that exists, and the log has no gaps.
	d.Specs[0].Job, d.Specs[1].Job = array, single
	d.Points = d.Points[:1]
	d.PointKeys[0].Job, d.PointKeys[1].Job = array, single
	d.Points[0].Job, d.Points[0].From = array, 0
	d.Attempts[0].ID = batch.AttemptID{Job: array.Child(1), Number: 1}
	d.Attempts[1].ID = batch.AttemptID{Job: single, Number: 2}
	d.Results[0].Attempt, d.Results[1].Attempt = d.Attempts[0].ID, d.Attempts[1].ID
	for i := range d.Transitions {
		d.Transitions[i].Seq = int64(i) + 1
	}
	d.Transitions[1].Job = array.Child(1)
	node := batch.AttemptID{Job: d.Jobs[4].ID.Node(1), Number: 3}
	d.Attempts = append(d.Attempts, batch.Attempt{ID: node, Host: "host of a node"})
	d.Results = append(d.Results, batch.Result{Attempt: node, Body: []byte(`{"node":1}`)})
	d.Transitions = append(d.Transitions, batch.Transition{Seq: 3, Job: node.Job, From: batch.Runnable, To: batch.Starting, At: 7})
	return d
}

// keepAll lets no row of d be one that is deleted: that cannot be read back.
func keepAll(d *batch.Delta) {
	of := reflect.ValueOf(d).Elem()
	for i := range of.NumField() {
		for k := range of.Field(i).Len() {
			if deleted := of.Field(i).Index(k).FieldByName("Deleted"); deleted.IsValid() {
				deleted.SetBool(false)
			}
		}
	}
}

// filledJobs returns an array, a child of it, two single jobs, a multi-node job and a node of it.
func filledJobs(t *testing.T, f *filler) []batch.Job {
	t.Helper()
	jobs := make([]batch.Job, 6)
	for i := range jobs {
		j := filled[batch.Job](t, f)
		j.Seq = int64(i) + 1
		j.Status = batch.Running
		if i > 0 {
			j.Size, j.Array = 0, nil
		}
		if i != 4 {
			j.Nodes = nil
		}
		jobs[i] = j
	}
	array, child, ended, multi, node := &jobs[0], &jobs[1], &jobs[3], &jobs[4], &jobs[5]
	array.Size = 3
	child.ID, child.Seq, child.Token = array.ID.Child(1), array.Seq, ""
	node.ID, node.Seq, node.Token = multi.ID.Node(1), multi.Seq, ""
	ended.Status = batch.Succeeded
	ended.Result.Job = ended.ID
	ended.ContentKey = "00ff17"
	return jobs
}

// ReadBack reads the rows that d names through the queries of s; it equals d if s keeps all of it.
func ReadBack(t *testing.T, s store.Store, d *batch.Delta) batch.Delta {
	t.Helper()
	ctx := t.Context()
	var got batch.Delta
	readRecords(t, s, d, &got)
	got.Queues = must(s.Queues(ctx, nameQuery(d.Queues, func(q batch.Queue) string { return q.Name })))(t)
	got.Shares = must(s.Load(ctx))(t).Shares
	for i := range d.Definitions {
		got.Definitions = append(got.Definitions, must(s.Definitions(ctx, exactly(d.Definitions[i].Ref())))(t)...)
	}
	specs := must(s.Specs(ctx, ids(d.Jobs)))(t)
	for _, spec := range d.Specs {
		got.Specs = append(got.Specs, specs[spec.Job])
	}
	for _, p := range d.Points {
		got.Points = append(got.Points, batch.Points{Job: p.Job, From: p.From, Values: must(s.Points(ctx, p.Job, p.From, 1000))(t)})
	}
	pointKeys := must(s.PointKeys(ctx, ids(d.Jobs)))(t)
	for _, k := range d.PointKeys {
		if keys, ok := pointKeys[k.Job]; ok {
			got.PointKeys = append(got.PointKeys, batch.PointKeys{Job: k.Job, Keys: keys})
		}
	}
	got.Jobs = must(s.Jobs(ctx, ids(d.Jobs)))(t)
	attempts := must(s.Attempts(ctx, ids(d.Jobs)))(t)
	var numbers []batch.AttemptID
	for _, a := range d.Attempts {
		got.Attempts = append(got.Attempts, attempts[a.ID.Job]...)
		numbers = append(numbers, a.ID)
	}
	results := must(s.Results(ctx, numbers))(t)
	for _, r := range d.Results {
		got.Results = append(got.Results, batch.Result{Attempt: r.Attempt, Body: results[r.Attempt]})
	}
	for _, tags := range d.Tags {
		found := must(s.Tags(ctx, []string{tags.Resource}))(t)
		got.Tags = append(got.Tags, batch.Tags{Resource: tags.Resource, Values: found[tags.Resource]})
	}
	got.Transitions = must(s.Transitions(ctx, 0, 100))(t)
	for _, line := range slices.Backward(must(s.Audits(ctx, store.AuditQuery{}))(t)) {
		got.Audits = append(got.Audits, line.Audit)
	}
	return got
}

// readRecords reads the rows of d that are stored as records into got.
func readRecords(t *testing.T, s store.Store, d, got *batch.Delta) {
	t.Helper()
	err := d.EachRecord(func(row batch.Recorded) error {
		record := row.Record()
		names := store.NameQuery{Names: []string{record.Name}}
		found, err := s.Records(t.Context(), store.RecordQuery{New: fresh(row), Scope: record.Scope, NameQuery: names})
		for _, row := range found {
			appendRow(got, row)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func nameQuery[T any](rows []T, name func(T) string) store.NameQuery {
	var q store.NameQuery
	for _, row := range rows {
		q.Names = append(q.Names, name(row))
	}
	return q
}

func exactly(refs ...batch.DefinitionRef) store.DefinitionQuery {
	return store.DefinitionQuery{Refs: refs}
}
