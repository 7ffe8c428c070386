package wire_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

func TestDecodeSaysWhatIsWrong(t *testing.T) {
	tests := []struct{ name, body, want string }{
		{"empty", ``, ""},
		{"space", " \n", ""},
		{"object", `{}`, ""},
		{"null", `{"arrayProperties":null,"dependsOn":null,"parameters":null}`, ""},
		{"unknown", `{"jobNam":"a"}`, `jobNam: given an unknown field; allowed is one of arrayProperties, batchd, `},
		{"wrong case", `{"JobName":"a"}`, `JobName: given an unknown field`},
		{"unknown nested", `{"containerOverrides":{"enviro":[]}}`, `containerOverrides.enviro: given an unknown field; allowed is one of command, environment, `},
		{"unknown in a list", `{"dependsOn":[{"jobId":"a"},{"jobID":"b"}]}`, `dependsOn[1].jobID: given an unknown field; allowed is one of jobId, type`},
		{"unknown in batchd", `{"batchd":{"point":[]}}`, `batchd.point: given an unknown field`},
		{"twice", `{"jobName":"a","jobName":"b"}`, `jobName: given twice; allowed is once`},
		{"twice in a map", `{"tags":{"a":"1","b":"2","a":"1"}}`, `tags.a: given twice; allowed is once`},
		{"twice, spelled in two ways", `{"parameters":{"a":"\":\\","\u0061":"\\\":"}}`, `parameters.a: given twice; allowed is once`},
		{"colons", `{"parameters":{"a:b":"c:\"d:e","\\:":"\\"}}`, ""},
		{"twice in a point", `{"batchd":{"points":[{"x":"1"},{"x":"2","y":"1","x":"2"}]}}`, `batchd.points[1].x: given twice; allowed is once`},
		{"twice in a list", `{"dependsOn":[{"jobId":"a","jobId":"a"}]}`, `dependsOn[0].jobId: given twice; allowed is once`},
		{"twice and null", `{"parameters":{"a":null,"a":"1"}}`, `parameters.a: given twice; allowed is once`},
		{"number for string", `{"jobName":5}`, `jobName: given the number 5; allowed is a string`},
		{"string for number", `{"arrayProperties":{"size":"5"}}`, `arrayProperties.size: given the string "5"; allowed is an integer of 32 bits`},
		{"fraction", `{"arrayProperties":{"size":2.5}}`, `arrayProperties.size: given the number 2.5; allowed is an integer of 32 bits`},
		{"too large", `{"arrayProperties":{"size":3000000000}}`, `arrayProperties.size: given the number 3000000000; allowed is an integer of 32 bits`},
		{"larger than any number", `{"arrayProperties":{"size":99E999}}`, `arrayProperties.size: given the number 99E999; allowed is an integer of 32 bits`},
		{"a number instead of the request", `99E999`, `body: given the number 99E999; allowed is an object`},
		{"a number instead of a list", `{"dependsOn":-1E999}`, `dependsOn: given the number -1E999; allowed is a list`},
		{"list for object", `{"arrayProperties":[]}`, `arrayProperties: given a list; allowed is an object`},
		{"object for list", `{"dependsOn":{}}`, `dependsOn: given an object; allowed is a list`},
		{"string for bool", `{"batchd":{"reuse":"yes"}}`, `batchd.reuse: given the string "yes"; allowed is true or false`},
		{"number in map", `{"parameters":{"b":"1","a":2}}`, `parameters.a: given the number 2; allowed is a string`},
		{"null in map", `{"parameters":{"a":null}}`, `parameters.a: given null; allowed is a string`},
		{"number in point", `{"batchd":{"points":[{"x":"1"},{"x":2}]}}`, `batchd.points[1].x: given the number 2; allowed is a string`},
		{"object in list of strings", `{"containerOverrides":{"command":["a",{}]}}`, `containerOverrides.command[1]: given an object; allowed is a string`},
		{"null in list", `{"containerOverrides":{"command":[null]}}`, `containerOverrides.command[0]: given null; allowed is a string`},
		{"word null in list", `{"containerOverrides":{"command":["null"]}}`, ""},
		{"list for body", `[]`, `body: given a list; allowed is an object`},
		{"cut off", `{"jobName":`, `jobName: given text that is not JSON near byte`},
		{"html", `<html>`, `body: given text that is not JSON near byte`},
		{"two objects", `{}{}`, `body: given more after the JSON object; allowed is one JSON object`},
		{"long", `{"jobName":"` + strings.Repeat("a", 1000) + `"}`, `body: given more than 500 bytes; allowed is at most 500 bytes`},
		{"long garbage", strings.Repeat("x", 1000), `body: given`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var request wire.SubmitJobRequest
			err := wire.Decode(strings.NewReader(test.body), 500, &request)
			if test.want == "" {
				if err != nil {
					t.Fatalf("Decode(%s): %v", test.body, err)
				}
				return
			}
			var field *wire.FieldError
			if !errors.As(err, &field) || !strings.HasPrefix(err.Error(), test.want) {
				t.Fatalf("Decode(%s):\n got %v\nwant %s", test.body, err, test.want)
			}
		})
	}
}

