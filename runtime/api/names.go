package api

import (
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// AWS shows the ECS cluster, task and container instance behind an environment, an attempt and a host,
// and clients expect their names. These are made of ours.

func (s *server) ecsARN(resource, name string) string {
	return "arn:aws:ecs:" + s.Place.Region + ":" + s.Place.Account + ":" + resource + "/" + name
}

func (s *server) clusterARN(environment string) string {
	return s.ecsARN("cluster", environment+"_Batch")
}

func (s *server) taskARN(environment string, a batch.AttemptID) string {
	return s.ecsARN("task", environment+"_Batch/"+taskID(a))
}

func (s *server) instanceARN(environment, host string) string {
	return s.ecsARN("container-instance", environment+"_Batch/"+host)
}

// nodeMark begins the index of a node in the name of its attempts.
const nodeMark = "n"

// taskID is the name under which clients know an attempt: the job's id without its hyphens, the index
// of a child, or of a node behind an n, and the number of the attempt, with hyphens between them.
// [parseTaskID] reads it.
func taskID(a batch.AttemptID) string {
	id := strings.ReplaceAll(string(a.Job), "-", "")
	return strings.NewReplacer(":", "-", "#", "-"+nodeMark).Replace(id) + "-" + strconv.Itoa(int(a.Number))
}

// parseTaskID is the inverse of [taskID].
func parseTaskID(text string) (batch.AttemptID, bool) {
	parts := strings.Split(text, "-")
	if len(parts) < 2 || len(parts) > 3 {
		return batch.AttemptID{}, false
	}
	root, err := uuid.Parse(parts[0])
	if err != nil {
		return batch.AttemptID{}, false
	}
	id := root.String()
	if len(parts) == 3 {
		if index, node := strings.CutPrefix(parts[1], nodeMark); node {
			id += "#" + index
		} else {
			id += ":" + parts[1]
		}
	}
	attempt, err := batch.ParseAttemptID(id + "/" + parts[len(parts)-1])
	_, _, part := attempt.Job.Part()
	return attempt, err == nil && part == (len(parts) == 3) && taskID(attempt) == text
}

// jobResource names a job as tags do.
func jobResource(id batch.JobID) string { return batch.ResourceJob + "/" + string(id) }
