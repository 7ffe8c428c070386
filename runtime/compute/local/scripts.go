//go:build linux || darwin

package local

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/batchd/terraform-provider-batch/runtime/compute/local/holder"
)

// scripts keeps one file for each text, named by its hash.
type scripts struct {
	stateDir string

	mu     sync.Mutex
	stored map[string]string // text → SHA-256, of scripts stored by this process
}

func newScripts(stateDir string) *scripts {
	return &scripts{stateDir: stateDir, stored: map[string]string{}}
}

// maxStored is how many texts are remembered; then all are looked at again.
const maxStored = 256

// store returns the hash of text once the file is there; an empty text is not a script.
func (s *scripts) store(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if sum, ok := s.stored[text]; ok {
		return sum, nil
	}
	hash := sha256.Sum256([]byte(text))
	sum := hex.EncodeToString(hash[:])
	if err := s.write(holder.ScriptPath(s.stateDir, sum), text); err != nil {
		return "", fmt.Errorf("storing a job's script: %w", err)
	}
	if len(s.stored) >= maxStored {
		clear(s.stored)
	}
	s.stored[text] = sum
	return sum, nil
}

// write makes the file whole or not at all.
func (s *scripts) write(path, text string) error {
	if info, err := os.Stat(path); err == nil && info.Size() == int64(len(text)) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".new-")
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	err = errors.Join(err, file.Chmod(0o500), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}
