//go:build !linux && !darwin

package rendezvous

import (
	"errors"
	"os"
)

func networkFileSystem(string) (string, error) { return "", nil }

var errNoLock = errors.New("a runtime runs on Linux and macOS only; give the endpoint of one that runs elsewhere")

func tryLock(*os.File) (held bool, err error) { return false, errNoLock }

func bootID() string { return "" }
