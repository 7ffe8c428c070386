package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/batch"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// refusedOperations are operations of AWS that are refused, and why.
var refusedOperations = map[string]string{
	"CreateServiceEnvironment":    "there is no SageMaker here for a service environment to bound",
	"DescribeServiceEnvironments": "there are none",
	"UpdateServiceEnvironment":    "there are none",
	"DeleteServiceEnvironment":    "there are none",
	"SubmitServiceJob":            "a service job is a request to SageMaker",
	"DescribeServiceJob":          "there are none",
	"ListServiceJobs":             "there are none",
	"UpdateServiceJob":            "there are none",
	"TerminateServiceJob":         "there are none",
}

// absentFields are members of AWS's requests and answers that have no counterpart here, and why.
var absentFields = map[string]string{
	"JobDetail.EcsProperties":                              "a job of several containers is registered but does not run, so that no job has them",
	"JobDetail.EksProperties":                              "as with EcsProperties: a pod does not run",
	"JobDetail.EksAttempts":                                "as with EksProperties",
	"AttemptDetail.TaskProperties":                         "as with EcsProperties",
	"JobQueueDetail.ServiceEnvironmentOrder":               "no queue has service environments: they are refused",
	"GetJobQueueSnapshotOutput.FrontOfQuotaShares":         "jobs are not in quota shares yet",
	"QueueSnapshotUtilizationDetail.QuotaShareUtilization": "as above",
}

// TestEveryOperationOfTheSDK makes each call that the SDK has, with every member set, and compares what is sent and
// what could be answered with the routes and their types, member by member. Whatever AWS has and is neither here nor
// on the lists above fails, and so does an entry of these lists that is not true any more.
func TestEveryOperationOfTheSDK(t *testing.T) {
	c := &coverage{T: t, routes: (&server{}).table(), absent: map[string]bool{}, seen: map[[2]reflect.Type]bool{}}
	client := reflect.TypeFor[*sdk.Client]()
	refused, n := map[string]bool{}, 0
	for i := range client.NumMethod() {
		m := client.Method(i)
		in, out, ok := operationTypes(m.Type)
		if !ok {
			continue
		}
		n++
		request := c.record(m, in, func(v reflect.Value) { complete(v, maxDepth) })
		found, ok := c.routes[key(request)]
		switch _, listed := refusedOperations[m.Name]; {
		case !ok:
			t.Errorf("%s: %s is not served", m.Name, key(request))
		case listed:
			refused[m.Name] = true
			c.mustRefuse(m.Name, found, request)
		default:
			c.operation(m.Name, found, in, out)
			c.keeps(m.Name, found, request)
			if isStored(m.Name) {
				c.keeps(m.Name+" of what is empty", found, c.record(m, in, empty))
			}
		}
	}
	if n < 45 {
		t.Errorf("found %d operations in the SDK; it has had 45", n)
	}
	for _, name := range slices.Sorted(maps.Keys(refusedOperations)) {
		if !refused[name] {
			t.Errorf("refusedOperations: the SDK has no %s", name)
		}
	}
	for _, field := range slices.Sorted(maps.Keys(absentFields)) {
		if !c.absent[field] {
			t.Errorf("absentFields: %s is not a member of the SDK that is missing here", field)
		}
	}
}

// isStored reports whether what an operation is given is described later, so that what is empty must stay. A question may take
// it for what is absent; and the ARN of what is tagged is in the path.
func isStored(operation string) bool {
	for _, verb := range []string{"Create", "Register", "Update", "Submit"} {
		if strings.HasPrefix(operation, verb) {
			return true
		}
	}
	return false
}

// coverage compares the types of the SDK with those of the wire.
type coverage struct {
	*testing.T
	routes map[string]route
	absent map[string]bool // of absentFields, those that are missing
	seen   map[[2]reflect.Type]bool
}

// operationTypes returns the types of the input and output of a method of the SDK's client, if it is an operation.
func operationTypes(m reflect.Type) (in, out reflect.Type, ok bool) {
	if m.NumIn() != 4 || m.NumOut() != 2 || m.In(1) != reflect.TypeFor[context.Context]() || m.In(2).Kind() != reflect.Pointer {
		return nil, nil, false
	}
	return m.In(2).Elem(), m.Out(0).Elem(), strings.HasSuffix(m.In(2).Elem().Name(), "Input")
}

// record returns the request that the SDK makes of an input whose members set has set.
func (c *coverage) record(m reflect.Method, in reflect.Type, set func(reflect.Value)) *http.Request {
	c.Helper()
	var sent *http.Request
	client := sdk.New(sdk.Options{
		Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""), BaseEndpoint: aws.String("http://batch.invalid"),
		RetryMaxAttempts: 1, HTTPClient: doer(func(r *http.Request) (*http.Response, error) {
			sent = r.Clone(c.Context())
			if r.Body != nil { // it is closed when this returns
				body, err := io.ReadAll(r.Body)
				if err != nil {
					c.Error(err)
				}
				sent.Body = io.NopCloser(bytes.NewReader(body))
			}
			return nil, errors.New("recorded")
		}),
	})
	input := reflect.New(in)
	set(input.Elem())
	m.Func.Call([]reflect.Value{reflect.ValueOf(client), reflect.ValueOf(c.Context()), input})
	if sent == nil {
		c.Fatalf("%s was not sent", m.Name)
	}
	return sent
}

