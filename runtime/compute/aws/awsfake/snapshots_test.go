package awsfake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/pricing"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/awsfake/wire"
)

// clientOf makes the SDK's client of each service, by the service's name in signatures.
var clientOf = map[string]func(aws.Config) any{
	"ec2":     func(c aws.Config) any { return ec2.NewFromConfig(c) },
	"ecs":     func(c aws.Config) any { return ecs.NewFromConfig(c) },
	"events":  func(c aws.Config) any { return eventbridge.NewFromConfig(c) },
	"iam":     func(c aws.Config) any { return iam.NewFromConfig(c) },
	"logs":    func(c aws.Config) any { return cloudwatchlogs.NewFromConfig(c) },
	"pricing": func(c aws.Config) any { return pricing.NewFromConfig(c) },
	"sqs": func(c aws.Config) any {
		return sqs.NewFromConfig(c, func(o *sqs.Options) { o.DisableMessageChecksumValidation = true })
	},
	"ssm": func(c aws.Config) any { return ssm.NewFromConfig(c) },
	"sts": func(c aws.Config) any { return sts.NewFromConfig(c) },
}

// unread are operations whose requests cannot be read with every member set, and why that is right.
var unread = map[string]string{
	"SimulatePrincipalPolicy": "PolicyExclusionList is a list of a union, and only bootstraps of organizations use it",
	"RunTask":                 "the sharing strategy of a GPU is a union, and batchd shares no GPUs",
	"RegisterTaskDefinition":  "the sharing strategy of a GPU is a union, and batchd shares no GPUs",
	"PutEvents":               "the snapshot names a global endpoint that the SDK itself refuses",
}

// Each module of the SDK has a request and an answer of every operation, as its authors hold their own client to them.
func TestOperationsSpeakAsTheSDKSaysTheyDo(t *testing.T) {
	for _, s := range New(Options{}).services {
		module := moduleDir(t, clientOf[s.name])
		for name, op := range s.operations {
			if _, excused := unread[name]; !excused {
				t.Run(s.name+"/"+name+"/request", func(t *testing.T) { requestSurvives(t, op, module) })
			}
			t.Run(s.name+"/"+name+"/answer", func(t *testing.T) { answerSurvives(t, op, module) })
			t.Run(s.name+"/"+name+"/every member", func(t *testing.T) { everyMemberSurvives(t, op) })
		}
	}
}

// requestSurvives reads the SDK's request as the server does, and wants the SDK to write the same request from what was read.
func requestSurvives(t *testing.T, op *operation, module string) {
	header, body := snapshot(t, filepath.Join(module, "request_snapshot", op.name+".request.snap"))
	request, err := op.service.protocol.Read(header, body)
	if err != nil {
		t.Fatal(err)
	}
	in := reflect.New(op.input)
	if err := request.Into(in.Interface()); err != nil {
		t.Fatal(err)
	}
	var sent []byte
	_, err = send(op, in, func(r *http.Request) (*http.Response, error) {
		sent, _ = io.ReadAll(r.Body)
		return nil, errors.New("it was read")
	})
	if sent == nil {
		t.Fatalf("nothing was sent: %v", err)
	}
	if diff := cmp.Diff(parsed(body), parsed(sent)); diff != "" {
		t.Errorf("the SDK's request, and what it makes of what was read (-want +got):\n%s", diff)
	}
}

// answerSurvives lets the SDK read its own answer, writes what was read as the server does, and wants the SDK to read the same again.
func answerSurvives(t *testing.T, op *operation, module string) {
	file := filepath.Join(module, "response_snapshot", op.name+".response.snap")
	if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
		t.Skip("the module has no answer of it")
	}
	header, body := snapshot(t, file)
	want, err := send(op, reflect.New(op.input), func(*http.Request) (*http.Response, error) { return reply(http.StatusOK, header, body), nil })
	if err != nil {
		t.Fatal(err)
	}
	roundTrip(t, op, want)
}

