package registry

import (
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

func TestACursorIsMovedAndDropped(t *testing.T) {
	w := newWorld(batch.Snapshot{Cursors: []batch.Cursor{{Name: "a", Seq: 5}}})
	give := func(c Command) []batch.Cursor {
		t.Helper()
		w.must(t)(c)
		return w.take().Cursors
	}
	if rows := give(MoveCursor{Name: "a", Seq: 4}); len(rows) != 0 {
		t.Errorf("a cursor went back: %+v", rows)
	}
	if rows := give(DropCursor{Name: "a"}); len(rows) != 1 || rows[0] != (batch.Cursor{Name: "a", Seq: 5, At: at, Deleted: true}) {
		t.Errorf("dropped by %+v", rows)
	}
	if rows := give(DropCursor{Name: "a"}); len(rows) != 0 {
		t.Errorf("a cursor that is not there was dropped by %+v", rows)
	}
	if rows := give(MoveCursor{Name: "a", Seq: 4}); len(rows) != 1 || rows[0] != (batch.Cursor{Name: "a", Seq: 4, At: at}) {
		t.Errorf("a new cursor of the same name: %+v", rows)
	}
}
