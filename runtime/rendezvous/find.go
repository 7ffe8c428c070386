package rendezvous

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// Source is what decided whom a client talks to.
type Source string

// The sources, in the order in which they win.
const (
	FromFlag       Source = "flag or attribute"
	FromEnv        Source = EnvEndpoint
	FromAWSEnv     Source = EnvBatchEndpoint
	FromStateDir   Source = "state directory"
	defaultScheme         = "http"
	maxEndpointLen        = 2048
)

// Target is whom a client talks to, and as whom.
type Target struct {
	Endpoint string // scheme://host[:port]; empty if nothing runs in StateDir
	Source   Source
	StateDir string // of this user, whether or not it has a part in the target
	// Credentials are those of the state directory if the target is its runtime;
	// otherwise nil, and AWS's usual chain decides.
	Credentials *Credentials
	// Runtime is what the runtime of the state directory says of itself, if it is the
	// target.
	Runtime *Runtime
}

// Bundled reports whether the target is the runtime of the state directory.
func (t Target) Bundled() bool { return t.Runtime != nil || t.Endpoint == "" }

// Find decides whom a client talks to. endpoint and stateDir are what a flag or an
// attribute says, empty if it says nothing; getenv is os.Getenv outside tests. The first
// of these wins: endpoint, stateDir, $BATCHD_ENDPOINT, $AWS_ENDPOINT_URL_BATCH, the
// user's own state directory. If the runtime of the state directory is wanted and does
// not run, the error is [ErrNotRunning], and the target says where it should.
func Find(endpoint, stateDir string, getenv func(string) string) (Target, error) {
	dir, dirErr := StateDir(stateDir, getenv)
	t := Target{StateDir: dir}
	t.Endpoint, t.Source = choose(endpoint, stateDir, getenv)
	if t.Source == FromStateDir {
		if dirErr != nil {
			return t, dirErr
		}
		return t, t.meet()
	}
	normal, err := parseEndpoint(t.Endpoint)
	if err != nil {
		return t, fmt.Errorf("endpoint from %s: %w", t.Source, err)
	}
	t.Endpoint = normal
	if dirErr == nil {
		t.recognise()
	}
	return t, nil
}

func choose(endpoint, stateDir string, getenv func(string) string) (string, Source) {
	switch {
	case endpoint != "":
		return endpoint, FromFlag
	case stateDir != "":
		return "", FromStateDir
	case getenv(EnvEndpoint) != "":
		return getenv(EnvEndpoint), FromEnv
	case getenv(EnvBatchEndpoint) != "":
		return getenv(EnvBatchEndpoint), FromAWSEnv
	}
	return "", FromStateDir
}

// meet fills t with the runtime that serves from its state directory.
func (t *Target) meet() error {
	pid, alive, err := Alive(t.StateDir)
	if err != nil {
		return err
	}
	r, err := ReadRuntime(t.StateDir)
	former := err == nil && pid != 0 && r.PID != pid // it was killed, and another one starts in its place
	if !alive || former || notThere(err) {
		return fmt.Errorf("%w in state directory %s; start one with: batchd serve --state-dir %s", ErrNotRunning, t.StateDir, t.StateDir)
	}
	if err != nil {
		return err
	}
	c, err := ReadCredentials(t.StateDir)
	if err != nil {
		return fmt.Errorf("credentials of the runtime: %w", err)
	}
	t.Endpoint, t.Runtime, t.Credentials = strings.TrimSuffix(r.Endpoint, "/"), &r, &c
	return nil
}

// recognise adds the state directory's credentials if its runtime is the one named by
// the endpoint. What cannot be read there does not matter to an endpoint elsewhere.
func (t *Target) recognise() {
	r, err := ReadRuntime(t.StateDir)
	if err != nil || strings.TrimSuffix(r.Endpoint, "/") != t.Endpoint {
		return
	}
	if c, err := ReadCredentials(t.StateDir); err == nil {
		t.Runtime, t.Credentials = &r, &c
	}
}

// parseEndpoint returns text as scheme://host[:port].
func parseEndpoint(text string) (string, error) {
	if len(text) > maxEndpointLen {
		return "", fmt.Errorf("it has %d bytes; give at most %d", len(text), maxEndpointLen)
	}
	if at := strings.LastIndexByte(text, '@'); at >= 0 {
		return "", fmt.Errorf("…%q is not an endpoint (it has a user name or a password, not shown here, before the @); give a URL such as http://127.0.0.1:4567", text[at:])
	}
	given := text
	if !strings.Contains(text, "://") {
		text = defaultScheme + "://" + text
	}
	u, err := url.Parse(text)
	if err == nil {
		switch {
		case u.Scheme != "http" && u.Scheme != "https":
			err = errors.New("its scheme is neither http nor https")
		case u.Hostname() == "":
			err = errors.New("it has no host")
		case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
			err = errors.New("it has more than a scheme, a host and a port")
		}
	}
	if err != nil {
		return "", fmt.Errorf("%q is not an endpoint (%w); give a URL such as http://127.0.0.1:4567", given, err)
	}
	return u.Scheme + "://" + strings.ToLower(u.Host), nil
}
