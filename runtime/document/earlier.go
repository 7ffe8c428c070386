package document

import "github.com/batchd/terraform-provider-batch/runtime/batch"

// Reread returns rows of earlier versions of the service, which have no revision, with all that is made from their documents today. The
// others are left out.
func Reread(environments []batch.Environment) (batch.Delta, error) {
	var d batch.Delta
	for _, e := range environments {
		if e.Revision > 0 {
			continue
		}
		asked, err := OfEnvironment(&e)
		if err != nil {
			return batch.Delta{}, err
		}
		made, err := Environment(asked)
		if err != nil {
			return batch.Delta{}, err
		}
		e.Revise(&made)
		d.Environments = append(d.Environments, e)
	}
	return d, nil
}
