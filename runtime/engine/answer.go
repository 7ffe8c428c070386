package engine

import (
	"context"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// answer has the machine answer the queries of a round. It comes last: nobody waits for a query but who asked, and
// what the machine knows by then is durable. It returns false when the engine has to halt.
func (l *loop) answer(ctx context.Context, queries []*ask) bool {
	for i, q := range queries {
		now := l.clock.now()
		if now.Before(l.restUntil) {
			q.refuse(errResting())
			continue
		}
		if broken := l.answerOne(now, q); broken != nil {
			refuseAll(queries[i:], l.unavailable(broken))
			return l.afterQueryFault(ctx, broken)
		}
		q.settle()
	}
	return true
}

func (l *loop) answerOne(now time.Time, q *ask) (broken *fault) {
	defer catch(&broken)
	q.reply, q.err = l.machine.Answer(now, q.query)
	return nil
}

// afterQueryFault deals with a law that a query broke. Nothing was to be changed, but a question with imaginary
// input may have been left half undone, so the machine is made anew. Scheduling does not halt for a question, however
// often it is repeated: queries rest instead.
func (l *loop) afterQueryFault(ctx context.Context, broken *fault) bool {
	l.log.Error("a query broke a law of the scheduler", "law", broken.text, "stack", string(broken.stack))
	l.restUntil = l.clock.now().Add(queryRest)
	return l.afterFailure(ctx, turn{}, &batch.Delta{}, broken)
}

func errResting() *batch.Error {
	return batch.Errorf(batch.Unavailable, "answering an earlier question broke a law of the scheduler, so none is answered for %s; jobs go on: try again later, and please report what the log of the runtime says", queryRest)
}
