package wrapper

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Decoder reads what the wrapper of one attempt printed, from the events of its log stream in any order.
type Decoder struct {
	mark   string
	result file
	usage  file
	ended  bool
}

// NewDecoder makes the decoder for an attempt.
func NewDecoder(attempt batch.AttemptID) *Decoder { return &Decoder{mark: marker(attempt)} }

// Take reads one log event. It returns what of it is output of the job; shown is false if nothing is.
func (d *Decoder) Take(event string) (output string, shown bool) {
	output, lines := split(d.mark, event)
	for _, line := range lines {
		d.line(line)
	}
	return output, output != "" || len(lines) == 0
}

func (d *Decoder) line(line string) {
	words := strings.Fields(line)
	if len(words) == 0 {
		return
	}
	switch words[0] {
	case "result":
		d.result.take(words[1:])
	case "usage":
		d.usage.take(words[1:])
	case "end":
		d.ended = true
	}
}

// Complete reports whether everything that the wrapper printed is here. It never becomes true for an attempt that was killed together with
// its wrapper.
func (d *Decoder) Complete() bool {
	return d.ended && (!d.result.begun() || d.result.whole()) && (!d.usage.begun() || d.usage.whole())
}

// Result returns what the attempt left at $BATCH_RESULT_FILE, nil if it left nothing, or else why that was not taken.
func (d *Decoder) Result() (body []byte, problem string) {
	switch f := &d.result; {
	case !f.begun() && d.ended:
		return nil, ""
	case !f.begun():
		return nil, "the log of the attempt ends before the place where the result would be: the attempt was killed, or its log is incomplete"
	case f.irregular:
		return nil, ResultVariable + " is not a regular file, or it could not be read"
	case f.conflict:
		return nil, "the log contains two different results"
	case f.size > batch.MaxResultBytes:
		return nil, batch.ResultTooLarge(f.size)
	default:
		body, problem = f.content()
		return body, problem
	}
}

// file is what is printed of one file.
type file struct {
	sized     bool
	size      int64  // as the wrapper says
	sum       string // its SHA-256 as hexadecimal digits, or noSum
	chunks    map[int][]byte
	irregular bool // it is not a regular file, or could not be read
	conflict  bool // two lines contradict each other
}

func (f *file) begun() bool { return f.sized || f.irregular || len(f.chunks) > 0 }

// take reads the words of a line: "size SIZE SHA256", "NUMBER DIGITS" or "irregular". Words that say nothing are as a line that is missing.
func (f *file) take(words []string) {
	switch {
	case len(words) == 1 && words[0] == "irregular", len(words) == 2 && words[0] == "size": // without a size it could not be read
		f.irregular = true
	case len(words) == 3 && words[0] == "size":
		size, err := strconv.ParseInt(words[1], 10, 64)
		if err != nil || size < 0 {
			return
		}
		f.conflict = f.conflict || f.sized && (f.sum != words[2] || f.size != size)
		f.sized, f.sum, f.size = true, words[2], size
	case len(words) == 2:
		number, err := strconv.Atoi(words[0])
		chunk, err2 := hex.DecodeString(words[1])
		if err != nil || err2 != nil || number < 0 {
			return
		}
		if f.chunks == nil {
			f.chunks = map[int][]byte{}
		}
		known, again := f.chunks[number]
		f.conflict = f.conflict || again && !bytes.Equal(known, chunk)
		f.chunks[number] = chunk
	}
}

// whole reports whether no more lines of f are to come.
func (f *file) whole() bool {
	if f.irregular || f.conflict || f.sized && f.size > batch.MaxResultBytes {
		return true
	}
	_, problem := f.content()
	return problem == ""
}

// content puts the chunks together.
func (f *file) content() (body []byte, problem string) {
	for i := range len(f.chunks) {
		chunk, ok := f.chunks[i]
		if !ok {
			return nil, incomplete(int64(len(body)), f)
		}
		body = append(body, chunk...)
	}
	switch {
	case !f.sized || int64(len(body)) != f.size:
		return nil, incomplete(int64(len(body)), f)
	case f.sum != noSum && f.sum != checksum(body):
		return nil, fmt.Sprintf("it is damaged: the checksum of its %d bytes in the log does not hold", f.size)
	}
	return body, ""
}

// noSum is in the place of a checksum if the image has no program for it.
const noSum = "none"

func checksum(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

func incomplete(have int64, f *file) string {
	if !f.sized {
		return fmt.Sprintf("it is incomplete: the log contains %d bytes of it and not its size", have)
	}
	return fmt.Sprintf("it is incomplete: the log contains the first %d of its %d bytes", have, f.size)
}
