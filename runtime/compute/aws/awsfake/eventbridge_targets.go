package awsfake

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
)

func (b *busState) putTargets(_ *call, in *eventbridge.PutTargetsInput) (*eventbridge.PutTargetsOutput, error) {
	r, err := b.rule(in.Rule, in.EventBusName)
	if err != nil {
		return nil, err
	}
	out := &eventbridge.PutTargetsOutput{}
	for _, t := range in.Targets {
		if !strings.HasPrefix(aws.ToString(t.Arn), "arn:aws:sqs:") {
			out.FailedEntryCount++
			out.FailedEntries = append(out.FailedEntries, types.PutTargetsResultEntry{
				TargetId: t.Id, ErrorCode: aws.String("ValidationException"), ErrorMessage: aws.String("Targets other than SQS queues are not served here."),
			})
			continue
		}
		r.targets = slices.DeleteFunc(r.targets, func(other types.Target) bool { return aws.ToString(other.Id) == aws.ToString(t.Id) })
		r.targets = append(r.targets, t)
	}
	if len(r.targets) > maxTargets {
		r.targets = r.targets[:maxTargets]
		return nil, refuse("LimitExceededException", "The requested resource exceeds the maximum number allowed: %d targets.", maxTargets)
	}
	return out, nil
}

func (b *busState) listTargets(_ *call, in *eventbridge.ListTargetsByRuleInput) (*eventbridge.ListTargetsByRuleOutput, error) {
	r, err := b.rule(in.Rule, in.EventBusName)
	if err != nil {
		return nil, err
	}
	page, next, err := busPage(slices.Clone(r.targets), in.Limit, in.NextToken)
	return &eventbridge.ListTargetsByRuleOutput{Targets: page, NextToken: next}, err
}

func (b *busState) removeTargets(_ *call, in *eventbridge.RemoveTargetsInput) (*eventbridge.RemoveTargetsOutput, error) {
	r, err := b.rule(in.Rule, in.EventBusName)
	if err != nil {
		return nil, err
	}
	r.targets = slices.DeleteFunc(r.targets, func(t types.Target) bool { return slices.Contains(in.Ids, aws.ToString(t.Id)) })
	return &eventbridge.RemoveTargetsOutput{}, nil
}
