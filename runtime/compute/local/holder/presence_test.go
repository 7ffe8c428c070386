//go:build linux || darwin

package holder

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// whole is an exit with every field set.
func whole() batch.Exit {
	code := int32(3)
	return batch.Exit{
		Attempt: batch.AttemptID{Job: "j:1", Number: 2}, Kind: batch.Exited, StartedAt: 1000, StoppedAt: 2000, Code: &code, Reason: "a reason",
		Log:   batch.LogRef{Span: batch.LogSpan{From: batch.LogPosition{Segment: 4, Offset: 77}, To: batch.LogPosition{Segment: 5, Offset: 99}, Bytes: 22, Dropped: 11}},
		Usage: batch.Usage{CPUMillis: 33, MaxRSSKiB: 44}, Result: []byte(`{"a":1}`), ResultError: "a problem", ImageDigest: "sha256:1", BaseKey: "key", Doubtful: true,
	}
}

// TestAWholeExitTravels fails if a field of an exit is forgotten where exits travel and are kept.
func TestAWholeExitTravels(t *testing.T) {
	exit := whole()
	exit.StatusReason = "Task failed to start"
	of := reflect.ValueOf(exit)
	for i := range of.NumField() {
		if of.Field(i).IsZero() {
			t.Errorf("%s is not set in whole()", of.Type().Field(i).Name)
		}
	}
	if got := packExit(exit).unpack(); !reflect.DeepEqual(got, exit) {
		t.Errorf("got %+v, want %+v", got, exit)
	}
}

// TestWhatAnEarlierHolderSays reads what holders of protocol 2 sent, and wrote into the journal, before a log was a [batch.LogRef].
func TestWhatAnEarlierHolderSays(t *testing.T) {
	text, err := os.ReadFile("testdata/response-2.hex")
	if err != nil {
		t.Fatal(err)
	}
	sent, err := hex.DecodeString(strings.Join(strings.Fields(string(text)), ""))
	if err != nil {
		t.Fatal(err)
	}
	var response Response
	if err := newCodec(bytes.NewBuffer(sent)).receive(&response); err != nil || len(response.Events) != 2 {
		t.Fatalf("%+v, %v", response, err)
	}
	want := whole()
	began := batch.AttemptStarted{Attempt: want.Attempt, At: want.StartedAt, Log: want.Log.Begun()}
	if got := response.Events[0].Unpack().Started; got != began {
		t.Errorf("started %+v, want %+v", got, began)
	}
	if got := response.Events[1].Unpack().Exit; !reflect.DeepEqual(got, want) {
		t.Errorf("exit %+v, want %+v", got, want)
	}

	lines, err := os.ReadFile("testdata/journal.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	entries := json.NewDecoder(bytes.NewReader(lines))
	var begin, exit entry
	if err := entries.Decode(&begin); err != nil || begin.Log != want.Log.Span.From {
		t.Errorf("begin %+v, %v", begin, err)
	}
	if err := entries.Decode(&exit); err != nil || !reflect.DeepEqual(exit.Exit.unpack(), whole()) {
		t.Errorf("exit %+v, %v", exit, err)
	}
}
