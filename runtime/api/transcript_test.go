package api_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/cockroachdb/datadriven"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// TestTranscripts plays the files in testdata against a runtime, on each store: a request line and its
// body, "----", and the answer. Run with -rewrite to write the answers anew, and read the difference.
//
//	POST /v1/submitjob save=(train:jobId) show=(jobName)
//	{"jobName": "train", ...}
//	tags METHOD TYPE/NAME [keys=(a,b)]   an operation on the tags of a resource
//	wait train SUCCEEDED                 waits for a status
//	finish train [CODE]                  ends the attempt that runs
//	print train                          adds the body to the output of the attempt that runs
//
// save=(name:path,…) names values of the answer, which later requests write $name; show=(path,…) prints
// only those; as=, host=, origin=, type=, target=, invocation= change the request, and repeat=N writes N
// letters for each @ of the body. Ids and times are replaced by names.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for name, open := range map[string]func(*testing.T) store.Store{"memory": memory, "sqlite": sqliteStore} {
		for _, path := range files {
			t.Run(name+"/"+strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
				s := &transcript{world: newWorld(t, open(t), nil), names: map[string]string{}}
				datadriven.RunTest(t, path, s.run)
			})
		}
	}
}

// transcript is a file being played.
type transcript struct {
	*world
	names map[string]string // of saved values
	order []string
}

func (s *transcript) run(t *testing.T, d *datadriven.TestData) string {
	t.Helper()
	switch d.Cmd {
	case "wait":
		status, ok := batch.ParseStatus(d.CmdArgs[1].Key)
		if !ok {
			d.Fatalf(t, "no status: %s", d.CmdArgs[1].Key)
		}
		s.awaitStatus(s.job(d.CmdArgs[0].Key), status)
		return ""
	case "finish":
		code := 0
		if len(d.CmdArgs) > 1 {
			code, _ = strconv.Atoi(d.CmdArgs[1].Key)
		}
		s.finish(s.job(d.CmdArgs[0].Key), int32(code))
		return ""
	case "print":
		j := s.awaitStatus(s.job(d.CmdArgs[0].Key), batch.Running)
		s.driver.Print(j.AttemptID(), d.Input+"\n")
		return ""
	default:
		return s.ask(t, d)
	}
}

func (s *transcript) job(name string) batch.JobID { return batch.JobID(s.fill("$" + name)) }

// fill replaces $name by what was saved, longer names first.
func (s *transcript) fill(text string) string {
	for _, name := range slices.SortedFunc(slices.Values(s.order), func(a, b string) int { return len(b) - len(a) }) {
		text = strings.ReplaceAll(text, "$"+name, s.names[name])
	}
	return text
}

func argument(d *datadriven.TestData, name string) []string {
	arg, _ := d.Arg(name)
	return arg.Vals
}

func first(list []string, otherwise string) string {
	if len(list) == 0 {
		return otherwise
	}
	return list[0]
}

func (s *transcript) ask(t *testing.T, d *datadriven.TestData) string {
	t.Helper()
	method, target, body := d.Cmd, d.CmdArgs[0].Key, s.fill(d.Input)
	if d.Cmd == "tags" {
		method = d.CmdArgs[0].Key
		target = "/v1/tags/" + url.PathEscape("arn:aws:batch:us-east-1:123456789012:"+s.fill(d.CmdArgs[1].Key))
		if keys := argument(d, "keys"); len(keys) > 0 {
			target += "?" + url.Values{"tagKeys": keys}.Encode()
		}
	}
	if repeat := argument(d, "repeat"); len(repeat) > 0 { // the body becomes large
		n, _ := strconv.Atoi(repeat[0])
		body = strings.ReplaceAll(body, "@", strings.Repeat("x", n))
	}
	r := httptest.NewRequestWithContext(t.Context(), method, "http://"+first(argument(d, "host"), "127.0.0.1:4567")+target, strings.NewReader(body))
	r.Header.Set("Content-Type", first(argument(d, "type"), "application/json"))
	for header, values := range map[string][]string{
		"Origin": argument(d, "origin"), "X-Amz-Target": argument(d, "target"), "Amz-Sdk-Invocation-Id": argument(d, "invocation"),
	} {
		if len(values) > 0 {
			r.Header.Set(header, values[0])
		}
	}
	s.sign(t, r, body, first(argument(d, "as"), "owner"))
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return s.render(t, d, w.Result())
}

