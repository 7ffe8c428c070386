package api

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/engine"
	"github.com/batchd/terraform-provider-batch/runtime/registry"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// The calls of CloudWatch Logs by which scripts and Terraform prepare a log group before jobs write to it. What they say is
// stored and described; how long output is kept is a matter of the runtime.

// retentions are the days that AWS takes.
var retentions = []int32{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}

type createLogGroupRequest struct {
	LogGroupName string            `json:"logGroupName"`
	Tags         map[string]string `json:"tags"`
}

func (s *server) createLogGroup(ctx context.Context, c call, q *createLogGroupRequest) (wire.Empty, error) {
	if err := wire.CheckLogGroup("logGroupName", q.LogGroupName); err != nil {
		return wire.Empty{}, err
	}
	if len(q.Tags) > 0 {
		if err := (&wire.TagResourceRequest{Tags: q.Tags}).Validate(); err != nil {
			return wire.Empty{}, err
		}
	}
	_, err := engine.Do(ctx, s.Engine, sched.Keep{Command: registry.CreateLogGroup{Caller: c.caller, Name: q.LogGroupName, Tags: q.Tags}})
	return wire.Empty{}, err
}

// deleteLogGroup forgets what was said of a group. Output stays, and the group too if a job definition names it.
func (s *server) deleteLogGroup(ctx context.Context, c call, q *logGroupRef) (wire.Empty, error) {
	group, err := s.logGroup(ctx, s.Store, *q)
	if err != nil {
		return wire.Empty{}, err
	}
	_, err = engine.Do(ctx, s.Engine, sched.Keep{Command: registry.DeleteLogGroup{Caller: c.caller, Name: group.Name}})
	return wire.Empty{}, err
}

type putRetentionPolicyRequest struct {
	logGroupRef
	RetentionInDays int32 `json:"retentionInDays"`
}

func (s *server) putRetentionPolicy(ctx context.Context, c call, q *putRetentionPolicyRequest) (wire.Empty, error) {
	if !slices.Contains(retentions, q.RetentionInDays) {
		allowed := strings.Trim(strings.ReplaceAll(fmt.Sprint(retentions), " ", ", "), "[]")
		return wire.Empty{}, logInvalid("retentionInDays: given %d; allowed is one of %s", q.RetentionInDays, allowed)
	}
	return s.setLogRetention(ctx, c, q.logGroupRef, q.RetentionInDays)
}

func (s *server) deleteRetentionPolicy(ctx context.Context, c call, q *logGroupRef) (wire.Empty, error) {
	return s.setLogRetention(ctx, c, *q, 0)
}

func (s *server) setLogRetention(ctx context.Context, c call, ref logGroupRef, days int32) (wire.Empty, error) {
	group, err := s.logGroup(ctx, s.Store, ref)
	if err != nil {
		return wire.Empty{}, err
	}
	_, err = engine.Do(ctx, s.Engine, sched.Keep{Command: registry.SetLogRetention{Caller: c.caller, Name: group.Name, Days: days}})
	return wire.Empty{}, err
}

type createLogStreamRequest struct {
	logGroupRef
	LogStreamName string `json:"logStreamName"`
}

// createLogStream does nothing where the group exists: every attempt has its stream, and nothing else is written to one.
func (s *server) createLogStream(ctx context.Context, _ call, q *createLogStreamRequest) (wire.Empty, error) {
	if err := wire.CheckLogStream("logStreamName", q.LogStreamName); err != nil {
		return wire.Empty{}, err
	}
	_, err := s.logGroup(ctx, s.Store, q.logGroupRef)
	return wire.Empty{}, err
}

// logTagsRequest is about the tags of a group, which the later calls name by its ARN and the earlier ones by its name.
type logTagsRequest struct {
	ResourceArn  string `json:"resourceArn"`
	LogGroupName string `json:"logGroupName"`
}

// taggedLogGroup returns the resource whose tags a request is about.
func (s *server) taggedLogGroup(ctx context.Context, r store.Reader, q logTagsRequest) (string, error) {
	ref := logGroupRef{LogGroupName: q.LogGroupName, LogGroupIdentifier: q.ResourceArn}
	if ref == (logGroupRef{}) {
		return "", logInvalid("resourceArn: given nothing; allowed is the ARN of a log group")
	}
	group, err := s.logGroup(ctx, r, ref)
	return batch.ResourceLogGroup + "/" + group.Name, err
}

type tagLogGroupRequest struct {
	logTagsRequest
	Tags map[string]string `json:"tags"`
}

func (s *server) tagLogGroup(ctx context.Context, c call, q *tagLogGroupRequest) (wire.Empty, error) {
	if err := (&wire.TagResourceRequest{Tags: q.Tags}).Validate(); err != nil {
		return wire.Empty{}, err
	}
	resource, err := s.taggedLogGroup(ctx, s.Store, q.logTagsRequest)
	if err != nil {
		return wire.Empty{}, err
	}
	_, err = engine.Do(ctx, s.Engine, sched.SetTags{Caller: c.caller, Resource: resource, Set: q.Tags})
	return wire.Empty{}, err
}

// untagLogGroupRequest has the keys in tagKeys, or in tags of the earlier call.
type untagLogGroupRequest struct {
	logTagsRequest
	TagKeys []string `json:"tagKeys"`
	Tags    []string `json:"tags"`
}

func (s *server) untagLogGroup(ctx context.Context, c call, q *untagLogGroupRequest) (wire.Empty, error) {
	resource, err := s.taggedLogGroup(ctx, s.Store, q.logTagsRequest)
	if err != nil {
		return wire.Empty{}, err
	}
	_, err = engine.Do(ctx, s.Engine, sched.SetTags{Caller: c.caller, Resource: resource, Remove: slices.Concat(q.TagKeys, q.Tags)})
	return wire.Empty{}, err
}

func (s *server) listLogGroupTags(ctx context.Context, _ call, q *logTagsRequest) (wire.ListTagsForResourceResponse, error) {
	return ofOneMoment(ctx, s.Store, q, s.readLogTags)
}

func (s *server) readLogTags(ctx context.Context, r store.Reader, q *logTagsRequest) (wire.ListTagsForResourceResponse, error) {
	resource, err := s.taggedLogGroup(ctx, r, *q)
	if err != nil {
		return wire.ListTagsForResourceResponse{}, err
	}
	tags, err := r.Tags(ctx, []string{resource})
	return wire.ListTagsForResourceResponse{Tags: wire.ShownTags(tags[resource])}, err
}
