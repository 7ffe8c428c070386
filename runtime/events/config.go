package events

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// Values of [SinkConfig.Type].
const (
	TypeWebhook   = "webhook"
	TypeJSONLines = "jsonLines"
)

// SinkConfig says where events are carried to. Fields of the other type must be left out.
type SinkConfig struct {
	// Name is that of the sink's cursor too: a sink under a new name begins with what happens next.
	Name string `json:"name"`
	Type string `json:"type"`
	// Queues, Statuses and Children select events; see [wire.EventFilter].
	Queues   []string `json:"queues"`
	Statuses []string `json:"statuses"`
	Children bool     `json:"children"`

	// URL is where a webhook's requests go: https, or http to this machine.
	URL string `json:"url"`
	// SecretFile or SecretEnv is the file or the variable of the runtime's environment that holds the secret which
	// requests are signed with, 16 to 4096 bytes, without white space around it.
	SecretFile string `json:"secretFile"`
	SecretEnv  string `json:"secretEnv"`
	// CAFile holds the PEM certificates that the receiver's is checked against; the system's if empty.
	CAFile string `json:"caFile"`
	// BatchSize is how many events one request has at most, 1 to 1000; 0: 100.
	BatchSize int `json:"batchSize"`
	// TimeoutSeconds bounds one request, 1 to 300; 0: 10.
	TimeoutSeconds int `json:"timeoutSeconds"`

	// Path is the file of JSON lines.
	Path string `json:"path"`
	// MaxMiB is how large the file may become before it is rotated; 0: 100.
	MaxMiB int64 `json:"maxMiB"`
	// Keep is how many rotated files are kept, 1 to 1000; 0: 5.
	Keep int `json:"keep"`
}

