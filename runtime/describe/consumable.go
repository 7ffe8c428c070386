package describe

import (
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// ConsumableJob says of a job that needs a consumable resource what a list of these does.
func ConsumableJob(place batch.Place, j batch.Job, resource string) wire.ConsumableResourceJob {
	needs := needsOfJob(j)
	job := wire.ConsumableResourceJob{
		JobArn: place.ARN(batch.ResourceJob, string(j.ID)), JobQueueArn: place.ARN(batch.ResourceQueue, j.QueueName), JobName: j.Name,
		JobDefinitionArn: place.ARN(batch.ResourceDefinition, j.Definition.String()), ShareIdentifier: j.Share,
		JobStatus: j.Status.String(), StatusReason: j.StatusReason, StartedAt: int64(j.StartedAt), CreatedAt: int64(j.CreatedAt),
	}
	if p := needsDetail(place, needs); p != nil {
		job.ConsumableResourceProperties = *p
	}
	for _, n := range needs {
		if n.Resource == resource {
			job.Quantity = n.Quantity
		}
	}
	return job
}

// needsOfJob returns what one attempt of a job needs; of a multi-node job, what all of its nodes do.
func needsOfJob(j batch.Job) []batch.Need {
	if j.Nodes == nil {
		return j.Needs
	}
	var needs []batch.Need
	at := map[string]int{}
	add := func(n batch.Need, times int64) {
		i, known := at[n.Resource]
		if !known {
			i = len(needs)
			at[n.Resource] = i
			needs = append(needs, batch.Need{Resource: n.Resource})
		}
		needs[i].Quantity += n.Quantity * times
	}
	for _, n := range j.Needs {
		add(n, 1)
	}
	for _, r := range j.Nodes.Ranges {
		for _, n := range r.Needs {
			add(n, int64(r.To-r.From+1))
		}
	}
	return needs
}

// needsDetail describes what a job needs of consumable resources, which are named by ARN; nil if it needs none.
func needsDetail(place batch.Place, needs []batch.Need) *wire.ConsumableResourceProperties {
	if len(needs) == 0 {
		return nil
	}
	p := &wire.ConsumableResourceProperties{}
	for _, n := range needs {
		arn := place.ARN(batch.ResourceConsumable, n.Resource)
		p.ConsumableResourceList = append(p.ConsumableResourceList, wire.ConsumableResourceRequirement{ConsumableResource: &arn, Quantity: &n.Quantity})
	}
	return p
}
