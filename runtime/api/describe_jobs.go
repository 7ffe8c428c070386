package api

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

func (s *server) describeJobs(ctx context.Context, _ call, q *wire.DescribeJobsRequest) (wire.DescribeJobsResponse, error) {
	ids := make([]batch.JobID, len(q.Jobs))
	for i, id := range q.Jobs {
		ids[i] = jobID(id)
	}
	answer := wire.DescribeJobsResponse{Jobs: []wire.JobDetail{}}
	jobs, err := s.Store.Jobs(ctx, ids)
	if err != nil {
		return answer, err
	}
	rows, err := s.rowsOf(ctx, jobs)
	if err != nil {
		return answer, err
	}
	for _, j := range jobs {
		detail, err := s.jobDetail(ctx, j, rows)
		if err != nil {
			return answer, err
		}
		answer.Jobs = append(answer.Jobs, detail)
	}
	return answer, nil
}

// jobRows are the rows beside those of jobs that describe them.
type jobRows struct {
	specs       map[batch.JobID]batch.Spec
	definitions map[batch.DefinitionRef]batch.Definition
	attempts    map[batch.JobID][]batch.Attempt
	results     map[batch.AttemptID][]byte
	tags        map[string]map[string]string
	arrays      map[batch.JobID]batch.Job // of the children among them
}

func (s *server) rowsOf(ctx context.Context, jobs []batch.Job) (jobRows, error) {
	var r jobRows
	var ids, roots, parents []batch.JobID
	var refs []batch.DefinitionRef
	var results []batch.AttemptID
	var tagged []string
	for _, j := range jobs {
		ids, roots = append(ids, j.ID), append(roots, j.ID.Root())
		refs = append(refs, j.Definition)
		if j.Result.Number > 0 {
			results = append(results, j.Result)
		}
		if parent, _, child := j.Parent(); child {
			parents = append(parents, parent)
		} else {
			tagged = append(tagged, batch.ResourceJob+"/"+string(j.ID))
		}
	}
	var err error
	if r.specs, err = s.Store.Specs(ctx, roots); err != nil {
		return r, err
	}
	if r.attempts, err = s.Store.Attempts(ctx, ids); err != nil {
		return r, err
	}
	if r.results, err = s.Store.Results(ctx, results); err != nil {
		return r, err
	}
	if r.tags, err = s.Store.Tags(ctx, tagged); err != nil {
		return r, err
	}
	arrays, err := s.Store.Jobs(ctx, parents)
	if err != nil {
		return r, err
	}
	r.arrays = make(map[batch.JobID]batch.Job, len(arrays))
	for _, a := range arrays {
		r.arrays[a.ID] = a
	}
	definitions, err := s.Store.Definitions(ctx, store.DefinitionQuery{Refs: refs})
	if err != nil {
		return r, err
	}
	r.definitions = make(map[batch.DefinitionRef]batch.Definition, len(definitions))
	for _, d := range definitions {
		r.definitions[d.Ref()] = d
	}
	return r, nil
}

