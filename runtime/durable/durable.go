// Package durable writes files so that readers see all of one or none of it, and so that it is there after a loss of power:
// the content is synced, then given its name, then the directory is synced.
package durable

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

// Replace writes a file that its owner alone can read, in the place of the one at path if there is one.
func Replace(path string, content []byte) error { return write(path, content, os.Rename) }

// Create is Replace for a path where no file may be. The error is [fs.ErrExist] if one is.
func Create(path string, content []byte) error { return write(path, content, linkOnly) }

// linkOnly gives a file another name. Unlike a rename, it replaces nothing.
func linkOnly(from, to string) error {
	if err := os.Link(from, to); err != nil {
		return err
	}
	return os.Remove(from)
}

// write makes a file under another name, and publishes it as path.
func write(path string, content []byte, publish func(from, to string) error) error {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = publish(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return SyncDirectory(filepath.Dir(path))
}

// SyncDirectory makes the names in a directory durable, where directories can be synced: on Windows, on some network
// file systems, and where this user may write a directory but not read it, they cannot.
func SyncDirectory(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	directory, err := os.Open(path)
	if err == nil {
		err = errors.Join(directory.Sync(), directory.Close())
	}
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, os.ErrPermission) {
		return nil
	}
	return err
}
