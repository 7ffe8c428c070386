package wire

import (
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"
)

type filter struct {
	Name   *string
	Values []string
}

type describeInput struct {
	Filters  []filter
	Max      *int32
	Since    *time.Time
	DryRun   *bool
	Tags     map[string]string
	Contents []byte
}

func TestAFormIsReadIntoAStruct(t *testing.T) {
	p := EC2{Requests: Names{"describeInput.Filters": "Filter", "filter.Values": "Value"}}
	request, err := p.Read(nil, []byte("Action=Describe&Version=1&Max=5&DryRun=true&Since=2026-11-27T20:00:00Z"+
		"&Filter.1.Name=a&Filter.1.Value.2=y&Filter.1.Value.1=x&Filter.1.Value.10=z&Filter.2.Name=b"))
	var in describeInput
	if err != nil || request.Into(&in) != nil {
		t.Fatal(err, request.Into(&in))
	}
	if got := in.Filters[0].Values; request.Operation != "Describe" || !reflect.DeepEqual(got, []string{"x", "y", "z"}) || *in.Filters[1].Name != "b" {
		t.Errorf("got %s, %v", request.Operation, got)
	}
	if *in.Max != 5 || !*in.DryRun || !in.Since.Equal(time.Date(2026, 11, 27, 20, 0, 0, 0, time.UTC)) {
		t.Errorf("got %v, %v, %v", *in.Max, *in.DryRun, in.Since)
	}
}

func TestJSONIsReadIntoAStruct(t *testing.T) {
	header := http.Header{"X-Amz-Target": {"Service_20261127.Describe"}}
	request, err := JSON{}.Read(header, []byte(`{"filters": [{"name": "a", "values": ["x"]}], "since": 946684800.5, "tags": {"k": "v"}, "contents": "aGk=", "max": null}`))
	var in describeInput
	if err != nil || request.Into(&in) != nil {
		t.Fatal(err, request.Into(&in))
	}
	if request.Operation != "Describe" || *in.Filters[0].Name != "a" || in.Tags["k"] != "v" || string(in.Contents) != "hi" || in.Max != nil || in.Since.UnixMilli() != 946684800500 {
		t.Errorf("got %s, %+v", request.Operation, in)
	}
}

func TestWhatCannotBeReadIsNamed(t *testing.T) {
	form := func(body string) error {
		request, err := Query{}.Read(nil, []byte(body))
		if err != nil {
			return err
		}
		return request.Into(&describeInput{})
	}
	for body, want := range map[string]string{
		"Action=Describe&Max=five":           "Max: strconv.ParseInt",
		"Action=Describe&Maximum=5":          "Maximum: describeInput has no such member",
		"Action=Describe&Filters.member=5":   "Filters: map[member:5] is not a list",
		"Action=Describe&Filters.member.1=5": "Filters: 1: 5 is not an object",
		"Max=5":                              "MissingAction",
		"%zz":                                "MalformedQueryString",
	} {
		err := form(body)
		var answer *Error
		if !errors.As(err, &answer) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an answer with %q", body, err, want)
		}
	}
}
