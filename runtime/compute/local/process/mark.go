//go:build linux || darwin

package process

import "bytes"

// MarkVariable is the environment variable whose value tells what one attempt started from everything else: the file
// that the attempt may leave its result in, which no other attempt has.
const MarkVariable = "BATCH_RESULT_FILE"

// Marked lists the living processes whose [MarkVariable] has a value that is wanted, as far as their environment
// may be read.
func Marked(wanted func(value string) bool) []int {
	var found []int
	for _, pid := range allProcesses() {
		if value, ok := markOf(pid); ok && wanted(value) {
			found = append(found, pid)
		}
	}
	return found
}

// markIn finds the mark in an environment as the system shows it: strings that end with NUL.
func markIn(environ []byte) (value string, ok bool) {
	for entry := range bytes.SplitSeq(environ, []byte{0}) {
		if value, ok := bytes.CutPrefix(entry, []byte(MarkVariable+"=")); ok {
			return string(value), true
		}
	}
	return "", false
}