type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r) }

// mustRefuse checks that a route answers a ClientException that says why.
func (c *coverage) mustRefuse(name string, found route, r *http.Request) {
	c.Helper()
	var refusal *wire.Error
	err := found.serve(httptest.NewRecorder(), r)
	if !errors.As(err, &refusal) || refusal.Code != wire.CodeClient || !strings.Contains(refusal.Message, "not served here") {
		c.Errorf("%s: %v", name, err)
	}
}

// operation compares the types of one operation. Those on tags have their ARN and keys in the path and the query.
func (c *coverage) operation(name string, found route, in, out reflect.Type) {
	switch name {
	case "TagResource":
		c.compare("TagResource", reflect.TypeFor[struct{ Tags map[string]string }](), found.request)
	case "UntagResource": // as it is sent, and answered by nothing
		return
	case "ListTagsForResource":
		c.compare(name, out, reflect.TypeFor[wire.ListTagsForResourceResponse]())
	default:
		if found.request == nil {
			c.Errorf("%s: its route says nothing of its types", name)
			return
		}
		c.compare(name, in, found.request)
		c.compare(name, out, found.answer)
	}
}

// keeps checks that what the SDK sends is decoded, and encoded again is what was sent: nothing is lost or changed.
func (c *coverage) keeps(name string, found route, r *http.Request) {
	c.Helper()
	if found.request == nil { // the input is in the path and the query
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		c.Fatal(err)
	}
	decoded := reflect.New(found.request).Interface()
	if err := wire.Decode(bytes.NewReader(body), wire.MaxBody, decoded); err != nil {
		c.Errorf("%s: %v", name, err)
		return
	}
	kept, err := json.Marshal(decoded)
	if err != nil {
		c.Fatal(err)
	}
	var was, is any
	if err := errors.Join(json.Unmarshal(body, &was), json.Unmarshal(kept, &is)); err != nil {
		c.Fatal(err)
	}
	if !reflect.DeepEqual(was, is) {
		c.Errorf("%s:\nsent %s\nkept %s", name, body, kept)
	}
}

// compare checks that every member of theirs is one of ours, of a like type.
func (c *coverage) compare(place string, theirs, ours reflect.Type) {
	for theirs.Kind() == reflect.Pointer {
		theirs = theirs.Elem()
	}
	for ours.Kind() == reflect.Pointer {
		ours = ours.Elem()
	}
	switch {
	case theirs.Kind() == reflect.Float32 && ours.Kind() == reflect.Float64:
	case theirs.Kind() != ours.Kind():
		c.Errorf("%s: %s there, %s here", place, theirs, ours)
	case theirs.Kind() == reflect.Slice, theirs.Kind() == reflect.Map:
		c.compare(place+"[]", theirs.Elem(), ours.Elem())
	case theirs.Kind() == reflect.Struct:
		c.structs(place, theirs, ours)
	}
}

func (c *coverage) structs(place string, theirs, ours reflect.Type) {
	if pair := [2]reflect.Type{theirs, ours}; c.seen[pair] {
		return
	} else {
		c.seen[pair] = true
	}
	members := map[string]reflect.Type{}
	membersOf(ours, members)
	for i := range theirs.NumField() {
		f := theirs.Field(i)
		if !f.IsExported() || f.Name == "ResultMetadata" {
			continue
		}
		name := string(unicode.ToLower(rune(f.Name[0]))) + f.Name[1:]
		field := theirs.Name() + "." + f.Name
		ours, ok := members[name]
		switch _, listed := absentFields[field]; {
		case ok && listed:
			c.Errorf("absentFields: %s is here: %s.%s", field, place, name)
		case ok:
			c.compare(place+"."+name, f.Type, ours)
		case listed:
			c.absent[field] = true
		default:
			c.Errorf("%s.%s (%s) is not here", place, name, field)
		}
	}
}

// membersOf collects the types of the members of a struct by their JSON names.
func membersOf(t reflect.Type, into map[string]reflect.Type) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			membersOf(f.Type, into)
		case name != "" && name != "-":
			into[name] = f.Type
		case name == "":
			into[string(unicode.ToLower(rune(f.Name[0])))+f.Name[1:]] = f.Type
		}
	}
}

// maxDepth bounds how deep types within types are set.
const maxDepth = 16

// complete sets every member of v.
func complete(v reflect.Value, depth int) {
	if depth == 0 {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		complete(v.Elem(), depth-1)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				complete(v.Field(i), depth-1)
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		complete(v.Index(0), depth-1)
	case reflect.Map:
		element := reflect.New(v.Type().Elem()).Elem()
		complete(element, depth-1)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("key"), element)
	case reflect.String:
		v.SetString("text")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32, reflect.Int64:
		v.SetInt(7)
	case reflect.Float32, reflect.Float64:
		v.SetFloat(0.5)
	default: // the SDK has no other kinds
	}
}

// empty sets every member of v to what is there and empty: no text, 0, false, no elements but one of each structure.
func empty(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		empty(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			switch f := v.Field(i); {
			case !f.CanSet():
			case f.Kind() == reflect.String: // a word of an enumeration: the SDK does not send an empty one
				f.SetString("text")
			default:
				empty(f)
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 0, 1))
		if v.Type().Elem().Kind() == reflect.Struct {
			v.SetLen(1)
			empty(v.Index(0))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
	default: // as it is
	}
}
