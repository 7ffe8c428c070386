package events

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/describe"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// version is that of the envelope.
const version = "0"

// names is what ids of events are made in: the same line gives the same id.
var names = uuid.NewSHA1(uuid.NameSpaceURL, []byte("batchd:event"))

// tagResource is the member that EventBridge adds to the tags of a job.
const tagResource = "resourceArn"

// describe makes the events that tell of what was found.
func (s *Source) describe(ctx context.Context, r store.Reader, found []happening) ([]wire.Event, error) {
	if len(found) == 0 {
		return nil, nil
	}
	jobs := make([]batch.Job, len(found))
	for i := range found {
		jobs[i] = found[i].job
	}
	details, err := describe.Details(ctx, r, s.Place, jobs)
	if err != nil {
		return nil, fmt.Errorf("events: describing jobs: %w", err)
	}
	told := make([]wire.Event, len(found))
	for i := range found {
		told[i] = s.event(&found[i], details[i])
	}
	return told, nil
}

func (s *Source) event(h *happening, detail wire.JobDetail) wire.Event {
	arn := s.Place.ARN(batch.ResourceJob, string(h.job.ID))
	tags := map[string]string{tagResource: arn}
	maps.Copy(tags, detail.Tags)
	detail.Tags = tags
	e := wire.Event{
		Version: version, ID: idOf(h), DetailType: wire.EventStateChange, Source: wire.EventSource, Account: s.Place.Account,
		Time: h.line.At.Std().Format(time.RFC3339), Region: s.Place.Region, Resources: []string{arn}, Detail: detail,
		Batchd: &wire.EventExtension{Sequence: h.line.Seq, Time: int64(h.line.At), PreviousStatus: h.line.From.String()},
	}
	switch h.line.Kind {
	case batch.Blocked:
		e.DetailType = wire.EventQueueBlocked
		e.Resources = append(e.Resources, s.Place.ARN(batch.ResourceQueue, h.job.QueueName))
	case batch.OfUnborn:
		e.Batchd.Children = h.line.To.String()
	case batch.OfJob:
	}
	return e
}

// idOf is the id of an event: that of its line, and of the job, because lines of another runtime have the same numbers
// and a line may stand for many children.
func idOf(h *happening) string {
	return uuid.NewSHA1(names, []byte(strconv.FormatInt(h.line.Seq, 10)+"/"+string(h.job.ID))).String()
}
