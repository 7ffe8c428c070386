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
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/compute/local/holder"
)

// scripts keeps one file for each text, named by its hash.
type scripts struct {
	stateDir string
	say      func(reason string) // why a script cannot be stored, and "" when one can again; called with mu held

	mu     sync.Mutex
	hashes map[string]string // text → SHA-256, of scripts stored by this process
	failed chan struct{}     // holds one element after a script could not be stored
}

func newScripts(stateDir string, say func(reason string)) *scripts {
	return &scripts{stateDir: stateDir, say: say, hashes: map[string]string{}, failed: make(chan struct{}, 1)}
}

const (
	// maxHashes is how many hashes are remembered; then all are computed again.
	maxHashes = 256
	// scriptTrial is how often it is tried whether scripts can be stored again.
	scriptTrial = time.Second
)

// store returns the hash of text once the file is there; an empty text is not a script. The file is looked at each time, because
// it may have been removed with the directory.
func (s *scripts) store(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	sum := s.hash(text)
	if err := s.write(holder.ScriptPath(s.stateDir, sum), text); err != nil {
		err = fmt.Errorf("storing a job's script: %w", err)
		s.say(err.Error())
		select {
		case s.failed <- struct{}{}:
		default: // it is known
		}
		return "", err
	}
	return sum, nil
}

// hash returns the SHA-256 of text, with the lock held.
func (s *scripts) hash(text string) string {
	if sum, ok := s.hashes[text]; ok {
		return sum
	}
	hash := sha256.Sum256([]byte(text))
	if len(s.hashes) >= maxHashes {
		clear(s.hashes)
	}
	s.hashes[text] = hex.EncodeToString(hash[:])
	return s.hashes[text]
}

// watch tries, after a script could not be stored, until one can be. It returns when done is closed.
func (s *scripts) watch(done <-chan struct{}) {
	for {
		select {
		case <-done:
			return
		case <-s.failed:
		}
		for !s.try() {
			select {
			case <-done:
				return
			case <-time.After(scriptTrial):
			}
		}
	}
}

// try reports whether a script can be stored, and says so if one can.
func (s *scripts) try() bool {
	const trial = "trial"
	s.mu.Lock() // what is stored meanwhile, and fails, is said afterwards
	defer s.mu.Unlock()
	path := holder.ScriptPath(s.stateDir, trial)
	if s.write(path, trial) != nil {
		return false
	}
	_ = os.Remove(path) // what stays is written over by the next trial
	s.say("")
	return true
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