func TestDecodeTellsABrokenBodyFromABrokenConnection(t *testing.T) {
	broken := errors.New("connection lost")
	body := io.MultiReader(strings.NewReader(`{"jobName":`), errReader{broken})
	err := wire.Decode(body, 500, &wire.SubmitJobRequest{})
	var field *wire.FieldError
	if !errors.Is(err, broken) || errors.As(err, &field) {
		t.Fatalf("Decode: %v, want the reader's error", err)
	}
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

func TestDecodeKeepsAbsentAndEmptyApart(t *testing.T) {
	var request wire.UpdateComputeEnvironmentRequest
	body := `{"computeEnvironment":"a","computeResources":{"minvCpus":0,"subnets":[],"imageId":""}}`
	if err := wire.Decode(strings.NewReader(body), 500, &request); err != nil {
		t.Fatal(err)
	}
	r := request.ComputeResources
	if r.MinvCpus == nil || r.Subnets == nil || r.ImageID == nil {
		t.Errorf("present and empty became absent: %+v", r)
	}
	if r.MaxvCpus != nil || r.SecurityGroupIds != nil || r.Ec2KeyPair != nil {
		t.Errorf("absent became present: %+v", r)
	}
}

func BenchmarkDecodePoints(b *testing.B) {
	body := `{"jobName":"a","batchd":{"points":[` + strings.Repeat(`{"strike":"100","volatility":"0.2","seed":"17"},`, 9999) + `{}]}}`
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if err := wire.Decode(strings.NewReader(body), wire.MaxSubmitBody, &wire.SubmitJobRequest{}); err != nil {
			b.Fatal(err)
		}
	}
}

// TestDecodeBoundsEntries sends what is small as JSON and large as a request.
func TestDecodeBoundsEntries(t *testing.T) {
	for name, body := range map[string]string{
		"objects": `{"dependsOn":[` + strings.Repeat(`{},`, 60_000) + `{}]}`,
		"texts":   `{"containerOverrides":{"command":[` + strings.Repeat(`"",`, 60_000) + `""]}}`,
		"nested":  `{"nodeOverrides":{"nodePropertyOverrides":[` + strings.Repeat(`{"instanceTypes":["",""]},`, 30_000) + `{}]}}`,
	} {
		t.Run(name, func(t *testing.T) {
			err := wire.Decode(strings.NewReader(body), wire.MaxSubmitBody, &wire.SubmitJobRequest{})
			var field *wire.FieldError
			if !errors.As(err, &field) || !strings.Contains(err.Error(), "at most 50000 entries") {
				t.Errorf("%v", err)
			}
		})
	}
	var sweep wire.SubmitJobRequest
	points := `{"batchd":{"points":[` + strings.Repeat(`{"a":"1","b":"2"},`, 60_000) + `{}]}}`
	if err := wire.Decode(strings.NewReader(points), wire.MaxSubmitBody, &sweep); err != nil || len(sweep.Batchd.Points) != 60_001 {
		t.Errorf("the points of a sweep: %v", err)
	}
}
