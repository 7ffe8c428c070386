package tasks

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/smithy-go"

	"github.com/batchd/terraform-provider-batch/runtime/compute"
)

func TestWhatAnAnswerOfRunTaskMeans(t *testing.T) {
	failed := func(code, message string, fault smithy.ErrorFault) error {
		return &smithy.GenericAPIError{Code: code, Message: message, Fault: fault}
	}
	failure := func(reason string) *ecs.RunTaskOutput {
		return &ecs.RunTaskOutput{Failures: []types.Failure{{Reason: aws.String(reason)}}}
	}
	for name, c := range map[string]struct {
		out    *ecs.RunTaskOutput
		err    error
		kind   answerKind
		reason string
		blame  compute.Blame
		// uncertain: there may be a task.
		uncertain bool
	}{
		"a task":               {out: &ecs.RunTaskOutput{Tasks: []types.Task{{TaskArn: aws.String("arn")}}}, kind: answeredTask},
		"no room":              {out: failure("RESOURCE:CPU"), kind: answeredRefusal, reason: "ECS did not start the task: the host has not enough vCPUs left (RESOURCE:CPU)"},
		"words of tomorrow":    {out: failure("SOMETHING"), kind: answeredRefusal, reason: "ECS did not start the task: SOMETHING"},
		"nothing at all":       {out: &ecs.RunTaskOutput{}, kind: answeredStale},
		"throttled":            {err: failed("ThrottlingException", "Rate exceeded", smithy.FaultClient), kind: answeredNothing},
		"ECS has failed":       {err: failed("ServerException", "", smithy.FaultServer), kind: answeredNothing, uncertain: true},
		"no answer":            {err: errors.New("connection reset by peer"), kind: answeredNothing, uncertain: true},
		"used token":           {err: &types.ConflictException{ResourceIds: []string{"arn"}}, kind: answeredTask},
		"used token, no task":  {err: &types.ConflictException{}, kind: answeredStale},
		"inactive":             {err: failed("ClientException", "TaskDefinition is inactive.", smithy.FaultClient), kind: answeredInactive},
		"a bad request":        {err: failed("InvalidParameterException", "Bad memory.", smithy.FaultClient), kind: answeredFailure, reason: "InvalidParameterException: Bad memory.", blame: compute.OfJob},
		"no cluster":           {err: failed("ClusterNotFoundException", "Gone.", smithy.FaultClient), kind: answeredRefusal, reason: "ClusterNotFoundException: Gone."},
		"not permitted":        {err: failed("AccessDeniedException", "iam:PassRole", smithy.FaultClient), kind: answeredFailure, reason: "AccessDeniedException: iam:PassRole", blame: compute.Unknown},
		"an error of tomorrow": {err: failed("NewException", "New.", smithy.FaultClient), kind: answeredFailure, reason: "NewException: New.", blame: compute.Unknown},
	} {
		got := read(c.out, c.err)
		if got.kind != c.kind || got.reason != c.reason || got.blame != c.blame || got.uncertain != c.uncertain || (got.kind == answeredTask) != (got.arn == "arn") {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
