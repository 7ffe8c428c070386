package wire_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// membersOf returns what JSON has of a value.
func membersOf(t *testing.T, value any) map[string]any {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var members map[string]any
	if err := json.Unmarshal(text, &members); err != nil {
		t.Fatal(err)
	}
	return members
}

// filled returns a request with every member set.
func filled[R any]() *R {
	var r R
	fill(reflect.ValueOf(&r).Elem(), deep)
	return &r
}

// documentOf is what a request makes of an empty document.
func documentOf[D any](apply func(*D)) *D {
	var d D
	apply(&d)
	return &d
}

// TestEveryMemberOfARequestIsInTheDocument sets every member of the requests that make and change a noun, and looks for all of them in its document.
func TestEveryMemberOfARequestIsInTheDocument(t *testing.T) {
	createEnvironment, updateEnvironment := filled[wire.CreateComputeEnvironmentRequest](), filled[wire.UpdateComputeEnvironmentRequest]()
	createPolicy, updatePolicy := filled[wire.CreateSchedulingPolicyRequest](), filled[wire.UpdateSchedulingPolicyRequest]()
	createShare, updateShare := filled[wire.CreateQuotaShareRequest](), filled[wire.UpdateQuotaShareRequest]()
	createQueue, updateQueue := filled[wire.CreateJobQueueRequest](), filled[wire.UpdateJobQueueRequest]()
	for _, c := range []struct {
		request, document any
		absent            []string // members that are not part of the document
	}{
		{createEnvironment, documentOf(createEnvironment.ApplyTo), []string{"tags"}},
		{updateEnvironment, documentOf(updateEnvironment.ApplyTo), []string{"computeEnvironment", "computeResources.updateToLatestImageVersion"}},
		{createQueue, documentOf(createQueue.ApplyTo), []string{"tags", "serviceEnvironmentOrder"}},
		{updateQueue, documentOf(updateQueue.ApplyTo), []string{"jobQueue", "serviceEnvironmentOrder"}},
		{createPolicy, documentOf(createPolicy.ApplyTo), []string{"tags"}},
		{updatePolicy, documentOf(updatePolicy.ApplyTo), []string{"arn"}},
		{createShare, documentOf(createShare.ApplyTo), []string{"tags", "jobQueue"}}, // jobQueueArn has it
		{updateShare, documentOf(updateShare.ApplyTo), []string{"quotaShareArn"}},
	} {
		compareMembers(t, membersOf(t, c.request), membersOf(t, c.document), "", func(path string, given, kept any) {
			if slices.Contains(c.absent, path) == reflect.DeepEqual(given, kept) {
				t.Errorf("%T: %s is %v in the document, %v was given", c.request, path, kept, given)
			}
		})
	}
}

// compareMembers calls compare with the path of each member of given that is not an object, with its value and the one in kept.
func compareMembers(t *testing.T, given, kept map[string]any, path string, compare func(path string, given, kept any)) {
	t.Helper()
	for name, value := range given {
		object, isObject := value.(map[string]any)
		inside, isKept := kept[name].(map[string]any)
		if isObject && isKept {
			compareMembers(t, object, inside, path+name+".", compare)
		} else {
			compare(path+name, value, kept[name])
		}
	}
}

// TestAnUpdateOfAnEnvironmentKeepsWhatItLeavesOut holds a document after an update against what it should be.
func TestAnUpdateOfAnEnvironmentKeepsWhatItLeavesOut(t *testing.T) {
	const document = `{"type":"MANAGED","state":"ENABLED","serviceRole":"s","computeResources":{"type":"SPOT","maxvCpus":16,"subnets":["subnet-1"],"imageId":"ami-1",
		"ec2Configuration":[{"imageType":"a"}],"tags":{"a":"1","b":"2"},"launchTemplate":{"launchTemplateId":"lt-1","version":"3","overrides":[{"launchTemplateName":"o"}]},
		"batchd":{"neverOver":true,"helperImage":"busybox"}}}`
	for name, c := range map[string]struct{ update, member, want string }{
		"nothing":                      {`{}`, "maxvCpus", `16`},
		"a number":                     {`{"maxvCpus":32}`, "maxvCpus", `32`},
		"an empty image":               {`{"imageId":""}`, "imageId", `null`},
		"no image":                     {`{"maxvCpus":1}`, "imageId", `"ami-1"`},
		"an empty list of images":      {`{"ec2Configuration":[]}`, "ec2Configuration", `null`},
		"no subnets":                   {`{"subnets":[]}`, "subnets", `null`},
		"Fargate needs subnets":        {`{"type":"FARGATE","subnets":[]}`, "subnets", `["subnet-1"]`},
		"tags replace all":             {`{"tags":{"c":"3"}}`, "tags", `{"c":"3"}`},
		"an empty launch template":     {`{"launchTemplate":{"launchTemplateId":""}}`, "launchTemplate", `null`},
		"a launch template as a whole": {`{"launchTemplate":{"launchTemplateName":"n","overrides":[]}}`, "launchTemplate", `{"launchTemplateName":"n"}`},
		"one member of the extension":  {`{"batchd":{"neverOver":false}}`, "batchd", `{"neverOver":false,"helperImage":"busybox"}`},
		"an empty helper image":        {`{"batchd":{"helperImage":""}}`, "batchd", `{"neverOver":true}`},
	} {
		var d wire.ComputeEnvironmentDetail
		var update wire.UpdateComputeEnvironmentRequest
		var want any
		for text, into := range map[string]any{document: &d, `{"computeResources":` + c.update + `}`: &update, c.want: &want} {
			if err := json.Unmarshal([]byte(text), into); err != nil {
				t.Fatal(err)
			}
		}
		update.ApplyTo(&d)
		if got := membersOf(t, d.ComputeResources)[c.member]; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %s is %v, want %s", name, c.member, got, c.want)
		}
		if *d.ServiceRole != "s" || d.State != wire.Enabled {
			t.Errorf("%s: %+v", name, d)
		}
	}
}
