package wire_test

import (
	"encoding/json"
	"reflect"
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

func resourcesOf(t *testing.T, environment map[string]any) map[string]any {
	t.Helper()
	members, ok := environment["computeResources"].(map[string]any)
	if !ok {
		t.Fatalf("no computeResources in %v", environment)
	}
	return members
}

// TestEveryMemberOfARequestIsInTheDocument sets every member of the requests about compute environments and looks for all of them in the document.
func TestEveryMemberOfARequestIsInTheDocument(t *testing.T) {
	var create wire.CreateComputeEnvironmentRequest
	var update wire.UpdateComputeEnvironmentRequest
	fill(reflect.ValueOf(&create).Elem(), deep)
	fill(reflect.ValueOf(&update).Elem(), deep)
	for name, c := range map[string]struct {
		request any
		apply   func(*wire.ComputeEnvironmentDetail)
		absent  []string // members that are not part of the document
	}{
		"create": {create, create.ApplyTo, []string{"tags"}},
		"update": {update, update.ApplyTo, []string{"computeEnvironment", "updateToLatestImageVersion"}},
	} {
		var d wire.ComputeEnvironmentDetail
		c.apply(&d)
		given, kept := membersOf(t, c.request), membersOf(t, d)
		resources, keptResources := resourcesOf(t, given), resourcesOf(t, kept)
		for _, member := range c.absent {
			delete(given, member)
			delete(resources, member)
		}
		if name == "create" {
			resources["tags"] = keptResources["tags"]
		}
		for member, value := range given {
			if member != "computeResources" && !reflect.DeepEqual(value, kept[member]) {
				t.Errorf("%s: %s is %v in the document, %v was given", name, member, kept[member], value)
			}
		}
		for member, value := range resources {
			if !reflect.DeepEqual(value, keptResources[member]) {
				t.Errorf("%s: computeResources.%s is %v in the document, %v was given", name, member, keptResources[member], value)
			}
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
		resources := resourcesOf(t, membersOf(t, d))
		if !reflect.DeepEqual(resources[c.member], want) {
			t.Errorf("%s: %s is %v, want %s", name, c.member, resources[c.member], c.want)
		}
		if *d.ServiceRole != "s" || d.State != wire.Enabled {
			t.Errorf("%s: %+v", name, d)
		}
	}
}
