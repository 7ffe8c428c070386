package tasks

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/governor"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/taskdef"
	"github.com/batchd/terraform-provider-batch/runtime/retry"
)

// launchSoon has a launched by a goroutine of its own. The mutex is held.
func (r *Runner) launchSoon(a *attempt) {
	order := a.order
	r.spawn(func(ctx context.Context) { r.launch(ctx, a, order) })
}

// launch takes a from its order to its task.
func (r *Runner) launch(ctx context.Context, a *attempt, order compute.Start) {
	place, c, err := r.locate(order.Host)
	if err != nil {
		r.finishNow(a, compute.OfMachine.NotStarted(err.Error()))
		return
	}
	plan, err := r.plan(order, place, c)
	if err != nil {
		r.finishNow(a, compute.OfJob.NotStarted(err.Error()))
		return
	}
	in := r.request(a, order, place, c, plan)
	define := func() (string, error) { return c.definitions.find(ctx, r.clients(c), plan, place.Tags) }
	definition, err := define()
	if err == nil {
		in.TaskDefinition = aws.String(definition)
		select {
		case <-ctx.Done():
		case <-a.recalled:
		case c.calls <- struct{}{}:
			defer func() { <-c.calls }()
			r.ask(ctx, a, c, in, define)
		}
		return
	}
	if ctx.Err() == nil {
		r.finishNow(a, blameOf(err).NotStarted("the task definition was not registered: "+wordsOf(err)))
	}
}

// locate finds where attempts of a host run.
func (r *Runner) locate(host string) (Place, *cluster, error) {
	place, err := r.options.Place(host)
	if err != nil {
		return place, nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.clusters[place.Cluster]
	if c == nil {
		return place, nil, errors.New("the ECS cluster of the host is not known yet, or goes")
	}
	return place, c, nil
}

func (r *Runner) plan(order compute.Start, place Place, c *cluster) (taskdef.Plan, error) {
	job := taskdef.Job{Definition: order.DefinitionName, Container: order.Container, Environment: order.Environment}
	if job.Container.Image == "" {
		job.Container.Image = place.DefaultImage
	}
	return taskdef.Make(job, taskdef.Place{Kind: place.Kind, Region: r.clients(c).Region})
}

// request notes what must be known of a later, and makes the call of RunTask for it, but for the definition and the token.
func (r *Runner) request(a *attempt, order compute.Start, place Place, c *cluster, plan taskdef.Plan) *ecs.RunTaskInput {
	r.mu.Lock()
	defer r.mu.Unlock()
	a.cluster, a.account = c, c.Account
	a.holds = order.Container.Shape
	a.label = label{baseKey: order.BaseKey, wrapped: plan.Wrapped, host: order.Host}
	a.label.logGroup, a.label.logPrefix = plan.Log()
	in := &ecs.RunTaskInput{
		Cluster: aws.String(c.ARN), Count: aws.Int32(1), StartedBy: aws.String(startedBy(a.id)), Overrides: plan.Overrides,
		EnableExecuteCommand: plan.ExecuteCommand, Tags: a.label.tags(r.options.Installation, place.Tags),
	}
	switch place.Kind {
	case batch.Fargate:
		in.LaunchType = types.LaunchTypeFargate
	case batch.FargateSpot:
		in.CapacityProviderStrategy = []types.CapacityProviderStrategyItem{{CapacityProvider: aws.String("FARGATE_SPOT"), Weight: 1}}
	default:
		in.LaunchType = types.LaunchTypeEc2
		in.PlacementConstraints = []types.PlacementConstraint{{
			Type: types.PlacementConstraintTypeMemberOf, Expression: aws.String("ec2InstanceId == " + place.Instance),
		}}
		return in
	}
	public := types.AssignPublicIpDisabled
	if plan.AssignPublicIP {
		public = types.AssignPublicIpEnabled
	}
	in.PlatformVersion = plan.PlatformVersion
	in.NetworkConfiguration = &types.NetworkConfiguration{AwsvpcConfiguration: &types.AwsVpcConfiguration{
		Subnets: place.Subnets, SecurityGroups: place.SecurityGroups, AssignPublicIp: public,
	}}
	return in
}

// ask calls RunTask until it is known what became of it. While it is not known whether there is a task, the call is repeated as it is: its token makes
// ECS answer with that task.
func (r *Runner) ask(ctx context.Context, a *attempt, c *cluster, in *ecs.RunTaskInput, define func() (string, error)) {
	uncertain := false
	for failures := 1; r.asks(a, in, uncertain); failures++ {
		out, err := r.call(ctx, c, in)
		if ctx.Err() != nil {
			return
		}
		switch answer := read(out, err); answer.kind {
		case answeredTask:
			r.begins(a, answer.arn, answer.task)
			return
		case answeredRefusal:
			r.finishNow(a, compute.OfMachine.NotStarted(answer.reason))
			r.options.Full(a.host)
			return
		case answeredFailure:
			r.finishNow(a, answer.blame.NotStarted(answer.reason))
			return
		case answeredStale: // its token was used before, for a call that started nothing
			r.mu.Lock()
			r.countRefusal(a.id)
			r.mu.Unlock()
		case answeredInactive:
			c.definitions.drop(aws.ToString(in.TaskDefinition))
			if arn, err := define(); err == nil {
				in.TaskDefinition = aws.String(arn)
			}
		case answeredNothing:
			uncertain = uncertain || answer.uncertain
			r.log.Info("a task is not started yet", "attempt", a.id, "error", err)
		}
		if retry.Pause(ctx, patience.Jittered(failures)) != nil {
			return
		}
	}
}

// asks reports whether RunTask is to be called for a, and gives the call its token.
func (r *Runner) asks(a *attempt, in *ecs.RunTaskInput, uncertain bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case a.phase >= begun:
		return false
	case a.stopping && !uncertain:
		r.finish(a, batch.Exit{Kind: batch.Recalled})
		return false
	}
	a.phase = asked
	in.ClientToken = aws.String(token(r.options.Installation, a.id, a.label.host, r.refusals[a.id].count))
	return true
}

// call makes one call of RunTask.
func (r *Runner) call(ctx context.Context, c *cluster, in *ecs.RunTaskInput) (*ecs.RunTaskOutput, error) {
	ctx, cancel := context.WithTimeout(governor.In(ctx, governor.Run), callTimeout)
	defer cancel()
	return r.clients(c).ECS.RunTask(ctx, in, func(o *ecs.Options) { o.Retryer = governor.Once })
}

// begins notes the task of a. described is nil if only its ARN is known.
func (r *Runner) begins(a *attempt, arn string, described *types.Task) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.beginsLocked(a, arn)
	if described != nil {
		r.seesLocked(described)
	}
}
