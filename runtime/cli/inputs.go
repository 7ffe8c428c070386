package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

const (
	// maxHashedArgument is the largest argument of a command that is hashed without being asked for, in bytes: about two
	// seconds of reading.
	maxHashedArgument = 1 << 30
	// maxHashedArguments is how many are, together with what --input names: as many inputs as a submission may have.
	maxHashedArguments = 1000
)

// inputs hashes what a job reads: the files that --input names, and the arguments of its command that are files of this
// machine. The names are the paths as they were given. The hashes are part of the identity of results, so a job is not taken
// for one that ran before a file was edited.
func (s *submission) inputs(command []string) (map[string]string, error) {
	all := map[string]string{}
	for _, path := range s.input {
		sum, err := hashFile(path)
		if err != nil {
			return nil, fmt.Errorf("--input: %w", err)
		}
		all[path] = sum
	}
	if !s.hashArguments {
		return all, nil
	}
	for _, word := range command {
		info, err := os.Stat(word)
		if _, done := all[word]; done || err != nil || !info.Mode().IsRegular() {
			continue
		}
		if info.Size() > maxHashedArgument {
			if !s.reuse {
				continue // it takes too long to be done unasked
			}
			return nil, fmt.Errorf("argument %s of the command is a file of %d bytes; up to %d are hashed unasked: give it as --input too, or --hash-arguments=false to reuse results whatever is in the files",
				word, info.Size(), int64(maxHashedArgument))
		}
		if len(all) == maxHashedArguments {
			if !s.reuse {
				return nil, nil // it would not say what the job reads
			}
			return nil, fmt.Errorf("more than %d arguments of the command are files; up to that many are hashed: give --hash-arguments=false to reuse results whatever is in the files", maxHashedArguments)
		}
		if all[word], err = hashFile(word); err != nil {
			return nil, fmt.Errorf("an argument of the command: %w; --hash-arguments=false leaves files out of the identity of results", err)
		}
	}
	return all, nil
}

// scriptText reads the script that --script names; empty if none is given.
func (s *submission) scriptText() (string, error) {
	if s.script == "" {
		return "", nil
	}
	text, err := readScript(s.script)
	if err != nil {
		return "", fmt.Errorf("--script: %w", err)
	}
	line, _, _ := strings.Cut(text, "\n")
	switch {
	case len(text) > wire.MaxScript:
		return "", fmt.Errorf("--script: file %s has more than %d bytes, which are allowed; give what it reads as files of its own, with --input", s.script, wire.MaxScript)
	case !utf8.ValidString(text):
		return "", fmt.Errorf("--script: file %s is not text in UTF-8; give a program as the command", s.script)
	case !wire.NamesInterpreter(line):
		return "", fmt.Errorf("--script: file %s does not begin with a line that names its interpreter, for example #!/bin/sh or #!/usr/bin/env python3", s.script)
	case strings.HasSuffix(line, "\r"):
		return "", fmt.Errorf("--script: the lines of file %s end in CR LF, as on Windows; make them end in LF, or the interpreter that the first names is not found", s.script)
	}
	return text, nil
}

// readScript reads a file, and of one that is too large a little more than a script may have.
func readScript(path string) (string, error) {
	file, err := openRegular(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }() // it was only read
	text, err := io.ReadAll(io.LimitReader(file, wire.MaxScript+1))
	if err != nil {
		return "", fmt.Errorf("file %s cannot be read: %w", path, err)
	}
	return string(text), nil
}

// hashFile returns the SHA-256 of a regular file in lower-case hex.
func hashFile(path string) (sum string, err error) {
	file, err := openRegular(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }() // it was only read
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return "", fmt.Errorf("file %s cannot be read: %w", path, err)
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// openRegular opens a file that is neither a directory nor a device.
func openRegular(path string) (*os.File, error) {
	info, err := os.Stat(path) // first, as opening a pipe waits
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("file %s does not exist", path)
	case err == nil && !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a regular file; name the files that are read", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("file %s cannot be read: %w", path, errors.Unwrap(err))
	}
	return file, nil
}