// sign signs a request as its owner, with a wrong secret or an unknown key, or not at all.
func (s *transcript) sign(t *testing.T, r *http.Request, body, who string) {
	t.Helper()
	k := aws.Credentials{AccessKeyID: keyID, SecretAccessKey: secret}
	switch who {
	case "nobody":
		return
	case "forger":
		k.SecretAccessKey = "guessed"
	case "stranger":
		k.AccessKeyID = "AKIDSTRANGER"
	}
	sum := sha256.Sum256([]byte(body))
	if err := v4.NewSigner().SignHTTP(t.Context(), k, r, hex.EncodeToString(sum[:]), "batch", region, time.Now()); err != nil {
		t.Fatal(err)
	}
	if who == "tamperer" {
		r.Body = io.NopCloser(strings.NewReader(body + " "))
	}
}

func (s *transcript) render(t *testing.T, d *datadriven.TestData, answer *http.Response) string {
	t.Helper()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if !uuidPattern.MatchString(answer.Header.Get("X-Amzn-Requestid")) {
		d.Fatalf(t, "the answer has no id")
	}
	var out strings.Builder
	fmt.Fprintln(&out, strings.TrimSpace(fmt.Sprint(answer.StatusCode, " ", answer.Header.Get("X-Amzn-Errortype"))))
	var members any
	if err := json.Unmarshal(text, &members); err != nil {
		return out.String() + s.anonymous(string(text)) + "\n"
	}
	for _, each := range argument(d, "save") {
		name, path, _ := strings.Cut(each, ":")
		s.names[name] = fmt.Sprint(at(members, path))
		s.order = append(s.order, name)
	}
	if shown := argument(d, "show"); len(shown) > 0 {
		for _, path := range shown {
			fmt.Fprintf(&out, "%s: %s\n", path, s.anonymous(compact(t, at(members, path))))
		}
		return out.String()
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, text, "", "  "); err != nil {
		t.Fatal(err)
	}
	return out.String() + s.anonymous(strings.TrimSpace(indented.String())) + "\n"
}

// at follows a path of names and indices; # is the number of entries.
func at(value any, path string) any {
	for step := range strings.SplitSeq(path, ".") {
		switch v := value.(type) {
		case map[string]any:
			value = v[step]
		case []any:
			i, err := strconv.Atoi(step)
			switch {
			case step == "#":
				value = len(v)
			case err == nil && i < len(v):
				value = v[i]
			default:
				value = nil
			}
		default:
			value = nil
		}
	}
	return value
}

func compact(t *testing.T, value any) string {
	t.Helper()
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(text.String())
}

var (
	uuidPattern   = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	timePattern   = regexp.MustCompile(`\b[12][0-9]{12}\b`)
	wallPattern   = regexp.MustCompile(`("wallMillis": ?)[0-9]+`)
	tokenPattern  = regexp.MustCompile(`("next(?:Forward|Backward)?Token": ?")(f/|b/)?[A-Za-z0-9_-]+"`)
	digestPattern = regexp.MustCompile(`("contentKey": ?")[0-9a-f]{32}"`)
)

// anonymous replaces what differs from run to run.
func (s *transcript) anonymous(text string) string {
	for _, name := range s.order {
		value := s.names[name]
		if uuidPattern.MatchString(value) {
			text = strings.ReplaceAll(text, value, "$"+name)
			hexadecimal := strings.NewReplacer("-", "", ":", "-").Replace(value)
			text = strings.ReplaceAll(text, hexadecimal, "$"+name+"'")
		}
	}
	text = uuidPattern.ReplaceAllString(text, "<uuid>")
	text = timePattern.ReplaceAllString(text, "0")
	text = wallPattern.ReplaceAllString(text, "${1}0")
	text = digestPattern.ReplaceAllString(text, `${1}<key>"`)
	return tokenPattern.ReplaceAllString(text, `${1}${2}<token>"`)
}
