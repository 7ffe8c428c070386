package cli

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// shownSources is how many jobs wait names whose results were reused.
const shownSources = 5

// reusedCount is how many results of j, a job or an array, are those of other jobs.
func reusedCount(j wire.JobDetail) int32 {
	switch {
	case j.Batchd == nil:
		return 0
	case j.Batchd.ReusedFrom != "":
		return 1
	default:
		return j.Batchd.Counts[wire.CountReused]
	}
}

// source is a submission whose results were reused.
type source struct {
	job   string
	count int
	at    int64 // when the last job of them ended, in ms; 0 if that is not known
}

func (s source) String() string {
	text := "1 result is"
	if s.count > 1 {
		text = fmt.Sprintf("%d results are", s.count)
	}
	text += " reused from job " + s.job
	if s.at != 0 {
		text += ", which ended at " + moment(s.at)
	}
	return text
}

// showReused says which results of a job are those of others. What cannot be read is left out.
func (r *root) showReused(ctx context.Context, runtime *client.Client, j wire.JobDetail) {
	if reusedCount(j) == 0 {
		return
	}
	results, err := runtime.AllResults(ctx, j.JobID)
	if err != nil {
		return
	}
	all := sources(results)
	for _, s := range all[:min(len(all), shownSources)] {
		fmt.Fprintf(r.stderr, "batchd: %s\n", s)
	}
	r.sayMore(len(all)-shownSources, fmt.Sprintf("'batchd describe --results %s' names the source of each", j.JobID))
}

// sources returns the submissions that results were reused from, those with most first.
func sources(results []wire.Result) []source {
	found := map[string]source{}
	for _, x := range results {
		if x.ReusedFrom == "" {
			continue
		}
		job, _, _ := strings.Cut(x.ReusedFrom, ":")
		s := found[job]
		found[job] = source{job, s.count + 1, max(s.at, x.ReusedAt)}
	}
	return slices.SortedFunc(maps.Values(found), func(a, b source) int {
		return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.job, b.job))
	})
}
