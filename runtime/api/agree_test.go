package api_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/api"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/auth"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/engine"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// liveChildren is how many children an array has that runs while something is asked for.
const liveChildren = 12

// TestAnswersAgreeWhileJobsRun asks for what is put together from several rows, or told by the scheduler, while an array runs: each
// time that the store has been read for an answer, a child ends and the next one starts before the rest of the answer is
// made. Whatever happens in between, the numbers of each answer agree with each other.
func TestAnswersAgreeWhileJobsRun(t *testing.T) {
	for storeName, open := range map[string]func(*testing.T) store.Store{"memory": memory, "sqlite": sqliteStore} {
		for name, agrees := range map[string]func(*live){
			"the array": (*live).arrayAgrees, "its children": (*live).childrenAgree, "the status": (*live).statusAgrees,
			"a consumable resource": (*live).stockAgrees, "consumable resources": (*live).stocksAgree,
			"the queue": (*live).snapshotAgrees, "log streams": (*live).streamsAgree, "why a child waits": (*live).explanationAgrees,
		} {
			t.Run(storeName+"/"+name, func(t *testing.T) {
				w := &live{}
				w.world = newWorld(t, hooked(open(t)), func(o *api.Options) { o.Authenticator, w.engine = auth.Anonymous{}, o.Engine })
				w.startArray()
				inner := w.handler
				w.handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
					inner.ServeHTTP(rw, r.WithContext(withHooks(r.Context(), hooks{read: w.stir})))
				})
				for w.ended < liveChildren {
					agrees(w)
					w.stir() // an answer of the scheduler alone reads nothing
				}
				agrees(w)
			})
		}
	}
}

// live is a world in which an array runs.
type live struct {
	*world
	engine *engine.Engine
	array  batch.JobID
	ended  int32 // children: the first ones
}

// startArray submits an array whose children run until they are told to end, one at a time.
func (w *live) startArray() {
	w.Helper()
	w.ask(http.MethodPost, wire.PathCreateComputeEnvironment, `{"computeEnvironmentName": "here", "type": "MANAGED", "computeResources": {"type": "LOCAL", "maxvCpus": 4}}`, nil)
	w.ask(http.MethodPost, wire.PathCreateSchedulingPolicy, `{"name": "fair", "fairsharePolicy": {}}`, nil)
	w.ask(http.MethodPost, wire.PathCreateJobQueue, `{"jobQueueName": "work", "priority": 1, "schedulingPolicyArn": "arn:aws:batch:us-east-1:123456789012:scheduling-policy/fair",
		"computeEnvironmentOrder": [{"order": 1, "computeEnvironment": "here"}]}`, nil)
	w.ask(http.MethodPost, wire.PathCreateConsumableResource, `{"consumableResourceName": "licence", "totalQuantity": 1}`, nil)
	w.ask(http.MethodPost, wire.PathRegisterJobDefinition, `{"jobDefinitionName": "say", "type": "container", "containerProperties": {"command": ["say", "hello", "hold"],
		"resourceRequirements": [{"type": "VCPU", "value": "1"}]}, "consumableResourceProperties": {"consumableResourceList": [{"consumableResource": "licence", "quantity": 1}]}}`, nil)
	var array wire.SubmitJobResponse
	w.ask(http.MethodPost, wire.PathSubmitJob, fmt.Sprintf(`{"jobName": "sweep", "jobQueue": "work", "jobDefinition": "say", "shareIdentifier": "team", "arrayProperties": {"size": %d}}`, liveChildren), &array)
	w.array = batch.JobID(array.JobID)
}

// stir ends the next child, and adds to the consumable resource, so that more children run at once.
func (w *live) stir() {
	w.Helper()
	if w.ended < liveChildren {
		child := w.array.Child(w.ended)
		w.ended++
		w.finish(child, 0)
		w.awaitStatus(child, batch.Succeeded)
	}
	if _, err := engine.Do(w.Context(), w.engine, sched.UpdateConsumable{Name: "licence", Operation: sched.AddTotal, Quantity: 1}); err != nil {
		w.Fatal(err)
	}
}

