package rendezvous

import (
	"errors"
	"io/fs"
	"os"
	"time"
)

// Runtime is what a serving process says of itself in runtime.json.
type Runtime struct {
	Endpoint  string    `json:"endpoint"` // http://127.0.0.1:port, or https
	PID       int       `json:"pid"`
	Version   string    `json:"version"`
	StartedAt time.Time `json:"startedAt"`
	Region    string    `json:"region"`
	AccountID string    `json:"accountId"`
	// Certificate names the file of the certificate it serves with; empty without TLS.
	Certificate string `json:"certificate,omitempty"`
}

// WriteRuntime says where the runtime that holds the lock of d is reached. It is to be
// called once requests are served.
func (d *Dir) WriteRuntime(r Runtime) error { return writeJSON(d.File(runtimeFile), r) }

// RemoveRuntime takes back what WriteRuntime said. What another process has said since stays: that of a directory which
// was put in the place of d.
func (d *Dir) RemoveRuntime() error {
	if r, err := ReadRuntime(d.path); err == nil && r.PID != os.Getpid() {
		return nil
	}
	return remove(d.File(runtimeFile))
}

// ReadRuntime returns what the last runtime of the state directory at path said of
// itself, whether it lives or not (see [Alive]). The error is fs.ErrNotExist if none
// did, or a [*CorruptError].
func ReadRuntime(path string) (Runtime, error) {
	var r Runtime
	name := (&Dir{path: path}).File(runtimeFile)
	if err := readJSON(name, &r); err != nil {
		return Runtime{}, err
	}
	if _, err := parseEndpoint(r.Endpoint); err != nil {
		return Runtime{}, &CorruptError{name, err}
	}
	return r, nil
}

// ErrNotRunning says that no runtime serves from the state directory.
var ErrNotRunning = errors.New("no runtime is running")

func notThere(err error) bool { return errors.Is(err, fs.ErrNotExist) }
