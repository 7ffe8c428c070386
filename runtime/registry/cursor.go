package registry

import "github.com/batchd/terraform-provider-batch/runtime/batch"

// MoveCursor notes how far a reader of the transition log has come. A cursor never goes back; Seq 0 makes one
// that begins with the first line.
type MoveCursor struct {
	batch.Caller
	Name string
	Seq  int64
}

func (c MoveCursor) apply(r *Registry, in Scope) error {
	if before, known := r.cursors[c.Name]; !known || c.Seq > before {
		r.cursors[c.Name] = c.Seq
		in.Delta.Cursors = append(in.Delta.Cursors, batch.Cursor{Name: c.Name, Seq: c.Seq, At: in.At})
	}
	return nil
}

// DropCursor forgets a reader of the transition log, so that it holds back no lines. One that is not known is not an error.
type DropCursor struct {
	batch.Caller
	Name string
}

func (c DropCursor) apply(r *Registry, in Scope) error {
	if seq, known := r.cursors[c.Name]; known {
		delete(r.cursors, c.Name)
		in.Delta.Cursors = append(in.Delta.Cursors, batch.Cursor{Name: c.Name, Seq: seq, At: in.At, Deleted: true})
	}
	return nil
}