// ask sends a request and decodes its answer.
func (w *live) ask(method, path, body string, into any) {
	w.Helper()
	r := httptest.NewRequestWithContext(w.Context(), method, "http://127.0.0.1"+path, strings.NewReader(body))
	r.RemoteAddr = "127.0.0.1:5"
	r.Header.Set("Content-Type", "application/json")
	if target, ok := strings.CutPrefix(path, "/Logs"); ok {
		r.URL.Path = "/"
		r.Header.Set("Content-Type", "application/x-amz-json-1.1")
		r.Header.Set("X-Amz-Target", "Logs"+target)
	}
	answer := httptest.NewRecorder()
	w.handler.ServeHTTP(answer, r)
	if answer.Code != http.StatusOK {
		w.Fatalf("%s %s: %d %s", method, path, answer.Code, answer.Body)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal(answer.Body.Bytes(), into); err != nil {
		w.Fatalf("%s %s: %v: %s", method, path, err, answer.Body)
	}
}

// arrayAgrees checks that each child is in one status.
func (w *live) arrayAgrees() {
	w.Helper()
	var answer wire.DescribeJobsResponse
	w.ask(http.MethodPost, wire.PathDescribeJobs, fmt.Sprintf(`{"jobs": [%q]}`, w.array), &answer)
	j, sum := answer.Jobs[0], int32(0)
	for _, n := range j.ArrayProperties.StatusSummary {
		sum += n
	}
	if sum != liveChildren || (j.Status == wire.StatusSucceeded) != (j.ArrayProperties.StatusSummary[wire.StatusSucceeded] == liveChildren) {
		w.Errorf("the array is %s, and of its %d children %v", j.Status, liveChildren, j.ArrayProperties.StatusSummary)
	}
}

func (w *live) statusAgrees() {
	w.Helper()
	var s wire.StatusResponse
	w.ask(http.MethodGet, wire.PathStatus, "", &s)
	sum := int64(0)
	for _, n := range s.Jobs {
		sum += n
	}
	if sum != liveChildren || s.Running != s.Jobs[batch.Starting.String()]+s.Jobs[batch.Running.String()] {
		w.Errorf("of %d jobs %d run, and by status there are %v", liveChildren, s.Running, s.Jobs)
	}
}

func (w *live) stockAgrees() {
	w.Helper()
	var one wire.DescribeConsumableResourceResponse
	w.ask(http.MethodPost, wire.PathDescribeConsumableResource, `{"consumableResource": "licence"}`, &one)
	if one.InUseQuantity > one.TotalQuantity || one.InUseQuantity+one.AvailableQuantity != one.TotalQuantity {
		w.Errorf("of %d in all %d are in use and %d available", one.TotalQuantity, one.InUseQuantity, one.AvailableQuantity)
	}
}

func (w *live) stocksAgree() {
	w.Helper()
	var list wire.ListConsumableResourcesResponse
	w.ask(http.MethodPost, wire.PathListConsumableResources, `{}`, &list)
	if each := list.ConsumableResources[0]; each.InUseQuantity > each.TotalQuantity {
		w.Errorf("of %d in all %d are in use", each.TotalQuantity, each.InUseQuantity)
	}
}

func (w *live) snapshotAgrees() {
	w.Helper()
	var s wire.GetJobQueueSnapshotResponse
	w.ask(http.MethodPost, wire.PathGetJobQueueSnapshot, `{"jobQueue": "work"}`, &s)
	used := s.QueueUtilization.TotalCapacityUsage[0].Quantity
	shares := 0.0
	for _, share := range s.QueueUtilization.FairshareUtilization.TopCapacityUtilization {
		shares += share.CapacityUsage[0].Quantity
	}
	if used > 4 || used != shares {
		w.Errorf("the queue uses %v vCPUs of 4, and its shares %v", used, shares)
	}
}

// childrenAgree checks that a child that has ended did so by its last attempt.
func (w *live) childrenAgree() {
	w.Helper()
	ids := make([]string, liveChildren)
	for i := range ids {
		ids[i] = fmt.Sprintf("%q", w.array.Child(int32(i)))
	}
	var answer wire.DescribeJobsResponse
	w.ask(http.MethodPost, wire.PathDescribeJobs, `{"jobs": [`+strings.Join(ids, ", ")+`]}`, &answer)
	for _, j := range answer.Jobs {
		switch ended := j.Status == wire.StatusSucceeded; {
		case ended != (len(j.Attempts) == 1):
			w.Errorf("job %s is %s, and %d attempts have ended", j.JobID, j.Status, len(j.Attempts))
		case ended && j.StoppedAt != j.Attempts[0].StoppedAt:
			w.Errorf("job %s ended at %d, and its attempt at %d", j.JobID, j.StoppedAt, j.Attempts[0].StoppedAt)
		}
	}
}

// streamsAgree checks that no log stream is listed twice, as one of an attempt that runs and of one that has ended.
func (w *live) streamsAgree() {
	w.Helper()
	var answer struct {
		LogStreams []struct {
			LogStreamName string
		}
	}
	before := w.ended
	w.ask(http.MethodPost, "/Logs_20140328.DescribeLogStreams", `{"logGroupName": "/aws/batch/job"}`, &answer)
	seen := map[string]bool{}
	var err error
	if before > 0 && len(answer.LogStreams) == 0 {
		err = errors.New("no stream is listed, and children had ended")
	}
	for _, s := range answer.LogStreams {
		if seen[s.LogStreamName] {
			err = errors.Join(err, fmt.Errorf("stream %s is listed twice", s.LogStreamName))
		}
		seen[s.LogStreamName] = true
	}
	if err != nil {
		w.Error(err)
	}
}

// explanationAgrees checks that a child that is explained is in the status that the explanation is of.
func (w *live) explanationAgrees() {
	w.Helper()
	var e wire.ExplainJobResponse
	w.ask(http.MethodPost, wire.PathExplainJob, fmt.Sprintf(`{"jobId": %q}`, w.array.Child(min(w.ended+1, liveChildren-1))), &e)
	waits := e.Status == wire.StatusRunnable
	if e.Code == "" || e.Sentence == "" || waits == (e.Code == e.Status) {
		w.Errorf("a job that is %s is explained by %s: %s", e.Status, e.Code, e.Sentence)
	}
}
