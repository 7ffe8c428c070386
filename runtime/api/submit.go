package api

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/auth"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/engine"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/submit"
)

func (s *server) submitJob(ctx context.Context, c call, q *wire.SubmitJobRequest) (wire.SubmitJobResponse, error) {
	command, err := s.submitOf(ctx, c, q)
	if err != nil {
		return wire.SubmitJobResponse{}, err
	}
	reply, err := engine.Do(ctx, s.Engine, command)
	if err != nil {
		return wire.SubmitJobResponse{}, s.denied(ctx, c, batch.ResourceDefinition+"/"+command.Definition.String(), err)
	}
	if reply.ID != command.ID { // an earlier job, which a token of the request names
		if err := s.mayEnd(ctx, c, reply.ID); err != nil {
			return wire.SubmitJobResponse{}, err
		}
	}
	answer := wire.SubmitJobResponse{
		JobArn: s.Place.ARN(batch.ResourceJob, string(reply.ID)), JobName: reply.Name, JobID: string(reply.ID),
	}
	if reply.Adopted {
		answer.Batchd = &wire.SubmitJobResponseExtension{Adopted: true}
	}
	return answer, nil
}

// submitOf turns a request into the command, if the caller may use the queue. The job's id is minted here, so that whatever
// happens to the answer, the store can say whether the job was accepted.
func (s *server) submitOf(ctx context.Context, c call, q *wire.SubmitJobRequest) (sched.SubmitJob, error) {
	if err := refuseUnsupported(q); err != nil {
		return sched.SubmitJob{}, err
	}
	command := sched.SubmitJob{
		Caller: c.caller,
		Request: submit.Request{
			ID: batch.JobID(uuid.NewString()), Name: q.JobName,
			Queue:      s.Place.NameOf(batch.ResourceQueue, q.JobQueue),
			Definition: s.Place.DefinitionRef(q.JobDefinition),
			Readable:   readable(ctx), Reach: s.reach(ctx),
			Parameters: q.Parameters, PropagateTags: q.PropagateTags, Tags: q.Tags, Token: c.invocation,
			Share: wire.Or(q.ShareIdentifier, ""), Priority: q.SchedulingPriorityOverride, Consumables: s.needsOf(q.ConsumableResourcePropertiesOverride),
		},
	}
	if q.ArrayProperties != nil {
		command.Size = wire.Or(q.ArrayProperties.Size, 0)
	}
	for _, d := range q.DependsOn {
		command.DependsOn = append(command.DependsOn, s.dependencyOf(d))
	}
	var err error
	if command.Overrides, err = overridesOf(q.ContainerOverrides); err != nil {
		return command, err
	}
	if command.Nodes, err = s.nodeOverridesOf(q.NodeOverrides); err != nil {
		return command, err
	}
	if q.RetryStrategy != nil {
		retry := retryOf(q.RetryStrategy)
		command.Retry = &retry
	}
	if q.Timeout != nil && q.Timeout.AttemptDurationSeconds != nil {
		timeout := timeoutOf(q.Timeout)
		command.Timeout = &timeout
	}
	stored := *q
	stored.Tags = nil
	if x := q.Batchd; x != nil {
		command.Points, command.Inputs, command.Reuse = x.Points, x.Inputs, x.Reuse
		command.Triggers, command.Script, command.Claim, command.Adopt = x.Triggers, x.Script, x.Claim, x.Adopt
		command.MaxConcurrency = wire.Or(x.MaxConcurrency, 0)
		command.FailOnResultError = x.OnResultError == wire.OnResultErrorFail
		if x.ClientToken != "" {
			command.Token = "client:" + x.ClientToken
		}
		without := *x
		without.Points = nil
		stored.Batchd = &without
	}
	if command.Body, err = json.Marshal(stored); err != nil {
		return command, fmt.Errorf("storing the submission: %w", err)
	}
	return command, s.mayUse(ctx, c, command.Queue)
}

// dependencyOf turns an entry of dependsOn into the domain's. SEQUENTIAL beside a job is after its success: one job is all
// that there is to wait for.
func (s *server) dependencyOf(d wire.JobDependency) batch.Dependency {
	dependency := batch.Dependency{Job: s.jobID(wire.Or(d.JobID, "")), Kind: batch.DependencyKind(wire.Or(d.Type, ""))}
	if dependency.Kind == batch.DependSequential && dependency.Job != "" {
		dependency.Kind = batch.DependOnSuccess
	}
	return dependency
}

// readable returns patterns of the names of the queues whose results the caller may take; nil: every queue.
func readable(ctx context.Context) []string {
	id, _ := auth.IdentityOf(ctx)
	return id.Queues
}

// overridesOf turns containerOverrides, which may be absent, into the domain's.
func overridesOf(o *wire.ContainerOverrides) (submit.Overrides, error) {
	if o == nil {
		return submit.Overrides{}, nil
	}
	amounts, err := o.Amounts()
	if err != nil {
		return submit.Overrides{}, err
	}
	deprecated, err := o.Deprecated()
	if err != nil {
		return submit.Overrides{}, err
	}
	return submit.Overrides{
		Command: o.Command, Environment: variables(o.Environment),
		MilliCPU: amounts.MilliCPU, MemoryMiB: amounts.MemoryMiB, GPUs: amounts.GPUs,
		DeprecatedMilliCPU: deprecated.MilliCPU, DeprecatedMemoryMiB: deprecated.MemoryMiB,
	}, nil
}

// refuseUnsupported refuses what would otherwise be ignored: a job must never run as something else.
func refuseUnsupported(q *wire.SubmitJobRequest) error {
	given := func(ecs *wire.EcsPropertiesOverride, eks *wire.EksPropertiesOverride, prefix string) error {
		field := "ecsPropertiesOverride"
		switch {
		case eks != nil:
			field = "eksPropertiesOverride"
		case ecs == nil:
			return nil
		}
		return &wire.FieldError{Field: prefix + field, Given: "a value", Allowed: "no value in this version"}
	}
	if err := given(q.EcsPropertiesOverride, q.EksPropertiesOverride, ""); err != nil || q.NodeOverrides == nil {
		return err
	}
	for i, o := range q.NodeOverrides.NodePropertyOverrides {
		if err := given(o.EcsPropertiesOverride, o.EksPropertiesOverride, fmt.Sprintf("nodeOverrides.nodePropertyOverrides[%d].", i)); err != nil {
			return err
		}
	}
	return nil
}

func (s *server) cancelJob(ctx context.Context, c call, q *wire.CancelJobRequest) (wire.Empty, error) {
	return wire.Empty{}, s.endJob(ctx, c, s.jobID(q.JobID), sched.CancelJob{Caller: c.caller, ID: s.jobID(q.JobID), Reason: q.Reason})
}

func (s *server) terminateJob(ctx context.Context, c call, q *wire.TerminateJobRequest) (wire.Empty, error) {
	return wire.Empty{}, s.endJob(ctx, c, s.jobID(q.JobID), sched.TerminateJob{Caller: c.caller, ID: s.jobID(q.JobID), Reason: q.Reason})
}

// endJob has a command that ends a job applied, if the caller may end it.
func (s *server) endJob(ctx context.Context, c call, id batch.JobID, command sched.Returning[sched.Done]) error {
	if err := s.mayEnd(ctx, c, id); err != nil {
		return err
	}
	_, err := engine.Do(ctx, s.Engine, command)
	return err
}

// jobID accepts an id or an ARN.
func (s *server) jobID(text string) batch.JobID {
	return batch.JobID(s.Place.NameOf(batch.ResourceJob, text))
}
