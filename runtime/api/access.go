package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/batchd/terraform-provider-batch/runtime/auth"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/submit"
)

// grant is the role that an operation needs, and its name.
type grant struct {
	least  batch.Role
	action string // what AWS's policies call it, for messages and the audit log
}

func readers(action string) grant    { return grant{batch.RoleReader, action} }
func submitters(action string) grant { return grant{batch.RoleSubmitter, action} }
func operators(action string) grant  { return grant{batch.RoleOperator, action} }
func admins(action string) grant     { return grant{batch.RoleAdmin, action} }

// authorise denies r to callers whose role is too small for an operation with that grant.
func (s *server) authorise(r *http.Request, g grant) error {
	id, _ := auth.IdentityOf(r.Context())
	if auth.Allows(id.Role, g.least) {
		return nil
	}
	return s.deny(r.Context(), callerOf(r), g.action, "", "its role is "+string(id.Role)+", and at least "+string(g.least)+" is needed")
}

// mayUse denies a call to a submitter that is bound to other job queues.
func (s *server) mayUse(ctx context.Context, c call, queue string) error {
	id, _ := auth.IdentityOf(ctx)
	if id.MayUse(queue) {
		return nil
	}
	return s.deny(ctx, c.caller, c.action, batch.ResourceQueue+"/"+queue, "it is bound to other job queues")
}

// mayEnd denies a call about a job to a submitter that is bound to job queues other than the job's. A job that does not
// exist is not denied: the call is answered as it is for every other caller.
func (s *server) mayEnd(ctx context.Context, c call, id batch.JobID) error {
	if caller, _ := auth.IdentityOf(ctx); len(caller.Queues) == 0 {
		return nil
	}
	jobs, err := s.Store.Jobs(ctx, []batch.JobID{id.Root()})
	if err != nil || len(jobs) == 0 {
		return err
	}
	return s.mayUse(ctx, c, jobs[0].QueueName)
}

// reach is the most that jobs of the caller may reach of the machine; 0: everything.
func (s *server) reach(ctx context.Context) batch.Reach {
	id, _ := auth.IdentityOf(ctx)
	switch {
	case s.TrustJobs || auth.Allows(id.Role, batch.RoleAdmin):
		return 0
	case s.RunAs != "":
		return batch.ReachProcess
	default:
		return batch.ReachContainer
	}
}

// mayRetry denies a call to run a job again that the caller may not submit.
func (s *server) mayRetry(ctx context.Context, c call, id batch.JobID) error {
	most := s.reach(ctx)
	if most == 0 {
		return nil
	}
	specs, err := s.Store.Specs(ctx, []batch.JobID{id.Root()})
	if spec, ok := specs[id.Root()]; ok && err == nil {
		err = s.denied(ctx, c, "", submit.CheckReach(most, &spec))
	}
	return err
}

// denied makes a denial, in the audit log, of an error with which the scheduler denies a call; other errors stay as they are.
func (s *server) denied(ctx context.Context, c call, resource string, err error) error {
	var refusal *batch.Error
	if errors.As(err, &refusal) && refusal.Kind == batch.Denied {
		return s.deny(ctx, c.caller, c.action, resource, refusal.Message)
	}
	return err
}
