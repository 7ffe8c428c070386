package api_test

import (
	"encoding/json"
	"io"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/batch"
	"github.com/aws/aws-sdk-go-v2/service/batch/types"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

func filter(name, value string) []types.KeyValuesPair {
	return []types.KeyValuesPair{{Name: &name, Values: []string{value}}}
}

// earliest is a time in milliseconds that no job here is older than; in seconds it would be far in the future.
const earliest = 1_600_000_000_000

// TestWhatClientsRelyOn holds the answers that workflow engines and their like have been seen to depend on.
func TestWhatClientsRelyOn(t *testing.T) {
	a := newAmazon(t)
	for name, command := range map[string][]string{"fail": {"exit", "3"}, "refuse": {"refuse", "CannotPullContainerError: no such image"}} {
		_, err := a.RegisterJobDefinition(t.Context(), &sdk.RegisterJobDefinitionInput{
			JobDefinitionName: &name, Type: types.JobDefinitionTypeContainer, ContainerProperties: &types.ContainerProperties{Command: command},
			Parameters: map[string]string{"nf-token": "1234"},
		})
		a.must(err)
	}
	_, err := a.RegisterJobDefinition(t.Context(), &sdk.RegisterJobDefinitionInput{
		JobDefinitionName: aws.String("j"), Type: types.JobDefinitionTypeContainer, ContainerProperties: &types.ContainerProperties{
			Vcpus: aws.Int32(1), Memory: aws.Int32(64), Command: []string{}, //nolint:staticcheck // older clients send them
		},
	})
	a.must(err)
	ended := func(definition string, status batch.Status, change func(*sdk.SubmitJobInput)) types.JobDetail {
		t.Helper()
		id := a.submit("j", definition, change)
		a.awaitStatus(id, status)
		return a.describe(id)
	}
	is := func(t *testing.T, what string, got, want any) {
		t.Helper()
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	for name, trap := range map[string]func(*testing.T){
		"unknown ids are left out": func(t *testing.T) {
			out, err := a.DescribeJobs(t.Context(), &sdk.DescribeJobsInput{Jobs: []string{"aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa", "x"}})
			a.must(err)
			if out.Jobs == nil || len(out.Jobs) > 0 {
				t.Errorf("%v", out.Jobs)
			}
			queues, err := a.DescribeJobQueues(t.Context(), &sdk.DescribeJobQueuesInput{JobQueues: []string{"nowhere", "work"}})
			a.must(err)
			is(t, "queues", len(queues.JobQueues), 1)
			environments, err := a.DescribeComputeEnvironments(t.Context(), &sdk.DescribeComputeEnvironmentsInput{ComputeEnvironments: []string{"nowhere"}})
			a.must(err)
			is(t, "environments", len(environments.ComputeEnvironments), 0)
			definitions, err := a.DescribeJobDefinitions(t.Context(), &sdk.DescribeJobDefinitionsInput{JobDefinitions: []string{"quick", "nowhere:1"}})
			a.must(err)
			is(t, "definitions: a bare name is none", len(definitions.JobDefinitions), 0)
		},
		"terminating what has ended or is unknown succeeds": func(t *testing.T) {
			j := ended("quick", batch.Succeeded, nil)
			for _, id := range []string{*j.JobId, "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa"} {
				_, err := a.TerminateJob(t.Context(), &sdk.TerminateJobInput{JobId: &id, Reason: aws.String("late")})
				a.must(err)
				_, err = a.CancelJob(t.Context(), &sdk.CancelJobInput{JobId: &id, Reason: aws.String("late")})
				a.must(err)
			}
			again := a.describe(batch.JobID(*j.JobId))
			is(t, "status", again.Status, types.JobStatusSucceeded)
			is(t, "reason", aws.ToString(again.StatusReason), aws.ToString(j.StatusReason))
		},
		"a normal end": func(t *testing.T) {
			j := ended("quick", batch.Succeeded, nil)
			is(t, "statusReason", aws.ToString(j.StatusReason), "Essential container in task exited")
			is(t, "attempt's statusReason", aws.ToString(j.Attempts[0].StatusReason), "Essential container in task exited")
			is(t, "exitCode", aws.ToInt32(j.Container.ExitCode), int32(0))
			is(t, "taskArn", strings.HasPrefix(aws.ToString(j.Container.TaskArn), "arn:aws:ecs:"), true)
			is(t, "isTerminated", aws.ToBool(j.IsTerminated), false)
			is(t, "milliseconds", *j.CreatedAt > earliest && *j.StartedAt >= *j.CreatedAt && *j.StoppedAt >= *j.StartedAt && *j.StoppedAt < 2*earliest, true)
			is(t, "jobQueue", aws.ToString(j.JobQueue), "arn:aws:batch:us-east-1:123456789012:job-queue/work")
			is(t, "jobDefinition", aws.ToString(j.JobDefinition), "arn:aws:batch:us-east-1:123456789012:job-definition/quick:1")
		},
		"a failure": func(t *testing.T) {
			j := ended("fail", batch.Failed, func(in *sdk.SubmitJobInput) {
				in.RetryStrategy = &types.RetryStrategy{Attempts: aws.Int32(2)}
				in.Parameters = map[string]string{"more": ""}
			})
			is(t, "statusReason", aws.ToString(j.StatusReason), "Essential container in task exited")
			is(t, "attempts", len(j.Attempts), 2)
			is(t, "exit codes", []int32{*j.Attempts[0].Container.ExitCode, *j.Attempts[1].Container.ExitCode, *j.Container.ExitCode}, []int32{3, 3, 3})
			is(t, "reason of the container", aws.ToString(j.Attempts[1].Container.Reason), "")
			is(t, "parameters, those of the definition too", j.Parameters, map[string]string{"nf-token": "1234", "more": ""})
		},
		"a start that fails": func(t *testing.T) {
			j := ended("refuse", batch.Failed, nil)
			is(t, "statusReason", aws.ToString(j.StatusReason), "Task failed to start")
			is(t, "reason", strings.HasPrefix(aws.ToString(j.Container.Reason), "CannotPullContainerError"), true)
			is(t, "exitCode", j.Container.ExitCode, (*int32)(nil))
			is(t, "startedAt", aws.ToInt64(j.StartedAt), int64(0))
			is(t, "stoppedAt", aws.ToInt64(j.StoppedAt) > earliest, true)
		},
		"a job that is cancelled before it starts has ended and has no attempt": func(t *testing.T) {
			first := a.submit("first", "hold", nil)
			second := a.submit("second", "quick", func(in *sdk.SubmitJobInput) {
				in.DependsOn = []types.JobDependency{{JobId: aws.String(string(first))}}
			})
			_, err := a.TerminateJob(t.Context(), &sdk.TerminateJobInput{JobId: aws.String(string(second)), Reason: aws.String("my words")})
			a.must(err)
			a.awaitStatus(second, batch.Failed)
			j := a.describe(second)
			is(t, "statusReason", aws.ToString(j.StatusReason), "my words")
			is(t, "attempts", len(j.Attempts), 0)
			is(t, "stoppedAt", aws.ToInt64(j.StoppedAt) > earliest, true)
			is(t, "isTerminated", aws.ToBool(j.IsTerminated), true)
			a.finish(first, 0)
		},
		"an array": func(t *testing.T) {
			id := a.submit("j", "quick", func(in *sdk.SubmitJobInput) { in.ArrayProperties = &types.ArrayProperties{Size: aws.Int32(2)} })
			a.awaitStatus(id, batch.Succeeded)
			parent, child := a.describe(id), a.describe(id.Child(1))
			is(t, "every status is counted", len(parent.ArrayProperties.StatusSummary), 7)
			is(t, "size", aws.ToInt32(parent.ArrayProperties.Size), int32(2))
			is(t, "index", aws.ToInt32(child.ArrayProperties.Index), int32(1))
			is(t, "jobArn", aws.ToString(child.JobArn), "arn:aws:batch:us-east-1:123456789012:job/"+string(id)+":1")
			is(t, "stoppedAt", aws.ToInt64(parent.StoppedAt) >= aws.ToInt64(child.StoppedAt), true)
		},
		"every way to name a definition": func(t *testing.T) {
			const arn = "arn:aws:batch:us-east-1:123456789012:job-definition/"
			for _, name := range []string{"j", "j:1", arn + "j", arn + "j:1"} {
				is(t, name, aws.ToString(ended(name, batch.Succeeded, nil).JobDefinition), arn+"j:1")
			}
		},
		"requirements beat the older members": func(t *testing.T) {
			j := ended("j", batch.Succeeded, func(in *sdk.SubmitJobInput) {
				in.JobQueue = aws.String("arn:aws:batch:us-east-1:123456789012:job-queue/work")
				in.ContainerOverrides = &types.ContainerOverrides{ResourceRequirements: []types.ResourceRequirement{{Type: types.ResourceTypeMemory, Value: aws.String("128")}}}
			})
			is(t, "resources", j.Container.ResourceRequirements, []types.ResourceRequirement{
				{Type: types.ResourceTypeVcpu, Value: aws.String("1")}, {Type: types.ResourceTypeMemory, Value: aws.String("128")},
			})
		},
		"an inactive revision": func(t *testing.T) {
			out, err := a.RegisterJobDefinition(t.Context(), &sdk.RegisterJobDefinitionInput{
				JobDefinitionName: aws.String("old"), Type: types.JobDefinitionTypeContainer, ContainerProperties: &types.ContainerProperties{Command: []string{}},
			})
			a.must(err)
			_, err = a.DeregisterJobDefinition(t.Context(), &sdk.DeregisterJobDefinitionInput{JobDefinition: out.JobDefinitionArn})
			a.must(err)
			found, err := a.DescribeJobDefinitions(t.Context(), &sdk.DescribeJobDefinitionsInput{JobDefinitionName: aws.String("old"), Status: aws.String("INACTIVE")})
			a.must(err)
			is(t, "described", len(found.JobDefinitions), 1)
			for _, name := range []string{"old", "old:1"} {
				if _, err := a.SubmitJob(t.Context(), &sdk.SubmitJobInput{JobName: aws.String("j"), JobQueue: aws.String("work"), JobDefinition: &name}); err == nil {
					t.Errorf("%s is submitted", name)
				}
			}
		},
	} {
		t.Run(name, trap)
	}
}

// TestErrorsOnTheWire looks at errors as they are sent: what SDKs decode is in the header and in the body.
func TestErrorsOnTheWire(t *testing.T) {
	w := newWorld(t, memory(t), nil)
	for _, each := range []struct {
		method, path, body string
		signed             bool
		status             int
		code               string
	}{
		{"POST", "/v1/submitjob", `{`, true, 400, "ClientException"},
		{"POST", "/v1/describejobs", `{"jobs":[]}`, true, 400, "ClientException"},
		{"POST", "/v1/listjobs", `{"jobQueue":"nowhere"}`, true, 400, "ClientException"},
		{"POST", "/v1/submitservicejob", `{}`, true, 400, "ClientException"},
		{"POST", "/v1/nothing", `{}`, true, 404, "UnknownOperationException"},
		{"GET", "/v1/tags/nothing", ``, true, 400, "ClientException"},
		{"POST", "/v1/describejobs", `{"jobs":["a"]}`, false, 403, "MissingAuthenticationTokenException"},
	} {
		t.Run(each.method+each.path, func(t *testing.T) {
			r := httptest.NewRequestWithContext(t.Context(), each.method, "http://127.0.0.1:4567"+each.path, strings.NewReader(each.body))
			r.Header.Set("Content-Type", "application/json")
			if each.signed {
				s := &transcript{world: w}
				s.sign(t, r, each.body, "owner")
			}
			answer := httptest.NewRecorder()
			w.handler.ServeHTTP(answer, r)
			result := answer.Result()
			text, err := io.ReadAll(result.Body)
			if err != nil {
				t.Fatal(err)
			}
			var body struct {
				Type    string `json:"__type"`
				Message string `json:"message"`
			}
			if err := json.Unmarshal(text, &body); err != nil {
				t.Fatalf("%v: %s", err, text)
			}
			if result.StatusCode != each.status || result.Header.Get("X-Amzn-ErrorType") != each.code || body.Type != each.code || body.Message == "" {
				t.Errorf("%d %s %+v, want %d %s", result.StatusCode, result.Header.Get("X-Amzn-ErrorType"), body, each.status, each.code)
			}
			if id := result.Header.Get("x-amzn-RequestId"); !uuidPattern.MatchString(id) || result.Header.Get("Content-Type") != "application/json" {
				t.Errorf("request %q, %s", id, result.Header.Get("Content-Type"))
			}
		})
	}
}