var (
	namePattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$`)
	// variablePattern is the name of a variable of the environment.
	variablePattern = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// CheckSinks checks sinks one by one and against each other.
func CheckSinks(sinks []SinkConfig) error {
	if len(sinks) > MaxSinks {
		return fmt.Errorf("sinks: given %d; at most %d are allowed", len(sinks), MaxSinks)
	}
	names, files := map[string]bool{}, map[string]bool{}
	for i := range sinks {
		c := &sinks[i]
		if err := c.validate(); err != nil {
			return fmt.Errorf("sinks[%d]: %w", i, err)
		}
		if names[c.Name] {
			return fmt.Errorf("sinks[%d].name: %q is given twice; a sink's name is that of its cursor and must be its own", i, c.Name)
		}
		names[c.Name] = true
		if c.Path != "" && files[resolved(c.Path)] {
			return fmt.Errorf("sinks[%d].path: %q is given twice; two sinks cannot write one file", i, c.Path)
		}
		files[resolved(c.Path)] = true
	}
	for i := range sinks {
		if path, ok := rotatedFrom(resolved(sinks[i].Path)); ok && files[path] {
			return fmt.Errorf("sinks[%d].path: %q is what another sink calls a file that it has rotated; allowed is a name that does not end in .1, .2 and so on", i, sinks[i].Path)
		}
	}
	return nil
}

// ownFolder is the folder of a state directory in which sinks may write.
const ownFolder = "events"

// CheckFiles refuses sinks that would write to a file of the runtime: one of its configuration, of the others' secrets and certificates,
// or any in its state directory but in the folder "events".
func CheckFiles(sinks []SinkConfig, stateDirectory, configuration string) error {
	taken := map[string]bool{resolved(configuration): true}
	for i := range sinks {
		taken[resolved(sinks[i].SecretFile)], taken[resolved(sinks[i].CAFile)] = true, true
	}
	state := resolved(stateDirectory)
	for i := range sinks {
		if sinks[i].Type != TypeJSONLines {
			continue
		}
		path := resolved(sinks[i].Path)
		inside, err := filepath.Rel(state, path)
		isInside := err == nil && filepath.IsLocal(inside)
		first, _, isDeeper := strings.Cut(inside, string(filepath.Separator))
		if taken[path] || isInside && (first != ownFolder || !isDeeper) {
			return fmt.Errorf("sinks[%d].path: %q is the runtime's own; allowed is a file outside the state directory, or in %s", i, sinks[i].Path, filepath.Join(stateDirectory, ownFolder))
		}
	}
	return nil
}

// resolved is a path without symbolic links, as far as it exists.
func resolved(path string) string {
	if path == "" {
		return ""
	}
	if absolute, err := filepath.Abs(path); err == nil {
		path = absolute
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	if directory := filepath.Dir(path); directory != path {
		return filepath.Join(resolved(directory), filepath.Base(path))
	}
	return path
}

// rotatedFrom returns the file whose rotated one would have that path.
func rotatedFrom(path string) (string, bool) {
	number := strings.TrimPrefix(filepath.Ext(path), ".")
	if n, err := strconv.Atoi(number); err != nil || n < 1 || n > maxKeep || strconv.Itoa(n) != number {
		return "", false
	}
	return strings.TrimSuffix(path, "."+number), true
}

func (c *SinkConfig) validate() error {
	if !namePattern.MatchString(c.Name) {
		return fmt.Errorf("name: given %q; allowed are 1 to 63 letters, digits, '_', '.' and '-', the first a letter or a digit", c.Name)
	}
	filter := c.filter()
	if err := filter.Validate(); err != nil {
		return err
	}
	switch c.Type {
	case TypeWebhook:
		return c.validateWebhook()
	case TypeJSONLines:
		return c.validateJSONLines()
	default:
		return fmt.Errorf("type: given %q; allowed are %q and %q", c.Type, TypeWebhook, TypeJSONLines)
	}
}

func (c *SinkConfig) filter() wire.EventFilter {
	return wire.EventFilter{Queues: c.Queues, Statuses: c.Statuses, Children: c.Children}
}

func (c *SinkConfig) validateWebhook() error {
	u, err := url.Parse(c.URL)
	switch {
	case err != nil || u.Host == "" || u.User != nil:
		return fmt.Errorf("url: it is not a URL of the form https://host/path") // not repeated: it may hold a token
	case u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())):
		return fmt.Errorf("url: the scheme is %q and the host %q; allowed is https, or http to a loopback address", u.Scheme, u.Hostname())
	case (c.SecretFile == "") == (c.SecretEnv == ""):
		return fmt.Errorf("secretFile, secretEnv: exactly one of them must be given; events are signed with the secret")
	case c.SecretEnv != "" && !variablePattern.MatchString(c.SecretEnv):
		return fmt.Errorf("secretEnv: it must be the name of a variable, not the secret") // not repeated: it may be one
	case c.BatchSize < 0 || c.BatchSize > maxBatch:
		return fmt.Errorf("batchSize: given %d; allowed is 1 to %d, or 0 for %d", c.BatchSize, maxBatch, defaultBatch)
	case c.TimeoutSeconds < 0 || c.TimeoutSeconds > int(maxTimeout/time.Second):
		return fmt.Errorf("timeoutSeconds: given %d; allowed is %v to %v, or 0 for %v", c.TimeoutSeconds, minTimeout.Seconds(), maxTimeout.Seconds(), defaultTimeout.Seconds())
	case c.Path != "" || c.MaxMiB != 0 || c.Keep != 0:
		return fmt.Errorf("path, maxMiB and keep belong to sinks of type %q", TypeJSONLines)
	}
	return nil
}

func (c *SinkConfig) validateJSONLines() error {
	switch {
	case c.Path == "":
		return fmt.Errorf("path: it is required; it names the file that events are appended to")
	case c.MaxMiB != 0 && (c.MaxMiB < minFileMiB || c.MaxMiB > maxFileMiB):
		return fmt.Errorf("maxMiB: given %d; allowed is %d to %d, or 0 for %d", c.MaxMiB, minFileMiB, maxFileMiB, defaultFileMiB)
	case c.Keep < 0 || c.Keep > maxKeep:
		return fmt.Errorf("keep: given %d; allowed is 1 to %d, or 0 for %d", c.Keep, maxKeep, defaultKeep)
	case c.URL != "" || c.SecretFile != "" || c.SecretEnv != "" || c.CAFile != "" || c.BatchSize != 0 || c.TimeoutSeconds != 0:
		return fmt.Errorf("url, secretFile, secretEnv, caFile, batchSize and timeoutSeconds belong to sinks of type %q", TypeWebhook)
	}
	return nil
}

func (c *SinkConfig) timeout() time.Duration {
	if c.TimeoutSeconds == 0 {
		return defaultTimeout
	}
	return time.Duration(c.TimeoutSeconds) * time.Second
}

// secret reads the secret of a webhook. Errors do not repeat it.
func (c *SinkConfig) secret(readFile func(string) (string, error)) ([]byte, error) {
	text, from := "", "secretEnv: variable "+c.SecretEnv
	if c.SecretFile != "" {
		var err error
		if text, err = readFile(c.SecretFile); err != nil {
			return nil, fmt.Errorf("secretFile: %w", err)
		}
		from = "secretFile: file " + c.SecretFile
	} else {
		text = os.Getenv(c.SecretEnv)
	}
	text = strings.TrimSpace(text)
	if len(text) < minSecret || len(text) > maxSecret {
		return nil, fmt.Errorf("%s holds %d bytes; a secret has %d to %d", from, len(text), minSecret, maxSecret)
	}
	return []byte(text), nil
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
