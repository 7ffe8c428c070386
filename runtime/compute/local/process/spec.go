//go:build linux || darwin

package process

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Spec says what to run.
type Spec struct {
	// Command is the argv; with a Script, the arguments of the script.
	Command []string
	// Script is the file of a script; empty for none. Its first line may name an interpreter (#!),
	// otherwise it is one for /bin/sh. The file itself is never executed, only read by its interpreter.
	Script string
	Dir    string   // working directory
	Env    []string // the whole environment
	// User is "name", "uid" or "uid:gid"; empty is the caller's own.
	User string
	// Confined keeps it and what it starts from gaining privileges by what they execute.
	Confined bool
	// MemoryMiB is the limit on memory; 0 for none.
	MemoryMiB int64
	// Mark is the value of [MarkVariable] in Env: what the process starts is told by it from what others
	// started, where no control group holds it.
	Mark string
	// Umask is the file mode creation mask; nil for the caller's own.
	Umask *int
	// TimerSlack is how late its timers may be, see prctl(2); 0 for the system's default.
	TimerSlack time.Duration
}

// StartError says why a process was not started, in words for the job's owner.
type StartError struct{ Reason string }

func (e *StartError) Error() string { return e.Reason }

func cannotStart(format string, args ...any) *StartError {
	return &StartError{Reason: "CannotStartContainerError: " + fmt.Sprintf(format, args...)}
}

// Shell runs scripts that name no interpreter.
const Shell = "/bin/sh"

// shebangBytes is how much of a script is searched for its interpreter, as the kernel does.
const shebangBytes = 256

// resolve returns the path to execute and its argv.
func (s *Spec) resolve() (path string, argv []string, err error) {
	if s.Script != "" {
		argv, err = interpreter(s.Script)
		argv = append(argv, s.Command...)
	} else {
		argv = s.Command
	}
	if err != nil {
		return "", nil, err
	}
	if len(argv) == 0 || argv[0] == "" {
		return "", nil, cannotStart("the command is empty; give the job a command or a script")
	}
	if strings.Contains(argv[0], "/") {
		return argv[0], argv, nil
	}
	path, err = s.lookUp(argv[0])
	return path, argv, err
}

// interpreter returns the argv that a script is run with, up to the script's own name.
func interpreter(script string) ([]string, error) {
	line, err := shebang(script)
	if err != nil {
		return nil, OfMachine(fmt.Errorf("reading the script: %w", err)) // it is kept by the runtime
	}
	name, argument, hasArgument := strings.Cut(strings.TrimSpace(line), " ")
	if name == "" {
		return []string{Shell, script}, nil
	}
	if argument = strings.TrimSpace(argument); hasArgument && argument != "" {
		return []string{name, argument, script}, nil
	}
	return []string{name, script}, nil
}

// shebang returns the first line of a script after its #!, without the line feed; it is empty if the script begins otherwise.
func shebang(script string) (string, error) {
	file, err := os.Open(script)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }() // it was only read
	head := make([]byte, shebangBytes)
	n, err := io.ReadFull(file, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return "", err
	}
	line, found := bytes.CutPrefix(head[:n], []byte("#!"))
	if !found {
		return "", nil
	}
	line, _, _ = bytes.Cut(line, []byte{'\n'})
	return string(line), nil
}

// lookUp finds an executable in the PATH that the job itself has.
func (s *Spec) lookUp(name string) (string, error) {
	path := s.variable("PATH")
	for _, dir := range filepath.SplitList(path) {
		file := filepath.Join(dir, name)
		if !filepath.IsAbs(file) {
			file = filepath.Join(s.Dir, file)
		}
		if executable(file) {
			return file, nil
		}
	}
	if strings.ContainsAny(name, " |&;<>$") {
		return "", cannotStart("exec %q: not found in PATH (%s); a command is not read by a shell: give its words one by one, or sh, -c and the text", name, path)
	}
	return "", cannotStart("exec %q: not found in PATH (%s)", name, path)
}

func (s *Spec) variable(name string) string {
	for i := len(s.Env) - 1; i >= 0; i-- {
		if value, ok := strings.CutPrefix(s.Env[i], name+"="); ok {
			return value
		}
	}
	return ""
}

func executable(file string) bool {
	var st syscall.Stat_t
	return syscall.Stat(file, &st) == nil && st.Mode&syscall.S_IFMT == syscall.S_IFREG && st.Mode&0o111 != 0
}

// explain finds words for why path could not be run: the system's error is the same for a
// missing file, interpreter and directory.
func (s *Spec) explain(path string, cause error) *StartError {
	if info, err := os.Stat(s.Dir); err != nil || !info.IsDir() {
		return cannotStart("the working directory %q is not a directory of this machine", s.Dir)
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(s.Dir, path)
	}
	switch info, err := os.Stat(path); {
	case err != nil:
		return cannotStart("exec %q: %v", path, errors.Unwrap(err))
	case info.IsDir():
		return cannotStart("exec %q: it is a directory", path)
	case errors.Is(cause, syscall.ENOENT):
		return missingInterpreter(path)
	case errors.Is(cause, syscall.ENOEXEC):
		return cannotStart("exec %q: it is neither a program of this machine nor a script that begins with #!", path)
	case errors.Is(cause, syscall.E2BIG):
		return cannotStart("exec %q: the command and the environment are longer than the system allows", path)
	case errors.Is(cause, syscall.EACCES) && !executable(path):
		return cannotStart("exec %q: it is not executable; set its x bit", path)
	}
	return cannotStart("exec %q: %v", path, cause)
}

// missingInterpreter says which program a file names that does not exist: a script its interpreter, a program its loader. A
// line that ends in a carriage return names a program that nobody sees.
func missingInterpreter(path string) *StartError {
	line, err := shebang(path)
	name, _, _ := strings.Cut(strings.TrimSpace(line), " ")
	switch {
	case err != nil || name == "":
		return cannotStart("exec %q: the loader that it names does not exist", path)
	case strings.HasSuffix(line, "\r"):
		return cannotStart("exec %q: its first line names the interpreter %q and a carriage return after it, as the lines of Windows end: end them with a line feed alone", path, name)
	default:
		return cannotStart("exec %q: the interpreter %q that its first line names, or the loader of that, does not exist", path, name)
	}
}
