package eventpattern

import (
	"encoding/json"
	"strings"
	"testing"
)

const stopped = `{
	"source": "aws.ecs", "detail-type": "ECS Task State Change", "resources": ["arn:aws:ecs:us-east-1:1:task/c/1"],
	"detail": {"lastStatus": "STOPPED", "version": 3, "containers": [{"name": "main", "exitCode": 1}, {"name": "side"}]}}`

func TestWhatAPatternMatches(t *testing.T) {
	for name, test := range map[string]struct {
		pattern string
		want    bool
	}{
		"one exact value":                      {`{"source": ["aws.ecs"]}`, true},
		"any of several values":                {`{"source": ["aws.ec2", "aws.ecs"]}`, true},
		"another value":                        {`{"source": ["aws.ec2"]}`, false},
		"every field must match":               {`{"source": ["aws.ecs"], "detail-type": ["Other"]}`, false},
		"a nested field":                       {`{"detail": {"lastStatus": ["STOPPED"]}}`, true},
		"another nested value":                 {`{"detail": {"lastStatus": ["RUNNING"]}}`, false},
		"a number":                             {`{"detail": {"version": [3]}}`, true},
		"a number is not its text":             {`{"detail": {"version": ["3"]}}`, false},
		"an element of an array":               {`{"resources": ["arn:aws:ecs:us-east-1:1:task/c/1"]}`, true},
		"a field of an object in an array":     {`{"detail": {"containers": {"name": ["side"]}}}`, true},
		"a prefix":                             {`{"resources": [{"prefix": "arn:aws:ecs:"}]}`, true},
		"another prefix":                       {`{"resources": [{"prefix": "arn:aws:ec2:"}]}`, false},
		"a field that must be there":           {`{"detail": {"lastStatus": [{"exists": true}]}}`, true},
		"a field that must not be there":       {`{"detail": {"stopCode": [{"exists": false}]}}`, true},
		"a field that must not be, and is":     {`{"detail": {"lastStatus": [{"exists": false}]}}`, false},
		"anything but a value":                 {`{"detail": {"lastStatus": [{"anything-but": "RUNNING"}]}}`, true},
		"anything but values, one of which is": {`{"detail": {"lastStatus": [{"anything-but": ["RUNNING", "STOPPED"]}]}}`, false},
		"a field that the event does not have": {`{"detail": {"stopCode": ["UserInitiated"]}}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			pattern, err := Parse(test.pattern)
			if err != nil {
				t.Fatal(err)
			}
			var event map[string]any
			if err := json.Unmarshal([]byte(stopped), &event); err != nil {
				t.Fatal(err)
			}
			if got := pattern.Matches(event); got != test.want {
				t.Errorf("%s matches: %v, want %v", test.pattern, got, test.want)
			}
		})
	}
}

func TestWhatIsNotAPattern(t *testing.T) {
	for name, test := range map[string]struct{ pattern, says string }{
		"text":                     {`source`, "not JSON"},
		"an array":                 {`[]`, "not an object"},
		"an empty object":          {`{}`, "empty object"},
		"a value without array":    {`{"source": "aws.ecs"}`, `"/source" must be an object or an array`},
		"an empty array":           {`{"source": []}`, "empty array"},
		"an unknown operator":      {`{"source": [{"wildcard": "aws.*"}]}`, `the operator "wildcard"`},
		"two operators in one":     {`{"source": [{"prefix": "a", "exists": true}]}`, "2 names"},
		"a prefix of no text":      {`{"source": [{"prefix": 1}]}`, "wrong type"},
		"an operator below a leaf": {`{"detail": {"a": {"b": [{"cidr": "10.0.0.0/8"}]}}}`, `"/detail/a/b"`},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Parse(test.pattern); err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%s: %v, want an error that says %q", test.pattern, err, test.says)
			}
		})
	}
}

func TestWhatAFieldExcludes(t *testing.T) {
	pattern, err := Parse(`{"source": ["aws.ecs"], "detail": {"lastStatus": ["STOPPED"]}}`)
	if err != nil {
		t.Fatal(err)
	}
	if !pattern.Excludes("source", "aws.ec2") || pattern.Excludes("source", "aws.ecs") || pattern.Excludes("detail-type", "ECS Task State Change") {
		t.Error("another source alone excludes an event")
	}
}
