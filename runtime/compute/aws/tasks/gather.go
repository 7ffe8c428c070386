package tasks

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/wrapper"
)

// wrappedLines is the filter pattern of CloudWatch Logs for the lines of the wrapper.
const wrappedLines = `"::batchd:"`

// gathering is the search for the result of an attempt that has ended. Its members but done belong to the goroutine that gathers.
type gathering struct {
	*wrapper.Decoder
	group, stream string
	stopped       batch.Time
	begun         time.Time
	patience      time.Duration // for lines that come late
	tries         int
	err           error         // of the last try
	done          chan struct{} // closed when it is over
}

// over reports whether nothing more is to be waited for.
func (g *gathering) over() bool {
	waited := time.Since(g.begun)
	return g.Complete() || waited > resultGiveUp || waited > g.patience && g.tries > 0 && (g.err == nil || !passes(g.err))
}

// gather reads results out of the logs of attempts of c until c is not watched any more. A call reads a hundred logs, since an account may read
// a log twenty-five times a second only, and twice as many attempts may end.
func (r *Runner) gather(ctx context.Context, c *cluster) {
	for again := false; c.ring(ctx, again); {
		r.mu.Lock()
		pending := slices.Clone(c.gatherings)
		r.mu.Unlock()
		slices.SortStableFunc(pending, func(a, b *gathering) int { return int(a.stopped - b.stopped) })
		for len(pending) > 0 {
			var some []*gathering
			some, pending = sameGroup(pending)
			r.gatherSome(ctx, c, some)
		}
		r.mu.Lock()
		c.gatherings = slices.DeleteFunc(c.gatherings, func(g *gathering) bool {
			over := g.over()
			if over {
				close(g.done)
			}
			return over
		})
		again = len(c.gatherings) > 0
		r.mu.Unlock()
	}
}

// ring waits until an attempt has ended whose result is wanted, or, again, until it is time to look once more. It reports false if c is not watched
// any more or ctx has ended.
func (c *cluster) ring(ctx context.Context, again bool) bool {
	var later <-chan time.Time
	if again {
		timer := time.NewTimer(resultEvery)
		defer timer.Stop()
		later = timer.C
	}
	select {
	case <-ctx.Done():
		return false
	case <-c.gone:
		return false
	case <-c.bell:
	case <-later:
	}
	return true
}

// sameGroup divides pending into those that one call reads, which are of one log group, and the rest.
func sameGroup(pending []*gathering) (some, rest []*gathering) {
	for _, g := range pending {
		if g.group == pending[0].group && len(some) < perCall {
			some = append(some, g)
		} else {
			rest = append(rest, g)
		}
	}
	return some, rest
}

// gatherSome reads what the wrappers of attempts have printed. Before an attempt has printed anything its stream does not exist, and spoils a
// call for many.
func (r *Runner) gatherSome(ctx context.Context, c *cluster, some []*gathering) {
	err := r.filter(ctx, c, some)
	var missing *types.ResourceNotFoundException
	if errors.As(err, &missing) && len(some) > 1 {
		for _, g := range some {
			r.gatherSome(ctx, c, []*gathering{g})
		}
		return
	}
	for _, g := range some {
		g.err = err
		g.tries++
	}
}

// filter reads the wrapper's lines of some logs of one group.
func (r *Runner) filter(ctx context.Context, c *cluster, some []*gathering) error {
	byStream := make(map[string]*gathering, len(some))
	in := &cloudwatchlogs.FilterLogEventsInput{LogGroupName: aws.String(some[0].group), FilterPattern: aws.String(wrappedLines)}
	first := some[0].stopped
	for _, g := range some {
		byStream[g.stream] = g
		in.LogStreamNames = append(in.LogStreamNames, g.stream)
		first = min(first, g.stopped)
	}
	in.StartTime = aws.Int64(max(int64(first.Add(-printedBefore)), 0))
	pages := cloudwatchlogs.NewFilterLogEventsPaginator(r.clients(c).Logs, in)
	for pages.HasMorePages() {
		page, err := r.filterPage(ctx, pages)
		if err != nil {
			return err
		}
		for _, event := range page.Events {
			if g := byStream[aws.ToString(event.LogStreamName)]; g != nil {
				g.Take(aws.ToString(event.Message))
			}
		}
	}
	return nil
}

func (r *Runner) filterPage(ctx context.Context, pages *cloudwatchlogs.FilterLogEventsPaginator) (*cloudwatchlogs.FilterLogEventsOutput, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return pages.NextPage(ctx)
}
