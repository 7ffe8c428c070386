package auth

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/durable"
)

// ReadSecret returns the text of a file that nobody but its owner can read, without the space
// around it.
func ReadSecret(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is not a regular file", path)
	}
	if err := checkOwner(path, info); err != nil {
		return "", err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" {
		return "", fmt.Errorf("%s has mode %04o, so that others can read or change it; allowed is 0600 or less: chmod 600 %s, and make it anew if it may have been read", path, mode, path)
	}
	text, err := io.ReadAll(io.LimitReader(file, maxSecretFile+1))
	if err == nil && len(text) > maxSecretFile {
		err = fmt.Errorf("%s is larger than %d bytes", path, maxSecretFile)
	}
	return strings.TrimSpace(string(text)), err
}

// writeSecret makes the file at path, for its owner alone: all of it, or nothing. It is there
// after a loss of power too.
func writeSecret(path, text string) error {
	err := durable.Create(path, []byte(text+"\n"))
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s exists", path)
	}
	return err
}