// everyMemberSurvives sets every member of the output and wants the SDK to read all of them.
func everyMemberSurvives(t *testing.T, op *operation) {
	method := reflect.ValueOf(clientOf[op.service.name](aws.Config{})).MethodByName(op.name)
	want := reflect.New(method.Type().Out(0).Elem())
	fill(want.Elem(), 0)
	roundTrip(t, op, want.Interface())
}

// roundTrip writes an output as the server does and lets the SDK read it.
func roundTrip(t *testing.T, op *operation, want any) {
	t.Helper()
	got, err := send(op, reflect.New(op.input), func(*http.Request) (*http.Response, error) {
		rw := &recorder{header: http.Header{}, status: http.StatusOK}
		if err := op.service.protocol.Answer(rw, wire.Request{ID: "1", Operation: op.name}, want); err != nil {
			return nil, err
		}
		return reply(rw.status, rw.header, rw.body.Bytes()), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	ignored := cmp.FilterPath(func(p cmp.Path) bool { return strings.HasSuffix(p.String(), "ResultMetadata") }, cmp.Ignore())
	if diff := cmp.Diff(want, got, ignored, cmp.Exporter(func(reflect.Type) bool { return true }), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("what was answered, and what the SDK read (-want +got):\n%s", diff)
	}
}

// send calls an operation of the SDK's client, whose requests are answered by do. What the client would check before sending is not checked.
func send(op *operation, in reflect.Value, do func(*http.Request) (*http.Response, error)) (any, error) {
	config := New(Options{}).Config()
	config.HTTPClient, config.RetryMaxAttempts = doer(do), 1
	config.APIOptions = append(config.APIOptions, withoutValidation)
	results := reflect.ValueOf(clientOf[op.service.name](config)).MethodByName(op.name).Call([]reflect.Value{reflect.ValueOf(context.Background()), in})
	err, _ := results[1].Interface().(error)
	return results[0].Interface(), err
}

type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r) }

func reply(status int, header http.Header, body []byte) *http.Response {
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body))}
}

// snapshot reads a file of the SDK: a first line, headers and a body.
func snapshot(t *testing.T, file string) (http.Header, []byte) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	first, rest, _ := strings.Cut(string(text), "\n")
	if strings.HasPrefix(first, "POST") {
		_, rest, _ = strings.Cut(rest, "\n")
	}
	head, body, _ := strings.Cut(rest, "\n\n")
	header := http.Header{}
	for line := range strings.Lines(head) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ": "); ok {
			header.Set(name, value)
		}
	}
	return header, []byte(body)
}

// parsed returns a body in a form that can be compared.
func parsed(body []byte) (tree any) {
	if json.Unmarshal(body, &tree) == nil {
		return tree
	}
	form, _ := url.ParseQuery(string(body))
	return form
}

// moduleDir returns where the source of a client's module is.
func moduleDir(t *testing.T, client func(aws.Config) any) string {
	t.Helper()
	path := reflect.TypeOf(client(aws.Config{})).Elem().PkgPath()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", path).Output()
	if err != nil {
		t.Fatalf("go list -m %s: %v", path, err)
	}
	return strings.TrimSpace(string(dir))
}

// fill sets every member of a struct, to a depth that is more than any answer has.
func fill(v reflect.Value, depth int) {
	if depth > 12 {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), depth+1)
	case reflect.Struct:
		fillStruct(v, depth)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), depth+1)
		fill(v.Index(1), depth+1)
	case reflect.Map:
		value := reflect.New(v.Type().Elem()).Elem()
		fill(value, depth+1)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("key").Convert(v.Type().Key()), value)
	case reflect.String:
		v.SetString("value " + strconv.Itoa(depth) + " <&>")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32, reflect.Int64, reflect.Uint8:
		v.Set(reflect.ValueOf(depth).Convert(v.Type()))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(0.25)
	default: // unions stay empty
	}
}

func fillStruct(v reflect.Value, depth int) {
	if v.Type() == reflect.TypeOf(someTime) {
		v.Set(reflect.ValueOf(someTime))
		return
	}
	for i := range v.NumField() {
		if field := v.Type().Field(i); field.IsExported() && field.Name != "ResultMetadata" {
			fill(v.Field(i), depth+1)
		}
	}
}
