package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"net/http/httptest"
	"net/url"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/api/pagetoken"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/describe"
)

// What decoding a request may allocate: some bytes for each of its own, and what [wire.Decode] allows it in entries.
const (
	allocatedPerByte = 64
	allocatedAlways  = 64 << 20
)

// decodedRoutes lists the keys of the routes whose requests are decoded by type, in order.
func decodedRoutes() ([]string, map[string]route) {
	routes := (&server{}).table()
	maps.DeleteFunc(routes, func(_ string, r route) bool { return r.request == nil })
	return slices.Sorted(maps.Keys(routes)), routes
}

// FuzzDecoders decodes and validates the body of each operation. Whatever it is, that ends in a request or in an error
// that names a member, and takes no more memory than is allowed.
func FuzzDecoders(f *testing.F) {
	keys, routes := decodedRoutes()
	for i, key := range keys {
		full := reflect.New(routes[key].request)
		complete(full.Elem(), maxDepth)
		body, err := json.Marshal(full.Interface())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(i), body)
		f.Add(uint8(i), []byte(`{"a":1}`))
	}
	submit := uint8(slices.Index(keys, "POST "+wire.PathSubmitJob))
	for _, body := range []string{
		``, `null`, `[]`, `{"jobName":null}`, `{"jobName":"a","jobName":"b"}`, `{"dependsOn":[{},null]}`, `{"dependsOn":[` + strings.Repeat("{},", 2000) + `{}]}`,
		`{"batchd":{"points":[{},{"a":"b"}],"inputs":{"a":"b"}}}`, `{"arrayProperties":{"size":1e3}}`, `99E999`, `{"tags":{"a":null}}`, strings.Repeat(`{"batchd":`, 100), "{\"jobName\":\"\xff\\u0000\"}",
	} {
		f.Add(submit, []byte(body))
	}
	f.Fuzz(func(t *testing.T, which uint8, body []byte) {
		found := routes[keys[int(which)%len(keys)]]
		request := reflect.New(found.request).Interface()
		before := allocated()
		err := wire.Decode(bytes.NewReader(body), max(found.limit, wire.MaxBody), request)
		if took := allocated() - before; took > allocatedAlways+allocatedPerByte*uint64(len(body)) {
			t.Errorf("decoding %d bytes took %d", len(body), took)
		}
		if err == nil {
			if v, ok := request.(interface{ Validate() error }); ok {
				err = v.Validate()
			}
		}
		var field *wire.FieldError
		if err != nil && !errors.As(err, &field) {
			t.Errorf("%T: %v", err, err)
		}
		if field != nil && len(field.Error()) > 8<<10 {
			t.Errorf("an error of %d bytes", len(field.Error()))
		}
	})
}

// allocated is how many bytes have been allocated so far.
func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

// FuzzIdentifiers reads names, ARNs and ids: what is read is written as it was.
func FuzzIdentifiers(f *testing.F) {
	for _, seed := range []string{
		"", "a", "a:1", "a:01", "a:0", ":1", "arn:aws:batch:us-east-1:123456789012:job-queue/q", "arn:aws:batch:us-east-1:123456789012:job-definition/a:1",
		"arn:aws:batch:us-east-1:123456789012:job-queue/q/quota-share/s", "arn:aws:batch:::job/", "arn:aws:s3:::b", "arn:", "5c1ab8d4-4d3e-4b6a-9a67-1d1d3c5b2f00:3",
		"5c1ab8d4-4d3e-4b6a-9a67-1d1d3c5b2f00#2", "5c1ab8d4-4d3e-4b6a-9a67-1d1d3c5b2f00:3/1", "a:2147483648", "a#-1", "5c1ab8d44d3e4b6a9a671d1d3c5b2f00-n2-1", "0:1", "1:", ":",
		"a/default/5c1ab8d44d3e4b6a9a671d1d3c5b2f00-1", "%2F", "é\xff",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if kind, name, ok := batch.ParseARN(text); ok {
			if again, same, ok := batch.ParseARN(here.Place.ARN(kind, name)); !ok || again != kind || same != name {
				t.Errorf("%q is %q, %q; again %q, %q", text, kind, name, again, same)
			}
		}
		if ref := batch.ParseDefinitionRef(text); ref.Revision != 0 && batch.ParseDefinitionRef(ref.String()) != ref {
			t.Errorf("%q is %v", text, ref)
		}
		id := here.jobID(text)
		if root, _, part := id.Part(); part && len(root) >= len(id) || id.Root() != root {
			t.Errorf("%q is a part of %q", id, root)
		}
		if a, err := batch.ParseAttemptID(text); err == nil {
			if again, err := batch.ParseAttemptID(a.String()); err != nil || again != a {
				t.Errorf("%q is %v; again %v, %v", text, a, again, err)
			}
		}
		if a, ok := describe.ParseTaskID(text); ok && describe.TaskID(a) != text {
			t.Errorf("task %q is %v", text, a)
		}
		if queue, share, err := here.quotaShareOf(text); err == nil && !strings.HasPrefix(queue, "arn:") {
			if q, s, err := here.quotaShareOf(here.Place.ARN(batch.ResourceQueue, queue+quotaMark+share)); err != nil || q != queue || s != share {
				t.Errorf("%q is %q, %q; again %q, %q, %v", text, queue, share, q, s, err)
			}
		}
		if r, ok := wire.ParseNodeRange(text); ok && r.To != -1 && r.To < r.From {
			t.Errorf("nodes %q are %v", text, r)
		}
		r := httptest.NewRequest("GET", "/", nil)
		r.URL = &url.URL{Path: wire.PathTags + text, RawPath: wire.PathTags + url.PathEscape(text)}
		var refused *batch.Error
		if _, err := here.taggable(arnOf(r)); err != nil && !errors.As(err, new(*wire.FieldError)) && (!errors.As(err, &refused) || refused.Kind != batch.NotFound) {
			t.Errorf("%q: %v", text, err)
		}
	})
}

// FuzzTokens reads the tokens of pages: each ends in a place that has the same token again, or is refused.
func FuzzTokens(f *testing.F) {
	places := []func() any{
		func() any { return new(string) }, func() any { return new(int64) }, func() any { return new(int32) }, func() any { return new(batch.DefinitionRef) },
		func() any { return new(listPlace) },
	}
	for _, at := range []any{"name", int64(7), batch.DefinitionRef{Name: "a", Revision: 1}, listPlace{1, 2}} {
		f.Add(pagetoken.Encode(at))
	}
	for _, seed := range []string{"", "guessed", "bnVsbA", "e30", "W10"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		for _, place := range places {
			at := place()
			if err := pagetoken.Decode(token, at); err != nil {
				if !errors.As(err, new(*wire.FieldError)) {
					t.Errorf("%T: %v", at, err)
				}
				continue
			}
			again := place()
			if err := pagetoken.Decode(pagetoken.Encode(at), again); err != nil || !reflect.DeepEqual(at, again) {
				t.Errorf("%q is %+v; again %+v, %v", token, at, again, err)
			}
		}
	})
}
