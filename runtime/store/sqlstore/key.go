package sqlstore

import (
	"fmt"
	"hash/fnv"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// key names a job by numbers: the number of its submission, then 1 + its index in the
// array or multi-node job, or 0 for the submission itself. Keys of one array are neighbours
// in its order, and cost a few bytes where ids cost forty.
type key = int64

func submissionKey(seq int64) key { return seq << indexBits }

func partKey(seq int64, index int32) key { return seq<<indexBits | (int64(index) + 1) }

// splitKey returns the submission's number and the index; -1 of the submission itself.
func splitKey(k key) (seq int64, index int32) {
	return k >> indexBits, int32(k&(1<<indexBits-1)) - 1
}

// maxSeq is the largest number of a submission whose keys, and the key after the last of them, are numbers of 64 bits.
const maxSeq = 1<<(63-indexBits) - 2

func checkSeq(j *batch.Job) error {
	if j.Seq < 1 || j.Seq > maxSeq {
		return fmt.Errorf("job %s: seq is %d, want 1 to %d", j.ID, j.Seq, int64(maxSeq))
	}
	if j.Size < 0 || int64(j.Size) >= 1<<indexBits {
		return fmt.Errorf("job %s: size is %d, want 0 to %d", j.ID, j.Size, 1<<indexBits-1)
	}
	if j.Nodes != nil && (j.Size > 0 || j.Nodes.Count < 0 || int64(j.Nodes.Count) >= 1<<indexBits) {
		return fmt.Errorf("job %s: it is an array of %d and has %d nodes, want one of the two and at most %d",
			j.ID, j.Size, j.Nodes.Count, 1<<indexBits-1)
	}
	return nil
}

// contentHash is what content keys are looked up by: nil unless j succeeded under one.
// Rows found by it are compared with the key itself.
func contentHash(j *batch.Job) any {
	if j.Status != batch.Succeeded || j.ContentKey == "" {
		return nil
	}
	return hashOf(j.ContentKey)
}

func hashOf(contentKey string) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(contentKey))
	return int64(h.Sum64())
}
