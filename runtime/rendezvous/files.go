package rendezvous

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/batchd/terraform-provider-batch/runtime/durable"
)

// CorruptError is a file of a state directory that cannot be read as what it is.
type CorruptError struct {
	Path string
	Err  error
}

// Error names the file, and what to do.
func (e *CorruptError) Error() string {
	return fmt.Sprintf("%s is damaged: %v; delete it and start the runtime again (it is made anew, and jobs are not touched)", e.Path, e.Err)
}

// Unwrap returns what is wrong with the file.
func (e *CorruptError) Unwrap() error { return e.Err }

// readFile reads a file of at most maxFile bytes.
func readFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = &CorruptError{path, fmt.Errorf("it is larger than %d bytes", maxFile)}
	}
	return text, errors.Join(err, file.Close())
}

// readJSON reads the file at path into into.
func readJSON(path string, into any) error {
	text, err := readFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return &CorruptError{path, err}
	}
	return nil
}

// writeFile is [durable.Replace] with an error that names the file.
func writeFile(path string, text []byte) error {
	if err := durable.Replace(path, text); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

func writeJSON(path string, from any) error {
	text, err := json.MarshalIndent(from, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return writeFile(path, append(text, '\n'))
}

// remove deletes a file that may not be there.
func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
