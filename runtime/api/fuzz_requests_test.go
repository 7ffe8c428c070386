package api_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/api"
	"github.com/batchd/terraform-provider-batch/runtime/auth"
)

// worldOfRequests is what the requests of FuzzRequests find.
var worldOfRequests = [][2]string{
	{"/v1/createcomputeenvironment", `{"computeEnvironmentName":"here","type":"MANAGED","computeResources":{"type":"LOCAL","maxvCpus":4}}`},
	{"/v1/createjobqueue", `{"jobQueueName":"work","priority":1,"computeEnvironmentOrder":[{"order":1,"computeEnvironment":"here"}]}`},
	{"/v1/registerjobdefinition", `{"jobDefinitionName":"hold","type":"container","containerProperties":{"command":["hold"]}}`},
}

// FuzzRequests sends requests to a whole runtime: none of them makes it fail, each is answered in JSON or, for STS, in
// XML, and an error has a code and a message. The seeds are the requests of the transcripts.
func FuzzRequests(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.txt"))
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, each := range transcribed(string(text)) {
			f.Add(each[0], each[1], "")
		}
	}
	for _, action := range []string{"GetLogEvents", "FilterLogEvents", "DescribeLogGroups", "DescribeLogStreams"} {
		f.Add("/", `{"logGroupName":"/aws/batch/job","logStreamName":"hold/default/0-1","nextToken":"f/e30","limit":1}`, "Logs_20140328."+action)
		f.Add("/", `{"logGroupName":"/aws/batch/job","logStreamNames":["hold/default/0-1"],"nextToken":"eyJzIjotMX0"}`, "Logs_20140328."+action)
	}
	f.Add("/", "Action=GetCallerIdentity&Version=2011-06-15", "")
	f.Fuzz(func(t *testing.T, path, body, target string) {
		if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "/batchd/v1/lease") || strings.ContainsAny(path, " ?#\x7f") || strings.ContainsFunc(path, func(r rune) bool { return r < ' ' }) {
			return // no request, or one that lasts
		}
		w := newWorld(t, memory(t), func(o *api.Options) { o.Authenticator = auth.Anonymous{} })
		for _, each := range worldOfRequests {
			if answer := w.send(each[0], each[1], ""); answer.Code != http.StatusOK {
				t.Fatalf("%s: %d %s", each[0], answer.Code, answer.Body)
			}
		}
		answer := w.send(path, body, target)
		if answer.Code >= http.StatusInternalServerError {
			t.Errorf("%d %s", answer.Code, answer.Body)
		}
		if strings.HasPrefix(answer.Header().Get("Content-Type"), "text/") {
			return // XML of STS, or that it is healthy
		}
		var members struct {
			Message *string `json:"message"`
		}
		if err := json.Unmarshal(answer.Body.Bytes(), &members); err != nil {
			t.Fatalf("%d %s: %v", answer.Code, answer.Body, err)
		}
		if answer.Code != http.StatusOK && (members.Message == nil || *members.Message == "" || answer.Header().Get("X-Amzn-Errortype") == "") {
			t.Errorf("%d %s", answer.Code, answer.Body)
		}
	})
}

// send sends one request from this machine.
func (w *world) send(path, body, target string) *httptest.ResponseRecorder {
	r, err := http.NewRequestWithContext(w.Context(), http.MethodPost, "http://127.0.0.1:4567"+path, strings.NewReader(body))
	answer := httptest.NewRecorder()
	if err != nil {
		answer.Body.WriteString("{}") // no client could send it
		return answer
	}
	r.RemoteAddr = "127.0.0.1:1"
	r.Header.Set("Content-Type", "application/json")
	if target != "" {
		r.Header["X-Amz-Target"] = []string{target}
		r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	} else if path == "/" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w.handler.ServeHTTP(answer, r)
	return answer
}

// transcribed returns the paths and bodies of the POST requests of a transcript.
func transcribed(text string) [][2]string {
	var requests [][2]string
	for part := range strings.SplitSeq(text, "\n\n") {
		at := strings.Index(part, "POST /")
		end := strings.Index(part, "\n----")
		if at < 0 || end < at {
			continue
		}
		line, body, _ := strings.Cut(part[at:end], "\n")
		requests = append(requests, [2]string{strings.Fields(line)[1], body})
	}
	return requests
}
