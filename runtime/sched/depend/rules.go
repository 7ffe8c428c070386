package depend

import (
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/bitset"
)

// Words of statusReason, in AWS's words where AWS has them.
const (
	Failed    = "Dependent Job failed"
	NotFailed = "Dependent Job did not fail"
)

// Breaks is why a job that depends on another in this way fails when the other is in status; empty if it does not.
func Breaks(kind batch.DependencyKind, status batch.Status) string {
	switch {
	case kind == batch.DependOnSuccess && status == batch.Failed:
		return Failed
	case kind == batch.DependAfterFailed && status == batch.Succeeded:
		return NotFailed
	default:
		return ""
	}
}

// BreaksAll is why a job with these dependencies fails when the job with that id has ended so; empty if it does not.
func BreaksAll(dependsOn []batch.Dependency, id batch.JobID, status batch.Status) string {
	for _, d := range dependsOn {
		if reason := Breaks(d.Kind, status); d.Job == id && reason != "" {
			return reason
		}
	}
	return ""
}

// CheckEntry refuses an entry of dependsOn of job id that breaks a rule by itself, whatever it names. Size is that of the array; 0 of any
// other job.
func CheckEntry(d batch.Dependency, id batch.JobID, size int32) error {
	_, _, isNode := d.Job.SplitNode()
	switch d.Kind {
	case batch.DependSequential:
		if d.Job != "" {
			return batch.Errorf(batch.InvalidRequest, "dependsOn: type SEQUENTIAL takes no jobId, and %s is given: child i waits for child i-1 of the same array; leave it out", d.Job)
		}
	case batch.DependOnSuccess, batch.DependNToN, batch.DependAfterAny, batch.DependAfterFailed:
	default:
		return batch.Errorf(batch.InvalidRequest, "dependsOn: type %q is not known; SEQUENTIAL, N_TO_N, AFTER_ANY and AFTER_FAILED are allowed, or none", d.Kind)
	}
	perChild := d.Kind == batch.DependSequential || d.Kind == batch.DependNToN
	switch {
	case perChild && size == 0:
		return batch.Errorf(batch.InvalidRequest, "dependsOn: type %s is for array jobs, and this job is not one; leave the type out or give arrayProperties.size", d.Kind)
	case d.Job == "" && d.Kind != batch.DependSequential:
		return batch.Errorf(batch.InvalidRequest, "dependsOn: an entry has no jobId; only type SEQUENTIAL goes without")
	case d.Job != "" && d.Job.Root() == id:
		return batch.Errorf(batch.InvalidRequest, "dependsOn: job %s would wait for itself", d.Job)
	case isNode:
		return batch.Errorf(batch.InvalidRequest, "dependsOn: %s is a node; name its job, %s", d.Job, d.Job.Root())
	}
	return nil
}

// CheckPair refuses an N_TO_N dependency of an array of that size on row, which is not an array or one of another size.
func CheckPair(row *batch.Job, size int32) error {
	switch {
	case row.Array == nil:
		return batch.Errorf(batch.InvalidRequest, "dependsOn: job %s is not an array, so type N_TO_N cannot wait for its children; leave the type out", row.ID)
	case row.Size != size:
		return batch.Errorf(batch.InvalidRequest, "dependsOn: job %s has %d children and this array %d; type N_TO_N needs as many", row.ID, row.Size, size)
	default:
		return nil
	}
}

// FailedOf is the set of the children of an ended array that have failed; ok is false if rows are not all the rows that its children
// have.
func FailedOf(array *batch.Job, rows []batch.Job) (set bitset.Mask, ok bool) {
	set = bitset.NewMask(array.Size)
	if array.Array.Unborn.Status == batch.Failed {
		set = bitset.FullMask(array.Size)
	}
	for i := range rows {
		_, index, _ := rows[i].Parent()
		set.Remove(index)
		if rows[i].Status == batch.Failed {
			set.Add(index)
		}
	}
	return set, set.Len() == array.Array.Counts[batch.Failed]
}
