package tasks

import (
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/smithy-go"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/governor"
)

// refusalCount is how often an attempt was refused, and when last.
type refusalCount struct {
	count int
	at    time.Time
}

// countRefusal notes that an attempt was refused under its number. The mutex is held.
func (r *Runner) countRefusal(id batch.AttemptID) {
	r.refusals[id] = refusalCount{r.refusals[id].count + 1, time.Now()}
}

// answer is what a call of RunTask has said.
type answer struct {
	kind      answerKind
	arn       string
	task      *types.Task
	reason    string
	blame     compute.Blame
	uncertain bool // the call may have started a task
}

type answerKind uint8

const (
	answeredNothing  answerKind = iota // it is called again
	answeredTask                       // there is a task
	answeredRefusal                    // the host cannot run it now
	answeredFailure                    // it is of no use to call again
	answeredStale                      // the token stands for an earlier call, which has started nothing
	answeredInactive                   // the task definition is not there any more
)

// failureWords says what the reasons of RunTask's failures mean (Amazon ECS developer guide, "API failure reasons"). All of them are of the
// host, which had room when it was chosen.
var failureWords = map[string]string{
	"RESOURCE:MEMORY": "the host has not enough memory left",
	"RESOURCE:CPU":    "the host has not enough vCPUs left",
	"RESOURCE:GPU":    "the host has not enough GPUs left",
	"RESOURCE:ENI":    "the host has no network interface left",
	"RESOURCE:PORTS":  "a port of the host is taken",
	"AGENT":           "the ECS agent of the host is not connected",
	"ATTRIBUTE":       "the host lacks something that the job needs, for example a log driver",
	"LOCATION":        "the host is in another zone than the subnet",
	"MISSING":         "the host is not there any more",
	"INACTIVE":        "the host has been deregistered",
}

// read says what an answer of RunTask means.
func read(out *ecs.RunTaskOutput, err error) answer {
	if err != nil {
		return readError(err)
	}
	if len(out.Tasks) > 0 {
		return answer{kind: answeredTask, arn: aws.ToString(out.Tasks[0].TaskArn), task: &out.Tasks[0]}
	}
	if len(out.Failures) > 0 {
		reason := aws.ToString(out.Failures[0].Reason)
		if words, known := failureWords[reason]; known {
			reason = words + " (" + reason + ")"
		}
		return answer{kind: answeredRefusal, reason: "ECS did not start the task: " + reason}
	}
	return answer{kind: answeredStale} // of a token whose task is too old to be shown
}

func readError(err error) answer {
	var conflict *types.ConflictException
	if errors.As(err, &conflict) {
		if len(conflict.ResourceIds) > 0 {
			return answer{kind: answeredTask, arn: conflict.ResourceIds[0]}
		}
		return answer{kind: answeredStale}
	}
	if code, message := codeOf(err); code == "ClientException" && message == "TaskDefinition is inactive." {
		return answer{kind: answeredInactive}
	}
	switch {
	case governor.IsThrottle(err):
		return answer{kind: answeredNothing}
	case passes(err):
		return answer{kind: answeredNothing, uncertain: true}
	case blameOf(err) == compute.OfMachine:
		return answer{kind: answeredRefusal, reason: wordsOf(err)}
	default:
		return answer{kind: answeredFailure, reason: wordsOf(err), blame: blameOf(err)}
	}
}

// passes reports whether a call that failed with err is to be made again: it did not reach ECS, its answer did not come back, or ECS failed.
func passes(err error) bool {
	var api smithy.APIError
	return !errors.As(err, &api) || api.ErrorFault() == smithy.FaultServer || governor.IsThrottle(err) || serverCodes[api.ErrorCode()]
}

// serverCodes are codes of failures of AWS.
var serverCodes = map[string]bool{"ServerException": true, "InternalError": true, "InternalFailure": true, "InternalServerError": true, "ServiceUnavailable": true}

// blames says whose fault an error of ECS is that a repetition does not mend. With any other code it is not known, and counts as the
// host's a few times.
var blames = map[string]compute.Blame{
	"ClientException":                                compute.OfJob,
	"InvalidParameterException":                      compute.OfJob,
	"UnsupportedFeatureException":                    compute.OfJob,
	"PlatformUnknownException":                       compute.OfJob,
	"PlatformTaskDefinitionIncompatibilityException": compute.OfJob,
	"ClusterNotFoundException":                       compute.OfMachine,
	"BlockedException":                               compute.OfMachine,
	"LimitExceededException":                         compute.OfMachine,
}

func blameOf(err error) compute.Blame {
	code, _ := codeOf(err)
	if blame, known := blames[code]; known {
		return blame
	}
	return compute.Unknown
}

// codeOf returns the code and the message of an error of AWS; both are empty for any other.
func codeOf(err error) (code, message string) {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode(), api.ErrorMessage()
	}
	return "", ""
}

// wordsOf is an error as people read it.
func wordsOf(err error) string {
	if code, message := codeOf(err); code != "" {
		return code + ": " + message
	}
	return err.Error()
}
