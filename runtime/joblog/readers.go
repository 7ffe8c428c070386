package joblog

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Readers reads each log by the reader of its kind. It is a [Reader] of logs of any of these kinds.
type Readers map[batch.LogKind]Reader

var _ Reader = Readers(nil)

// of returns the reader of a kind. An attempt may be older than this run of the runtime, which may have another driver.
func (r Readers) of(kind batch.LogKind) (Reader, error) {
	reader, ok := r[kind]
	if !ok {
		return nil, batch.Errorf(batch.Unavailable, "the output of the attempt is kept in %q, which this runtime does not read: start it with the driver that ran the attempt", kind)
	}
	return reader, nil
}

// Page implements [Reader].
func (r Readers) Page(ctx context.Context, q PageQuery) (Page, error) {
	reader, err := r.of(q.Log.Ref.Kind)
	if err != nil {
		return Page{}, err
	}
	return reader.Page(ctx, q)
}

// Unfinished implements [Reader].
func (r Readers) Unfinished(ctx context.Context, log Log, at Position) (Line, error) {
	reader, err := r.of(log.Ref.Kind)
	if err != nil {
		return Line{}, err
	}
	return reader.Unfinished(ctx, log, at)
}

// Merge implements [Reader]. Logs of one kind are merged by their reader. Those of several kinds are merged by time: of each kind the
// first lines are taken that belong to the page, and where they do not fill the page of that kind, the reader is asked again for
// those alone, because only it knows the place behind them.
func (r Readers) Merge(ctx context.Context, q MergeQuery) (Merged, error) {
	parts, err := r.parts(&q)
	if err != nil {
		return Merged{}, err
	}
	for _, p := range parts {
		if err := p.read(ctx, q.Limit); err != nil {
			return Merged{}, err
		}
	}
	if len(parts) == 1 {
		return parts[0].page, nil
	}
	page := Merged{More: takeEarliest(parts, q.Limit, q.Bytes)}
	for _, p := range parts {
		if err := p.cut(ctx); err != nil {
			return Merged{}, err
		}
		page.Lines, page.Places = append(page.Lines, p.page.Lines...), append(page.Places, p.page.Places...)
	}
	slices.SortStableFunc(page.Lines, func(a, b MergedLine) int { return cmp.Compare(a.At, b.At) })
	return page, nil
}

// part is the logs of one kind in a merge.
type part struct {
	kind   batch.LogKind
	reader Reader
	query  MergeQuery
	logs   []int  // where its logs are among those of the whole
	page   Merged // what it answered
	taken  int    // how many lines of that are on the page of the whole
}

// parts divides a query by kind.
func (r Readers) parts(q *MergeQuery) ([]*part, error) {
	of := map[batch.LogKind]*part{}
	for i, log := range q.Logs {
		kind := log.Ref.Kind
		if of[kind] == nil {
			reader, err := r.of(kind)
			if err != nil {
				return nil, err
			}
			of[kind] = &part{kind: kind, reader: reader, query: *q}
			of[kind].query.Logs = nil
			of[kind].query.Places = slices.DeleteFunc(slices.Clone(q.Places), func(p Place) bool { return p.Kind != kind })
		}
		of[kind].query.Logs = append(of[kind].query.Logs, log)
		of[kind].logs = append(of[kind].logs, i)
	}
	var parts []*part
	for _, kind := range slices.Sorted(maps.Keys(of)) {
		parts = append(parts, of[kind])
	}
	return parts, nil
}

func (p *part) read(ctx context.Context, limit int) (err error) {
	q := p.query
	q.Limit = limit
	if p.page, err = p.reader.Merge(ctx, q); err != nil {
		return err
	}
	for i := range p.page.Lines {
		p.page.Lines[i].Log = p.logs[p.page.Lines[i].Log]
	}
	for i := range p.page.Places {
		p.page.Places[i].Kind = p.kind
	}
	return nil
}

// takeEarliest takes lines of parts by time, until a page is full or a part has more lines than it has read. It reports whether
// something is left.
func takeEarliest(parts []*part, limit, bytes int) (more bool) {
	for n, size := 0, 0; ; n++ {
		var next *part
		for _, p := range parts {
			switch {
			case p.taken < len(p.page.Lines):
				if next == nil || p.page.Lines[p.taken].At < next.page.Lines[next.taken].At {
					next = p
				}
			case p.page.More:
				return true
			}
		}
		if next == nil {
			return false
		}
		size += len(next.page.Lines[next.taken].Text)
		if n == limit || n > 0 && size > bytes {
			return true
		}
		next.taken++
	}
}

// cut leaves on the page of p what was taken.
func (p *part) cut(ctx context.Context) error {
	switch p.taken {
	case len(p.page.Lines):
		return nil
	case 0:
		p.page = Merged{Places: p.query.Places}
		return nil
	default:
		return p.read(ctx, p.taken)
	}
}
