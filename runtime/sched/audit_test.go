package sched_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/registry"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/submit"
)

// unaudited are commands that no client gives, and the one that hands on others.
var unaudited = []string{"MoveCursor", "DropCursor", "Keep"}

// TestEveryCommandIsAudited gives every command there is, each so that it is accepted, and looks for the line that
// tells who gave it, in the delta of the same round.
func TestEveryCommandIsAudited(t *testing.T) {
	by := batch.Caller{Who: "BATCHDKEY", Source: "10.1.2.3:4"}
	definition := batch.Definition{Name: "d", Revision: 1, Runs: true, Active: true}
	small := batch.Shape{MilliCPU: 1000}
	queue := batch.Queue{Name: "q", UUID: "q", Environments: []batch.EnvironmentOrder{{Order: 1, Environment: "e"}}}
	queueAt := func(revision int64, state batch.State) batch.Queue {
		q := queue
		q.Revision, q.State = revision, state
		return q
	}
	// The time of a command is a second after that of the one before it.
	policy := batch.Policy{Name: "p", FairShare: &batch.FairShare{}, CreatedAt: 1_003_000, Revision: 1}
	share := batch.QuotaShare{Queue: "q", Name: "s", CreatedAt: 1_008_000, Revision: 1}
	commands := []sched.Command{
		sched.CreateEnvironment{Caller: by, Environment: batch.Environment{Name: "e", UUID: "e", Kind: batch.Local, Max: small}},
		sched.UpdateEnvironment{Caller: by, Environment: batch.Environment{Name: "e", UUID: "e", Revision: 1, Kind: batch.Local, State: batch.Enabled, Max: small}},
		sched.CreatePolicy{Caller: by, Policy: policy},
		sched.UpdatePolicy{Caller: by, Policy: policy},
		sched.DeletePolicy{Caller: by, Name: "p"},
		sched.CreateQueue{Caller: by, Queue: queue},
		sched.UpdateQueue{Caller: by, Queue: queueAt(1, batch.Enabled)},
		sched.Keep{Command: registry.CreateQuotaShare{Caller: by, Share: share}},
		sched.Keep{Command: registry.UpdateQuotaShare{Caller: by, Share: share}},
		sched.Keep{Command: registry.DeleteQuotaShare{Caller: by, Queue: "q", Name: "s"}},
		sched.CreateConsumable{Caller: by, Consumable: batch.Consumable{Name: "c", Total: 1}},
		sched.UpdateConsumable{Caller: by, Name: "c", Operation: sched.AddTotal, Quantity: 1},
		sched.DeleteConsumable{Caller: by, Name: "c"},
		sched.Keep{Command: registry.CreateLogGroup{Caller: by, Name: "/g"}},
		sched.Keep{Command: registry.SetLogRetention{Caller: by, Name: "/g", Days: 7}},
		sched.Keep{Command: registry.DeleteLogGroup{Caller: by, Name: "/g"}},
		sched.RegisterDefinition{Caller: by, Definition: batch.Definition{Name: "d"}},
		sched.SubmitJob{Caller: by, Request: submit.Request{ID: "j", Queue: "q", Definition: definition.Ref()}, Given: sched.Given{Definition: &definition}},
		sched.ClaimJob{Caller: by, ID: "j", Claim: "c"},
		sched.ReleaseJob{Caller: by, ID: "j", Claim: "c"},
		sched.CancelJob{Caller: by, ID: "j"},
		sched.TerminateJob{Caller: by, ID: "j"},
		sched.RetryJob{Caller: by, ID: "f", Given: sched.Given{Jobs: map[batch.JobID]batch.Job{
			"f": {ID: "f", Seq: 1, QueueID: "q", QueueName: "q", Status: batch.Failed, Shape: small},
		}}},
		sched.SetTags{Caller: by, Resource: "job-queue/q", Set: map[string]string{"a": "b"}, Given: sched.Given{Exists: true}},
		sched.DeregisterDefinition{Caller: by, Ref: definition.Ref(), Given: sched.Given{Definition: &definition}},
		sched.Keep{Command: registry.CreateKey{Caller: by, Key: batch.AccessKey{ID: "k", Role: batch.RoleReader}}},
		sched.Keep{Command: registry.RevokeKey{Caller: by, ID: "k"}},
		sched.Keep{Command: registry.RecordDenial{Caller: by, Action: "batch:SubmitJob"}},
		sched.Keep{Command: registry.RecordStop{Caller: by}},
		sched.UpdateQueue{Caller: by, Queue: queueAt(2, batch.Disabled)},
		sched.DeleteQueue{Caller: by, Name: "q"},
	}
	m := sched.Load(batch.Snapshot{}, sched.Config{})
	now := time.UnixMilli(1_000_000)
	given := map[string]bool{}
	give := func(c sched.Command) {
		name := reflect.TypeOf(c).Name()
		if kept, ok := c.(sched.Keep); ok {
			name = reflect.TypeOf(kept.Command).Name()
		}
		given[name] = true
		now = now.Add(time.Second)
		if _, err := m.Apply(now, c); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		lines := m.Take().Delta.Audits
		if len(lines) != 1 || lines[0].Who != by.Who || lines[0].Source != by.Source || lines[0].Action == "" || lines[0].At != batch.At(now) || lines[0].Denied != (name == "RecordDenial") {
			t.Errorf("%s left the audit lines %+v", name, lines)
		}
	}
	for _, c := range commands {
		give(c)
	}
	m = sched.Load(batch.Snapshot{Environments: []batch.Environment{{Name: "e", UUID: "e", Kind: batch.Local, State: batch.Disabled, Health: batch.Valid}}}, sched.Config{})
	give(sched.DeleteEnvironment{Caller: by, Name: "e"})
	names := slices.Concat(commandNames(t, ".", "replies"), commandNames(t, "../registry", "Caller"))
	if len(names) < len(given) {
		t.Errorf("%d commands are given and %d are found in the source", len(given), len(names))
	}
	for _, name := range names {
		if !given[name] && !slices.Contains(unaudited, name) {
			t.Errorf("%s is not given here: nobody knows whether it is audited", name)
		}
	}
}

// commandNames reads the names of the commands of a package from its source: the structs that begin with what each of its
// commands embeds.
func commandNames(t *testing.T, dir, embedded string) (names []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if declared, ok := n.(*ast.TypeSpec); ok && beginsWith(declared, embedded) {
				names = append(names, declared.Name.Name)
			}
			return true
		})
	}
	return names
}

// beginsWith reports whether the first field of a struct is embedded and of a type of that name, whatever its parameters.
func beginsWith(declared *ast.TypeSpec, name string) bool {
	s, ok := declared.Type.(*ast.StructType)
	if !ok || len(s.Fields.List) == 0 || len(s.Fields.List[0].Names) > 0 {
		return false
	}
	switch of := s.Fields.List[0].Type.(type) {
	case *ast.IndexExpr:
		generic, ok := of.X.(*ast.Ident)
		return ok && generic.Name == name
	case *ast.SelectorExpr:
		return of.Sel.Name == name
	default:
		return false
	}
}
