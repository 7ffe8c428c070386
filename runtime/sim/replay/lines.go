package replay

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// readLines reads one [Job] per line.
func (w *Workload) readLines(r io.Reader) error {
	return eachLine(r, func(line string) error {
		if line == "" {
			return nil
		}
		var j Job
		decoder := json.NewDecoder(bytes.NewReader([]byte(line)))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&j); err != nil {
			return fmt.Errorf("it is not a job: %w", err)
		}
		if decoder.More() {
			return errors.New("there is more than one JSON document; write one job per line")
		}
		return w.Add(j)
	})
}

// WriteLines writes w, one [Job] per line, for [Read] to read again.
func (w *Workload) WriteLines(to io.Writer) error {
	buffer := bufio.NewWriter(to)
	encoder := json.NewEncoder(buffer)
	encoder.SetEscapeHTML(false)
	for i := range w.Jobs {
		if err := encoder.Encode(&w.Jobs[i]); err != nil {
			return fmt.Errorf("job %d: %w", i+1, err)
		}
	}
	return buffer.Flush()
}
