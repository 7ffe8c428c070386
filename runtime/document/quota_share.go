package document

import (
	"encoding/json"
	"fmt"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// QuotaShare returns the row of a quota share that has d as its document. Its queue is named by its name: see [Queue].
func QuotaShare(place batch.Place, d wire.QuotaShareDetail) (batch.QuotaShare, error) {
	d.JobQueueArn = place.NameOf(batch.ResourceQueue, d.JobQueueArn)
	body, err := json.Marshal(d)
	if err != nil {
		return batch.QuotaShare{}, fmt.Errorf("storing the quota share: %w", err)
	}
	return batch.QuotaShare{Queue: d.JobQueueArn, Name: d.QuotaShareName, State: stateOf(d.State), Body: body}, nil
}

// OfQuotaShare returns the document of a row. Its state is that of the row, which documents of earlier versions do not follow.
func OfQuotaShare(q *batch.QuotaShare) (wire.QuotaShareDetail, error) {
	var d wire.QuotaShareDetail
	if err := json.Unmarshal(q.Body, &d); err != nil {
		return d, fmt.Errorf("stored quota share %s of job queue %s: %w", q.Name, q.Queue, err)
	}
	d.QuotaShareName, d.JobQueueArn, d.State = q.Name, q.Queue, string(q.State)
	return d, nil
}
