package api

import (
	"errors"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// revise calls try, which reads what is stored, changes it and gives it to the scheduler, until nobody else has changed it meanwhile. The
// noun names it in the error of one that keeps changing, for example "job queue high".
func revise(noun string, try func() error) error {
	for range maxUpdateTries {
		if err := try(); !errors.Is(err, batch.ErrStale) {
			return err
		}
	}
	return batch.Errorf(batch.Unavailable, "%s keeps changing; try again", noun)
}
