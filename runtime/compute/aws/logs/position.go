package logs

import (
	"strconv"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/joblog"
)

// position is a place in a stream: behind so many events of a moment, and behind all that are earlier.
type position struct {
	at    batch.Time
	count int
}

// of is the [joblog.Position] of p.
func (p position) of() joblog.Position {
	return joblog.Position{Token: strconv.FormatInt(int64(p.at), 10) + "." + strconv.Itoa(p.count)}
}

// positionOf is the inverse of [position.of]. ok is false for the zero Position.
func positionOf(p joblog.Position) (at position, ok bool, err error) {
	if p.IsZero() {
		return position{}, false, nil
	}
	moment, count, found := strings.Cut(p.Token, ".")
	milliseconds, err := strconv.ParseInt(moment, 10, 64)
	n, err2 := strconv.Atoi(count)
	if !found || err != nil || err2 != nil || n < 0 || !p.LogPosition.IsZero() {
		return position{}, false, joblog.ErrPosition
	}
	return position{batch.Time(milliseconds), n}, true, nil
}

// behind is the position behind one more event, which is the next one after p.
func (p position) behind(at batch.Time) position {
	if at == p.at {
		return position{at, p.count + 1}
	}
	return position{at, 1}
}
