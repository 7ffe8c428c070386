package wire_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

func TestErrorTravels(t *testing.T) {
	sent := wire.Error{Code: wire.CodeClient, Message: "Job queue foo does not exist", StatusCode: 404, RequestID: "r"}
	w := httptest.NewRecorder()
	sent.Write(w)
	if got := wire.ReadError(w.Result()); *got != sent {
		t.Errorf("read %+v, sent %+v", *got, sent)
	}
}

func TestReadErrorOfOthers(t *testing.T) {
	tests := []struct {
		name, header, body string
		want               wire.Error
	}{
		{"namespaced", "com.amazonaws.batch#ClientException:http://x/", `{"message":"m"}`, wire.Error{Code: "ClientException", Message: "m", StatusCode: 500}},
		{"type in body", "", `{"__type":"ns#ServerException","Message":"m"}`, wire.Error{Code: "ServerException", Message: "m", StatusCode: 500}},
		{"page", "", `<html>bad gateway</html>`, wire.Error{Code: "UnknownError", Message: "<html>bad gateway</html>", StatusCode: 500}},
		{"nothing", "", ``, wire.Error{Code: "UnknownError", Message: "500 Internal Server Error", StatusCode: 500}},
		{"odd members", "", `{"message":5,"code":null}`, wire.Error{Code: "UnknownError", Message: `{"message":5,"code":null}`, StatusCode: 500}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			if test.header != "" {
				w.Header().Set(wire.HeaderErrorType, test.header)
			}
			w.WriteHeader(500)
			_, _ = w.WriteString(test.body)
			if got := wire.ReadError(w.Result()); *got != test.want {
				t.Errorf("read %+v, want %+v", *got, test.want)
			}
		})
	}
}

// FuzzReadError reads answers that are errors, whatever a proxy made of them.
func FuzzReadError(f *testing.F) {
	for _, seed := range [][2]string{
		{"ClientException", `{"message":"a"}`},
		{"", `{"__type":"com.amazonaws.batch#ClientException:http://x","Message":"a"}`},
		{"", `{"code":"a","message":5}`},
		{"#:", `<html>`},
		{"a:b", ``},
		{"", `null`},
		{"", `[]`},
		{"", "\xff"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, header, body string) {
		answer := &http.Response{StatusCode: 400, Status: "400 Bad Request", Header: http.Header{"X-Amzn-Errortype": {header}}, Body: io.NopCloser(strings.NewReader(body))}
		e := wire.ReadError(answer)
		if e.StatusCode != 400 || e.Message == "" || len(e.Message) > len(body)+len(answer.Status) {
			t.Errorf("%+v", e)
		}
		if e.Code == "" || strings.ContainsAny(e.Code, ":#") {
			t.Errorf("code %q", e.Code)
		}
	})
}
