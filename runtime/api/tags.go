package api

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/engine"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// arnOf reads the ARN in the path of an operation on tags; empty if there is none.
func arnOf(r *http.Request) string {
	escaped, ok := strings.CutPrefix(r.URL.EscapedPath(), wire.PathTags)
	if !ok {
		return ""
	}
	arn, err := url.PathUnescape(escaped)
	if err != nil {
		return ""
	}
	return arn
}

// taggable returns the resource with that ARN as "job-queue/high", or says why it has no tags.
func (s *server) taggable(arn string) (string, error) {
	kind, name, _ := batch.ParseARN(arn)
	switch kind {
	case batch.ResourceEnvironment, batch.ResourceQueue, batch.ResourceDefinition, batch.ResourceJob, batch.ResourcePolicy, batch.ResourceConsumable:
	default:
		return "", &wire.FieldError{Field: "resourceArn", Given: "an ARN of something else", Allowed: "the ARN of a compute environment, job queue, quota share, scheduling policy, consumable resource, job definition revision or job"}
	}
	if kind == batch.ResourceDefinition && batch.ParseDefinitionRef(name).Revision == 0 {
		return "", &wire.FieldError{Field: "resourceArn", Given: "the ARN of a job definition without a revision", Allowed: "an ARN that ends in a revision, for example …/" + wire.Brief(name) + ":1"}
	}
	if _, _, part := batch.JobID(name).Part(); part && kind == batch.ResourceJob {
		return "", &wire.FieldError{Field: "resourceArn", Given: "the ARN of a child of an array or of a node", Allowed: "the ARN of the job that was submitted: children and nodes have no tags"}
	}
	if s.Place.NameOf(kind, arn) != name {
		return "", batch.Errorf(batch.NotFound, "resource %s does not exist", wire.Brief(arn))
	}
	return kind + "/" + name, nil
}

func (s *server) listTags(w http.ResponseWriter, r *http.Request) error {
	resource, err := s.taggable(arnOf(r))
	if err != nil {
		return err
	}
	answer, err := store.OfOneMoment(r.Context(), s.Store, resource, s.readTags)
	if err != nil {
		return err
	}
	return write(w, answer)
}

func (s *server) readTags(ctx context.Context, r store.Reader, resource string) (wire.ListTagsForResourceResponse, error) {
	exists, err := s.exists(ctx, r, resource)
	if err != nil {
		return wire.ListTagsForResourceResponse{}, err
	}
	if !exists {
		return wire.ListTagsForResourceResponse{}, batch.Errorf(batch.NotFound, "resource %s does not exist", resource)
	}
	tags, err := r.Tags(ctx, []string{resource})
	return wire.ListTagsForResourceResponse{Tags: wire.ShownTags(tags[resource])}, err
}

func (s *server) exists(ctx context.Context, r store.Reader, resource string) (bool, error) {
	kind, name, _ := strings.Cut(resource, "/")
	n, err := 0, error(nil)
	switch kind {
	case batch.ResourceEnvironment:
		var found []batch.Environment
		found, err = r.Environments(ctx, store.NameQuery{Names: []string{name}})
		n = len(found)
	case batch.ResourceQueue:
		if queue, share, ok := quotaShareName(name); ok {
			var found []batch.QuotaShare
			found, err = store.Within[batch.QuotaShare](ctx, r, queue, store.NameQuery{Names: []string{share}})
			return len(found) > 0, err
		}
		var found []batch.Queue
		found, err = r.Queues(ctx, store.NameQuery{Names: []string{name}})
		n = len(found)
	case batch.ResourcePolicy:
		return s.policyExists(ctx, r, name)
	case batch.ResourceConsumable:
		var found []batch.Consumable
		found, err = store.Named[batch.Consumable](ctx, r, store.NameQuery{Names: []string{name}})
		n = len(found)
	case batch.ResourceDefinition:
		var found []batch.Definition
		found, err = r.Definitions(ctx, store.DefinitionQuery{Refs: []batch.DefinitionRef{batch.ParseDefinitionRef(name)}})
		n = len(found)
	case batch.ResourceJob:
		var found []batch.Job
		found, err = r.Jobs(ctx, []batch.JobID{batch.JobID(name)})
		n = len(found)
	}
	return n > 0, err
}

func (s *server) tagResource(ctx context.Context, c call, q *wire.TagResourceRequest) (wire.Empty, error) {
	resource, err := s.taggable(c.arn)
	if err != nil {
		return wire.Empty{}, err
	}
	_, err = engine.Do(ctx, s.Engine, sched.SetTags{Caller: c.caller, Resource: resource, Set: q.Tags})
	return wire.Empty{}, err
}

func (s *server) untagResource(w http.ResponseWriter, r *http.Request) error {
	resource, err := s.taggable(arnOf(r))
	if err != nil {
		return err
	}
	q := wire.UntagResourceRequest{TagKeys: r.URL.Query()["tagKeys"]}
	if err := q.Validate(); err != nil {
		return err
	}
	if _, err := engine.Do(r.Context(), s.Engine, sched.SetTags{Caller: callerOf(r), Resource: resource, Remove: q.TagKeys}); err != nil {
		return err
	}
	return write(w, wire.Empty{})
}
