package wrapper_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/wrapper"
)

func atoi(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// lines are those of the first attempt of job "j" which left [1]; the checksums are what sha256sum prints.
var lines = []string{
	"::batchd:j/1:usage size 0 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	"::batchd:j/1:result size 3 080a9ed428559ef602668b4c00f114f1a11c3f6b02a435f0bdc154578e4d7f22",
	"::batchd:j/1:result 0 5b31",
	"::batchd:j/1:result 1 5d",
	"::batchd:j/1:end 0",
}

func decoded(events ...string) *wrapper.Decoder {
	d := wrapper.NewDecoder(batch.AttemptID{Job: "j", Number: 1})
	for _, event := range events {
		d.Take(event)
	}
	return d
}

func TestLinesMayComeTwiceAndInAnyOrder(t *testing.T) {
	for _, events := range [][]string{
		lines,
		{lines[4], lines[3], lines[2], lines[1], lines[0]},
		append(append([]string{}, lines...), lines...),
		{strings.Join(lines, "\n")},
		{"output" + lines[0], lines[1], lines[2], lines[3], lines[4]},
	} {
		d := decoded(events...)
		if body, problem := d.Result(); string(body) != "[1]" || problem != "" || !d.Complete() {
			t.Errorf("%q: %q, %q, complete %v", events, body, problem, d.Complete())
		}
	}
}

func TestAResultWithAMissingLineIsIncomplete(t *testing.T) {
	for missing, want := range map[int]string{
		1: "it is incomplete: the log contains 3 bytes of it and not its size",
		2: "it is incomplete: the log contains the first 0 of its 3 bytes",
		3: "it is incomplete: the log contains the first 2 of its 3 bytes",
	} {
		d := decoded(append(append([]string{}, lines[:missing]...), lines[missing+1:]...)...)
		if body, problem := d.Result(); body != nil || problem != want || d.Complete() {
			t.Errorf("without line %d: %q, %q, complete %v", missing, body, problem, d.Complete())
		}
	}
	d := decoded(lines[0])
	if body, problem := d.Result(); body != nil || !strings.Contains(problem, "the log of the attempt ends before") || d.Complete() {
		t.Errorf("of a killed attempt: %q, %q", body, problem)
	}
}

func TestADamagedResultIsNotTaken(t *testing.T) {
	d := decoded(lines[0], lines[1], "::batchd:j/1:result 0 5b32", lines[3], lines[4])
	if body, problem := d.Result(); body != nil || problem != "it is damaged: the checksum of its 3 bytes in the log does not hold" {
		t.Errorf("%q, %q", body, problem)
	}
	d = decoded(append(append([]string{}, lines...), "::batchd:j/1:result size 1 none")...)
	if body, problem := d.Result(); body != nil || problem != "the log contains two different results" || !d.Complete() {
		t.Errorf("%q, %q", body, problem)
	}
}

func TestLinesOfOthersAreOutput(t *testing.T) {
	id := batch.AttemptID{Job: "j", Number: 1}
	for event, want := range map[string]string{
		"hello":                            "hello",
		"":                                 "",
		"::batchd:j/2:end 0":               "::batchd:j/2:end 0",
		"::batchd:j/1:end 0":               "-",
		"half" + lines[0]:                  "half",
		"one\n" + lines[0] + "\ntwo":       "one\ntwo",
		"::batchd:j/1:":                    "-",
		"::batchd:j/1:result -1 zz":        "-",
		"::batchd:j/1:result size -1 none": "-",
		"::batchd:j/1:result 0 5b 31 5d ":  "-",
	} {
		output, shown := wrapper.Strip(id, event)
		if !shown {
			output = "-"
		}
		if output != want {
			t.Errorf("%q is shown as %q, want %q", event, output, want)
		}
	}
}

func FuzzDecoder(f *testing.F) {
	f.Add(strings.Join(lines, "\n"))
	f.Fuzz(func(t *testing.T, event string) {
		d := decoded(event)
		body, problem := d.Result()
		if body != nil && problem != "" || len(body) > batch.MaxResultBytes {
			t.Errorf("%d bytes, %q", len(body), problem)
		}
		if used, problem := d.Usage(); problem != "" && used != (batch.Usage{}) {
			t.Errorf("%+v, %q", used, problem)
		}
	})
}
