package wire

import (
	"fmt"
	"time"
)

// PlanJobResponse says what would become of a submission, which is the request. One that would be refused
// is answered with that error.
type PlanJobResponse struct {
	// Placeable reports whether it could ever run as things are. Code, Sentence and Remedy say why not, or
	// why it would wait; they are absent if it would start at once.
	Placeable bool   `json:"placeable"`
	Code      string `json:"code,omitempty"`
	Sentence  string `json:"sentence,omitempty"`
	Remedy    string `json:"remedy,omitempty"`
	Runs      int32  `json:"runs"`   // jobs or children that would run
	Reused    int32  `json:"reused"` // those that would take a result that is there
	Joins     int32  `json:"joins"`  // of Runs, those that another submission has or runs too, so that they run once
	// ReusedFrom are the submissions whose results would be taken, and JoinsTo those whose points would be waited for: those with
	// most points first, [MaxPlannedJobs] at most. MoreReusedFrom and MoreJoinsTo are how many others there are.
	ReusedFrom     []PlannedSource `json:"reusedFrom,omitzero"`
	MoreReusedFrom int32           `json:"moreReusedFrom,omitempty"`
	JoinsTo        []PlannedJoin   `json:"joinsTo,omitzero"`
	MoreJoinsTo    int32           `json:"moreJoinsTo,omitempty"`
	Waits          int32           `json:"waits"` // of Runs, those that would not start at once
	Position       int64           `json:"position,omitempty"`
	// ExpectedStart of the first, ExpectedEnd of the last, in ms; absent if nothing can be said.
	ExpectedStart int64 `json:"expectedStart,omitempty"`
	ExpectedEnd   int64 `json:"expectedEnd,omitempty"`
	// DurationSeconds is how long one attempt is expected to run.
	DurationSeconds int64  `json:"durationSeconds,omitempty"`
	Basis           string `json:"basis,omitempty"`
	// ContentKey is the hash of what determines the results, as DescribeJobs would say it; absent if the content of an image
	// that the submission depends on is not known.
	ContentKey string `json:"contentKey,omitempty"`
	// Adopts is the job that the submission would adopt instead of making one.
	Adopts string `json:"adopts,omitempty"`
}

// PlannedSource is a submission whose results would be taken, for this many points.
type PlannedSource struct {
	JobID   string `json:"jobId"`
	Points  int32  `json:"points"`
	EndedAt int64  `json:"endedAt,omitempty"` // when the last job of these results ended, in ms; absent if that is not known
}

func (s PlannedSource) String() string {
	text := pointsOf(s.Points, s.JobID)
	if s.EndedAt != 0 {
		text += ", which ended at " + time.UnixMilli(s.EndedAt).UTC().Format(time.RFC3339)
	}
	return text
}

// PlannedJoin is a submission that has this many of the same points. Running of them run, the others wait as well.
type PlannedJoin struct {
	JobID   string `json:"jobId"`
	Points  int32  `json:"points"`
	Running int32  `json:"running"`
}

func (j PlannedJoin) String() string {
	state := fmt.Sprintf("%d of them running", j.Running)
	switch j.Running {
	case 0:
		state = "waiting"
	case j.Points:
		state = "running"
	}
	return pointsOf(j.Points, j.JobID) + " (" + state + ")"
}

// pointsOf says how many points of a job are meant.
func pointsOf(n int32, job string) string {
	if n == 1 {
		return "1 point of job " + job
	}
	return fmt.Sprintf("%d points of job %s", n, job)
}
