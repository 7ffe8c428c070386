package api

import (
	"fmt"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// TestAPlanNamesTheJobsWithMostPoints joins points of more submissions than a plan names.
func TestAPlanNamesTheJobsWithMostPoints(t *testing.T) {
	var points []sched.JoinedPoint
	for job := range wire.MaxPlannedJobs + 3 {
		for index := range job + 1 {
			points = append(points, sched.JoinedPoint{Job: batch.JobID(fmt.Sprintf("job%02d:%d", job, index)), Runs: index == 0})
		}
	}
	named, more := joinsTo(points)
	if len(named) != wire.MaxPlannedJobs || more != 3 {
		t.Fatalf("%d are named and %d more there: %v", len(named), more, named)
	}
	if want := (wire.PlannedJoin{JobID: "job12", Points: 13, Running: 1}); named[0] != want {
		t.Errorf("the first is %+v, want %+v", named[0], want)
	}
	if want := (wire.PlannedJoin{JobID: "job03", Points: 4, Running: 1}); named[len(named)-1] != want {
		t.Errorf("the last is %+v, want %+v", named[len(named)-1], want)
	}
	if named, more := joinsTo(nil); len(named) != 0 || more != 0 {
		t.Errorf("without any: %v, %d", named, more)
	}
}
