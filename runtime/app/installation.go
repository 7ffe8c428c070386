package app

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/durable"
	"github.com/batchd/terraform-provider-batch/runtime/rendezvous"
)

// installationFile holds what tells one state directory from another: its containers carry the id, and a copy gets a new one.
const installationFile = "installation"

// installation is what that file says. It is made once there is a database, so where it is, there must be one.
type installation struct {
	ID string `json:"id"`
	// Directory is the one that the id was given to.
	Directory rendezvous.Identity `json:"directory"`
}

// openInstallation returns the installation of a state directory. One that is not there yet has no ID. One that was noted of
// another directory is copied: the ID, and what both would otherwise share, are left to the original.
func openInstallation(dir *rendezvous.Dir) (in installation, copied bool, err error) {
	here, err := dir.Identity()
	if err != nil {
		return in, false, err
	}
	text, err := os.ReadFile(dir.File(installationFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return in, false, fmt.Errorf("reading the id of the installation: %w", err)
	}
	if json.Unmarshal(text, &in) != nil {
		in = installation{ID: strings.TrimSpace(string(text)), Directory: here} // as it was written before it had a directory
	}
	if copied = in.ID != "" && !here.Same(in.Directory); copied {
		in.ID = newInstallationID()
		if err := errors.Join(dir.ForgetPort(), removeIfThere(dir.File(metadataFile))); err != nil {
			return in, false, fmt.Errorf("separating a copied state directory from its original: %w", err)
		}
	}
	in.Directory = here
	return in, copied, nil
}

func newInstallationID() string { return strings.ToLower(rand.Text()[:16]) }

// keep writes the installation down, with an ID if it has none.
func (in *installation) keep(dir *rendezvous.Dir) error {
	if in.ID == "" {
		in.ID = newInstallationID()
	}
	text, err := json.Marshal(in)
	if err == nil {
		err = durable.Replace(dir.File(installationFile), append(text, '\n'))
	}
	if err != nil {
		return fmt.Errorf("keeping the id of the installation: %w", err)
	}
	return nil
}

// checkDatabase refuses to begin anew where jobs have been recorded: an empty database, or none, beside an installation
// is a loss, not a beginning.
func (in *installation) checkDatabase(dir *rendezvous.Dir) error {
	info, err := os.Stat(dir.File(storeFile))
	switch {
	case in.ID == "" || err == nil && info.Size() > 0:
		return nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("looking at the database: %w", err)
	}
	state := "is empty"
	if err != nil {
		state = "does not exist"
	}
	return fmt.Errorf("the database %s %s, and %s says that there was one: put back a backup of the state directory, or serve from an empty directory with --state-dir to begin anew",
		dir.File(storeFile), state, dir.File(installationFile))
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
