package logs

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

// CreateLogGroupRequest names a new group.
type CreateLogGroupRequest struct {
	LogGroupName string            `json:"logGroupName"`
	Tags         map[string]string `json:"tags"`
}

// CreateLogGroup makes a group, with its tags.
func (s *Service) CreateLogGroup(ctx context.Context, caller batch.Caller, q *CreateLogGroupRequest) (wire.Empty, error) {
	if err := wire.CheckLogGroup("logGroupName", q.LogGroupName); err != nil {
		return wire.Empty{}, err
	}
	if len(q.Tags) > 0 {
		if err := (&wire.TagResourceRequest{Tags: q.Tags}).Validate(); err != nil {
			return wire.Empty{}, err
		}
	}
	_, err := engine.Do(ctx, s.Engine, sched.Keep{Command: registry.CreateLogGroup{Caller: caller, Name: q.LogGroupName, Tags: q.Tags}})
	return wire.Empty{}, err
}

// DeleteLogGroup forgets what was said of a group. Output stays, and the group too if a job definition names it.
func (s *Service) DeleteLogGroup(ctx context.Context, caller batch.Caller, q *GroupRef) (wire.Empty, error) {
	group, err := s.logGroup(ctx, s.Store, *q)
	if err != nil {
		return wire.Empty{}, err
	}
	_, err = engine.Do(ctx, s.Engine, sched.Keep{Command: registry.DeleteLogGroup{Caller: caller, Name: group.Name}})
	return wire.Empty{}, err
}

// PutRetentionPolicyRequest says how many days the events of a group are kept.
type PutRetentionPolicyRequest struct {
	GroupRef
	RetentionInDays int32 `json:"retentionInDays"`
}

// PutRetentionPolicy notes the retention of a group.
func (s *Service) PutRetentionPolicy(ctx context.Context, caller batch.Caller, q *PutRetentionPolicyRequest) (wire.Empty, error) {
	if !slices.Contains(retentions, q.RetentionInDays) {
		allowed := strings.Trim(strings.ReplaceAll(fmt.Sprint(retentions), " ", ", "), "[]")
		return wire.Empty{}, invalid("retentionInDays: given %d; allowed is one of %s", q.RetentionInDays, allowed)
	}
	return s.setLogRetention(ctx, caller, q.GroupRef, q.RetentionInDays)
}

// DeleteRetentionPolicy removes what PutRetentionPolicy noted.
func (s *Service) DeleteRetentionPolicy(ctx context.Context, caller batch.Caller, q *GroupRef) (wire.Empty, error) {
	return s.setLogRetention(ctx, caller, *q, 0)
}

func (s *Service) setLogRetention(ctx context.Context, caller batch.Caller, ref GroupRef, days int32) (wire.Empty, error) {
	group, err := s.logGroup(ctx, s.Store, ref)
	if err != nil {
		return wire.Empty{}, err
	}
	_, err = engine.Do(ctx, s.Engine, sched.Keep{Command: registry.SetLogRetention{Caller: caller, Name: group.Name, Days: days}})
	return wire.Empty{}, err
}

// CreateLogStreamRequest names a stream of a group.
type CreateLogStreamRequest struct {
	GroupRef
	LogStreamName string `json:"logStreamName"`
}

// CreateLogStream does nothing where the group exists: every attempt has its stream, and nothing else is written to one.
func (s *Service) CreateLogStream(ctx context.Context, _ batch.Caller, q *CreateLogStreamRequest) (wire.Empty, error) {
	if err := wire.CheckLogStream("logStreamName", q.LogStreamName); err != nil {
		return wire.Empty{}, err
	}
	_, err := s.logGroup(ctx, s.Store, q.GroupRef)
	return wire.Empty{}, err
}

// LogTagsRequest is about the tags of a group, which the later calls name by its ARN and the earlier ones by its name.
type LogTagsRequest struct {
	ResourceArn  string `json:"resourceArn"`
	LogGroupName string `json:"logGroupName"`
}

// taggedLogGroup returns the resource whose tags a request is about.
func (s *Service) taggedLogGroup(ctx context.Context, r store.Reader, q LogTagsRequest) (string, error) {
	ref := GroupRef{LogGroupName: q.LogGroupName, LogGroupIdentifier: q.ResourceArn}
	if ref == (GroupRef{}) {
		return "", invalid("resourceArn: given nothing; allowed is the ARN of a log group")
	}
	group, err := s.logGroup(ctx, r, ref)
	return batch.ResourceLogGroup + "/" + group.Name, err
}

// TagLogGroupRequest has the tags to add.
type TagLogGroupRequest struct {
	LogTagsRequest
	Tags map[string]string `json:"tags"`
}

// TagLogGroup adds tags to a group.
func (s *Service) TagLogGroup(ctx context.Context, caller batch.Caller, q *TagLogGroupRequest) (wire.Empty, error) {
	if err := (&wire.TagResourceRequest{Tags: q.Tags}).Validate(); err != nil {
		return wire.Empty{}, err
	}
	resource, err := s.taggedLogGroup(ctx, s.Store, q.LogTagsRequest)
	if err != nil {
		return wire.Empty{}, err
	}
	_, err = engine.Do(ctx, s.Engine, sched.SetTags{Caller: caller, Resource: resource, Set: q.Tags})
	return wire.Empty{}, err
}

// UntagLogGroupRequest has the keys in tagKeys, or in tags of the earlier call.
type UntagLogGroupRequest struct {
	LogTagsRequest
	TagKeys []string `json:"tagKeys"`
	Tags    []string `json:"tags"`
}

// UntagLogGroup removes tags from a group.
func (s *Service) UntagLogGroup(ctx context.Context, caller batch.Caller, q *UntagLogGroupRequest) (wire.Empty, error) {
	resource, err := s.taggedLogGroup(ctx, s.Store, q.LogTagsRequest)
	if err != nil {
		return wire.Empty{}, err
	}
	_, err = engine.Do(ctx, s.Engine, sched.SetTags{Caller: caller, Resource: resource, Remove: slices.Concat(q.TagKeys, q.Tags)})
	return wire.Empty{}, err
}

// ListLogGroupTags answers the tags of a group.
func (s *Service) ListLogGroupTags(ctx context.Context, _ batch.Caller, q *LogTagsRequest) (wire.ListTagsForResourceResponse, error) {
	return store.OfOneMoment(ctx, s.Store, q, s.readLogTags)
}

func (s *Service) readLogTags(ctx context.Context, r store.Reader, q *LogTagsRequest) (wire.ListTagsForResourceResponse, error) {
	resource, err := s.taggedLogGroup(ctx, r, *q)
	if err != nil {
		return wire.ListTagsForResourceResponse{}, err
	}
	tags, err := r.Tags(ctx, []string{resource})
	return wire.ListTagsForResourceResponse{Tags: wire.ShownTags(tags[resource])}, err
}
