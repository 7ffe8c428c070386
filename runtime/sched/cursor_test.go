package sched

import (
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

func TestACursorIsMovedAndDropped(t *testing.T) {
	m := Load(batch.Snapshot{Cursors: []batch.Cursor{{Name: "a", Seq: 5}}}, Config{})
	give := func(c Command) []batch.Cursor {
		t.Helper()
		if _, err := m.Apply(time.UnixMilli(7), c); err != nil {
			t.Fatal(err)
		}
		return m.Take().Delta.Cursors
	}
	if rows := give(MoveCursor{Name: "a", Seq: 4}); len(rows) != 0 {
		t.Errorf("a cursor went back: %+v", rows)
	}
	if rows := give(DropCursor{Name: "a"}); len(rows) != 1 || rows[0] != (batch.Cursor{Name: "a", Seq: 5, At: 7, Deleted: true}) {
		t.Errorf("dropped by %+v", rows)
	}
	if rows := give(DropCursor{Name: "a"}); len(rows) != 0 {
		t.Errorf("a cursor that is not there was dropped by %+v", rows)
	}
	if rows := give(MoveCursor{Name: "a", Seq: 4}); len(rows) != 1 || rows[0] != (batch.Cursor{Name: "a", Seq: 4, At: 7}) {
		t.Errorf("a new cursor of the same name: %+v", rows)
	}
}
