package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/joblog"
	"github.com/batchd/terraform-provider-batch/runtime/rendezvous"
)

// machine is what jobs of LOCAL environments run on.
type machine struct {
	driver  Driver
	logs    joblog.Reader
	logsDir string // empty if its logs are not ours to keep
	// containers says which container engine answers; nil if there is none to ask.
	containers func(context.Context) (string, error)
	// limits says whether the memory of processes is held to what they asked for, and how; nil if that is
	// not known.
	limits func() (held bool, detail string)
}

// installationFile holds what tells the containers of one state directory from those of another.
const installationFile = "installation"

// machine returns the given driver, or this machine.
func (o *Options) machine(dir *rendezvous.Dir) (machine, error) {
	if o.Driver != nil {
		return machine{driver: o.Driver, logs: o.Logs}, nil
	}
	id, err := installationID(dir)
	if err != nil {
		return machine{}, err
	}
	command, err := o.holderCommand(dir.Path())
	if err != nil {
		return machine{}, err
	}
	return thisMachine(o, dir.Path(), id, command)
}

// installationID returns the id of a state directory, and makes it the first time.
func installationID(dir *rendezvous.Dir) (string, error) {
	path := dir.File(installationFile)
	text, err := os.ReadFile(path)
	if err == nil && len(strings.TrimSpace(string(text))) > 0 {
		return strings.TrimSpace(string(text)), nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("reading the id of the installation: %w", err)
	}
	id := strings.ToLower(rand.Text()[:16])
	if err := replaceFile(path, []byte(id+"\n")); err != nil {
		return "", fmt.Errorf("keeping the id of the installation: %w", err)
	}
	return id, nil
}
