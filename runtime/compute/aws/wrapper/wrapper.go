package wrapper

import (
	_ "embed"
	"strconv"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

const (
	// MaxProgramBytes is the largest size of the program: it is in every task definition that uses it.
	MaxProgramBytes = 2 << 10
	// ScriptVariable holds the text of the script. The job does not see it.
	ScriptVariable = "BATCHD_SCRIPT"
	// ResultVariable names the file for the result. The program sets it.
	ResultVariable = "BATCH_RESULT_FILE"
	// Shell is what the image must have.
	Shell = "/bin/sh"
)

//go:embed wrapper.sh
var source string

var program = strings.Replace(withoutComments(source), "MAXIMUM", strconv.Itoa(batch.MaxResultBytes), 1)

// EntryPoint is the entry point of a container that has the wrapper. The command of the container is run by it.
func EntryPoint() []string { return []string{Shell, "-c", program, "batchd"} }

// withoutComments leaves the lines of a shell program that do something.
func withoutComments(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if trimmed := strings.TrimSpace(line); trimmed != "" && !strings.HasPrefix(trimmed, "#") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// marker begins the lines of the wrapper of one attempt.
func marker(attempt batch.AttemptID) string { return "::batchd:" + attempt.String() + ":" }

// Strip returns what of a log event is output of the job. shown is false if nothing is.
func Strip(attempt batch.AttemptID, event string) (output string, shown bool) {
	output, lines := split(marker(attempt), event)
	return output, output != "" || len(lines) == 0
}

// split parts an event into output and the wrapper's lines, without their marker. An event may hold several lines, if the job's log configuration
// joins them.
func split(mark, event string) (output string, lines []string) {
	if !strings.Contains(event, mark) {
		return event, nil
	}
	var kept []string
	for line := range strings.SplitSeq(event, "\n") {
		before, after, found := strings.Cut(line, mark)
		if found {
			lines = append(lines, after)
		}
		if before != "" || !found {
			kept = append(kept, before)
		}
	}
	return strings.Join(kept, "\n"), lines
}
