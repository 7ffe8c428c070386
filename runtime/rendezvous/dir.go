package rendezvous

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// Variables of the environment that are read.
const (
	EnvStateDir      = "BATCHD_STATE_DIR"
	EnvEndpoint      = "BATCHD_ENDPOINT"
	EnvBatchEndpoint = "AWS_ENDPOINT_URL_BATCH"
)

// Names of the files of a state directory that this package keeps. The rest of the
// directory belongs to the runtime that holds the lock.
const (
	lockFile        = "lock"
	runtimeFile     = "runtime.json"
	credentialsFile = "credentials.json"
	portFile        = "port"
)

const (
	dirMode  fs.FileMode = 0o700
	fileMode fs.FileMode = 0o600
	// maxFile bounds what is read of a file of this package, in bytes.
	maxFile = 64 << 10
)

// Dir is an opened state directory: it exists, is ours alone and not on a network.
type Dir struct{ path string }

// Path returns the absolute path of d.
func (d *Dir) Path() string { return d.path }

// File returns the path of a file in d.
func (d *Dir) File(name string) string { return filepath.Join(d.path, name) }

// StateDir returns the state directory to use: explicit if it is not empty, else
// $BATCHD_STATE_DIR, else the place for state of the user. getenv is os.Getenv outside
// tests.
func StateDir(explicit string, getenv func(string) string) (string, error) {
	for _, path := range []string{explicit, getenv(EnvStateDir)} {
		if path != "" {
			return filepath.Abs(path)
		}
	}
	if state := getenv("XDG_STATE_HOME"); filepath.IsAbs(state) {
		return filepath.Join(state, "batchd"), nil
	}
	home := getenv("HOME")
	if runtime.GOOS == "windows" {
		home = getenv("USERPROFILE")
	}
	if !filepath.IsAbs(home) {
		return "", fmt.Errorf("find the state directory: $HOME is %q, which is not an absolute path; set %s to a directory of yours", home, EnvStateDir)
	}
	if runtime.GOOS == "darwin" {
		return filepath.Join(home, "Library", "Application Support", "batchd"), nil
	}
	return filepath.Join(home, ".local", "state", "batchd"), nil
}

// Open makes path a state directory, creating it where needed, and opens it. It refuses
// a directory of another user, one that others can enter and that holds something else,
// and one on a network file system, since locks and the database are not safe there.
func Open(path string) (*Dir, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("state directory: %w", err)
	}
	if err := os.MkdirAll(path, dirMode); err != nil {
		return nil, fmt.Errorf("create state directory: %w; choose another with --state-dir or %s", err, EnvStateDir)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("state directory: %w", err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("state directory %s is a file; choose a directory with --state-dir or %s", path, EnvStateDir)
	}
	if err := checkOwner(path, info); err != nil {
		return nil, err
	}
	if name, err := networkFileSystem(path); err != nil {
		return nil, fmt.Errorf("state directory %s: %w", path, err)
	} else if name != "" {
		return nil, &NetworkError{Path: path, FileSystem: name}
	}
	if err := narrow(path, info); err != nil {
		return nil, err
	}
	return &Dir{path: path}, nil
}

// NetworkError refuses a state directory on a network file system.
type NetworkError struct{ Path, FileSystem string }

// Error says why, and what to do.
func (e *NetworkError) Error() string {
	return fmt.Sprintf("state directory %s is on %s, a network file system, where file locks and the database are not safe; "+
		"choose a directory on a local disk with --state-dir or %s, for example /var/tmp/batchd-$USER", e.Path, e.FileSystem, EnvStateDir)
}

// narrow keeps others out of path, unless it is somebody's directory for other things.
func narrow(path string, info fs.FileInfo) error {
	if runtime.GOOS == "windows" || info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return fmt.Errorf("state directory: %w", err)
	}
	if _, err := os.Stat(filepath.Join(path, lockFile)); len(entries) > 0 && errors.Is(err, fs.ErrNotExist) {
		// Making it private would take from others what is theirs, as it would with /tmp: nobody is advised to.
		return fmt.Errorf("state directory %s has mode %04o and holds other things; choose an empty or a new directory with --state-dir or %s, for example %s",
			path, info.Mode().Perm(), EnvStateDir, filepath.Join(path, "batchd"))
	}
	if err := os.Chmod(path, dirMode); err != nil {
		return fmt.Errorf("state directory: %w", err)
	}
	return nil
}