func (s *server) jobDetail(ctx context.Context, j batch.Job, rows jobRows) (wire.JobDetail, error) {
	spec := rows.specs[j.ID.Root()]
	point, err := s.pointOf(ctx, j, rows)
	if err != nil {
		return wire.JobDetail{}, err
	}
	parameters := spec.EffectiveParameters(point)
	if parameters == nil {
		parameters = map[string]string{}
	}
	d := wire.JobDetail{
		JobArn: s.Place.ARN(batch.ResourceJob, string(j.ID)), JobID: string(j.ID), JobName: j.Name,
		JobQueue: s.Place.ARN(batch.ResourceQueue, j.QueueName), JobDefinition: s.Place.ARN(batch.ResourceDefinition, j.Definition.String()),
		Status: j.Status.String(), StatusReason: j.StatusReason, CreatedAt: int64(j.CreatedAt), StartedAt: int64(j.StartedAt), StoppedAt: int64(j.StoppedAt),
		Attempts: s.attemptDetails(j, rows.attempts[j.ID]), DependsOn: dependencies(j), Parameters: parameters,
		RetryStrategy: retryDetail(spec.Retry), ArrayProperties: arrayDetail(j), PropagateTags: spec.PropagateTags,
		IsCancelled: j.Cancelled, IsTerminated: j.Terminated, Tags: rows.tags[batch.ResourceJob+"/"+string(j.ID)],
		PlatformCapabilities: []string{"EC2"},
	}
	if spec.Timeout > 0 {
		seconds := int32(spec.Timeout.Seconds())
		d.Timeout = &wire.JobTimeout{AttemptDurationSeconds: &seconds}
	}
	if d.Container, err = s.containerDetail(j, spec, parameters, rows.definitions[j.Definition]); err != nil {
		return d, err
	}
	d.Batchd = &wire.JobDetailExtension{
		Parameters: point, Inputs: spec.Inputs, Result: rows.results[j.Result], ReusedFrom: string(j.ReusedFrom), ContentKey: j.ContentKey,
	}
	if attempts := rows.attempts[j.ID]; len(attempts) > 0 {
		last := attempts[len(attempts)-1]
		d.Batchd.Usage, d.Batchd.Host = usage(last), last.Host
	}
	if j.Run != nil {
		d.Batchd.Host = j.Run.Host
	}
	return d, nil
}

// pointOf returns the parameters that the child of a sweep has of its own.
func (s *server) pointOf(ctx context.Context, j batch.Job, rows jobRows) (map[string]string, error) {
	parent, index, child := j.Parent()
	if array := rows.arrays[parent]; !child || array.Array == nil || !array.Array.Points {
		return nil, nil
	}
	points, err := s.Store.Points(ctx, parent, index, 1)
	if err != nil || len(points) == 0 {
		return nil, err
	}
	return points[0], nil
}

func dependencies(j batch.Job) []wire.JobDependency {
	all := []wire.JobDependency{}
	for _, d := range j.DependsOn {
		id := string(d.Job)
		all = append(all, wire.JobDependency{JobID: &id})
	}
	return all
}

func retryDetail(r batch.Retry) *wire.RetryStrategy {
	attempts := max(r.Attempts, 1)
	detail := &wire.RetryStrategy{Attempts: &attempts, EvaluateOnExit: []wire.EvaluateOnExit{}}
	for _, rule := range r.Rules {
		action := "EXIT"
		if rule.Retry {
			action = "RETRY"
		}
		detail.EvaluateOnExit = append(detail.EvaluateOnExit, wire.EvaluateOnExit{
			Action: action, OnExitCode: some(rule.OnExitCode), OnReason: some(rule.OnReason), OnStatusReason: some(rule.OnStatusReason),
		})
	}
	return detail
}

