package describe

import (
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// AWS shows the ECS cluster, task and container instance behind an environment, an attempt and a host, and clients expect
// their names. These are made of ours.

// ClusterARN names the cluster of a compute environment.
func ClusterARN(p batch.Place, environment string) string {
	return ecsARN(p, "cluster", environment, "")
}

// TaskARN names the task of an attempt.
func TaskARN(p batch.Place, environment string, a batch.AttemptID) string {
	return ecsARN(p, "task", environment, "/"+TaskID(a))
}

// ContainerARN names the container of an attempt.
func ContainerARN(p batch.Place, environment string, a batch.AttemptID) string {
	return ecsARN(p, "container", environment, "/"+TaskID(a)+"/"+ContainerName)
}

// InstanceARN names the container instance of a host.
func InstanceARN(p batch.Place, environment, host string) string {
	return ecsARN(p, "container-instance", environment, "/"+host)
}

func ecsARN(p batch.Place, kind, environment, rest string) string {
	return "arn:aws:ecs:" + p.Region + ":" + p.Account + ":" + kind + "/" + environment + "_Batch" + rest
}

// ContainerName is what AWS Batch calls the container of a job.
const ContainerName = "default"

// nodeMark begins the index of a node in the name of its attempts.
const nodeMark = "n"

// TaskID is the name under which clients know an attempt: the job's id without its hyphens, the index
// of a child, or of a node behind an n, and the number of the attempt, with hyphens between them.
// [ParseTaskID] reads it.
func TaskID(a batch.AttemptID) string {
	id := strings.ReplaceAll(string(a.Job), "-", "")
	return strings.NewReplacer(":", "-", "#", "-"+nodeMark).Replace(id) + "-" + strconv.Itoa(int(a.Number))
}

// ParseTaskID is the inverse of [TaskID].
func ParseTaskID(text string) (batch.AttemptID, bool) {
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
	return attempt, err == nil && part == (len(parts) == 3) && TaskID(attempt) == text
}