// some returns a pointer to text, nil if it is empty.
func some(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func arrayDetail(j batch.Job) *wire.ArrayPropertiesDetail {
	if _, index, child := j.Parent(); child {
		return &wire.ArrayPropertiesDetail{Index: &index}
	}
	if j.Array == nil {
		return nil
	}
	d := &wire.ArrayPropertiesDetail{Size: &j.Size, StatusSummary: map[string]int32{}, StatusSummaryLastUpdatedAt: int64(max(j.Array.Unborn.At, j.StoppedAt, j.CreatedAt))}
	for _, status := range batch.Statuses() {
		d.StatusSummary[status.String()] = j.Array.Counts[status]
	}
	return d
}

func usage(a batch.Attempt) *wire.Usage {
	if a.StartedAt == 0 {
		return nil
	}
	return &wire.Usage{CPUMillis: a.Usage.CPUMillis, MaxRSSKiB: a.Usage.MaxRSSKiB, WallMillis: int64(a.StoppedAt - a.StartedAt)}
}

func (s *server) attemptDetails(j batch.Job, attempts []batch.Attempt) []wire.AttemptDetail {
	all := make([]wire.AttemptDetail, 0, len(attempts))
	for _, a := range attempts {
		all = append(all, wire.AttemptDetail{
			StartedAt: int64(a.StartedAt), StoppedAt: int64(a.StoppedAt), StatusReason: a.StatusReason,
			Container: &wire.AttemptContainerDetail{
				ContainerInstanceArn: s.instanceARN(a.Environment, a.Host), TaskArn: s.taskARN(a.Environment, a.ID),
				ExitCode: a.ExitCode, Reason: a.Reason, LogStreamName: logStream(j, a.ID),
			},
			Batchd: &wire.AttemptExtension{Usage: usage(a), Host: a.Host},
		})
	}
	return all
}

// containerDetail is the definition's container with what the submission resolved it to.
func (s *server) containerDetail(j batch.Job, spec batch.Spec, parameters map[string]string, definition batch.Definition) (*wire.ContainerDetail, error) {
	var document struct {
		ContainerProperties *wire.ContainerProperties `json:"containerProperties"`
	}
	if len(definition.Body) > 0 {
		if err := json.Unmarshal(definition.Body, &document); err != nil {
			return nil, fmt.Errorf("stored job definition %s: %w", j.Definition, err)
		}
	}
	d := &wire.ContainerDetail{ExitCode: j.ExitCode, Reason: j.Reason}
	if document.ContainerProperties != nil {
		d.ContainerProperties = *document.ContainerProperties
	}
	d.Command = batch.ResolveCommand(spec.Container.Command, parameters)
	if d.Command == nil {
		d.Command = []string{}
	}
	d.Environment = []wire.KeyValuePair{}
	for _, v := range spec.Container.Environment {
		d.Environment = append(d.Environment, wire.KeyValuePair(v))
	}
	d.Vcpus, d.Memory = nil, nil
	d.ResourceRequirements = requirements(spec.Container.Shape)
	if run := j.Run; run != nil {
		d.TaskArn, d.ContainerInstanceArn = s.taskARN(run.Environment, j.AttemptID()), s.instanceARN(run.Environment, run.Host)
	}
	if j.Status == batch.Running || j.Status.Terminal() && j.Attempt > 0 {
		d.LogStreamName = logStream(j, j.AttemptID())
	}
	return d, nil
}

func requirements(s batch.Shape) []wire.ResourceRequirement {
	list := []wire.ResourceRequirement{{Type: wire.ResourceVCPU, Value: strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%d.%03d", s.MilliCPU/1000, s.MilliCPU%1000), "0"), ".")}}
	if s.MemoryMiB > 0 {
		list = append(list, wire.ResourceRequirement{Type: wire.ResourceMemory, Value: strconv.FormatInt(s.MemoryMiB, 10)})
	}
	if s.GPUs > 0 {
		list = append(list, wire.ResourceRequirement{Type: wire.ResourceGPU, Value: strconv.FormatInt(s.GPUs, 10)})
	}
	return list
}

// taskID is the name under which clients know an attempt; it reads back to the attempt.
func taskID(a batch.AttemptID) string {
	id := strings.ReplaceAll(string(a.Job), "-", "")
	return strings.ReplaceAll(id, ":", "-") + "-" + strconv.Itoa(int(a.Number))
}

func (s *server) taskARN(environment string, a batch.AttemptID) string {
	return "arn:aws:ecs:" + s.Place.Region + ":" + s.Place.Account + ":task/" + environment + "_Batch/" + taskID(a)
}

func (s *server) instanceARN(environment, host string) string {
	return "arn:aws:ecs:" + s.Place.Region + ":" + s.Place.Account + ":container-instance/" + environment + "_Batch/" + host
}

// logStream names the log of an attempt in AWS's form.
func logStream(j batch.Job, a batch.AttemptID) string {
	return j.Definition.Name + "/default/" + taskID(a)
}
