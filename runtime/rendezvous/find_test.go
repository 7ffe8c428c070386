package rendezvous

import (
	"errors"
	"os"
	"strings"
	"testing"
)

// serve makes path the state directory of a runtime that lives as long as the test.
func serve(t *testing.T, path, endpoint string) Credentials {
	t.Helper()
	d := open(t, path)
	lock, err := d.Lock()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := lock.Unlock(); err != nil {
			t.Error(err)
		}
	})
	c, err := d.Credentials()
	if err != nil {
		t.Fatal(err)
	}
	if err := d.WriteRuntime(Runtime{Endpoint: endpoint, PID: os.Getpid(), Region: "eu-west-1"}); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestFind(t *testing.T) {
	mine, theirs := t.TempDir(), t.TempDir()
	myKey := serve(t, mine, "http://127.0.0.1:1001")
	theirKey := serve(t, theirs, "http://127.0.0.1:1002")
	tests := []struct {
		name, endpoint, stateDir string
		env                      map[string]string
		want                     string
		source                   Source
		key                      *Credentials
	}{
		{"flag", "http://h:1", "", map[string]string{EnvEndpoint: "http://h:2", EnvBatchEndpoint: "http://h:3"}, "http://h:1", FromFlag, nil},
		{"flag without scheme", "h:1", "", nil, "http://h:1", FromFlag, nil},
		{"flag over directory", "http://h:1", theirs, nil, "http://h:1", FromFlag, nil},
		{"directory over variable", "", theirs, map[string]string{EnvEndpoint: "http://h:2"}, "http://127.0.0.1:1002", FromStateDir, &theirKey},
		{"ours over AWS's", "", "", map[string]string{EnvEndpoint: "http://h:2", EnvBatchEndpoint: "http://h:3"}, "http://h:2", FromEnv, nil},
		{"AWS's", "", "", map[string]string{EnvBatchEndpoint: "https://h:3/"}, "https://h:3", FromAWSEnv, nil},
		{"bundled", "", "", nil, "http://127.0.0.1:1001", FromStateDir, &myKey},
		{"bundled by variable", "", "", map[string]string{EnvBatchEndpoint: "http://127.0.0.1:1001/"}, "http://127.0.0.1:1001", FromAWSEnv, &myKey},
		{"bundled by flag and directory", "http://127.0.0.1:1002", theirs, nil, "http://127.0.0.1:1002", FromFlag, &theirKey},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			variables := map[string]string{EnvStateDir: mine}
			for name, value := range test.env {
				variables[name] = value
			}
			got, err := Find(test.endpoint, test.stateDir, env(variables))
			if err != nil {
				t.Fatal(err)
			}
			if got.Endpoint != test.want || got.Source != test.source || (got.Credentials == nil) != (test.key == nil) {
				t.Fatalf("found %+v; want %s from %s", got, test.want, test.source)
			}
			if test.key != nil && *got.Credentials != *test.key {
				t.Errorf("credentials %v; want %v", got.Credentials, test.key)
			}
			if got.Bundled() != (test.key != nil) {
				t.Errorf("bundled is %v", got.Bundled())
			}
		})
	}
}

func TestFindWhenNothingRuns(t *testing.T) {
	path := t.TempDir()
	for _, prepare := range []func(){
		func() {},
		func() { // one ran, and was killed
			d := open(t, path)
			if err := d.WriteRuntime(Runtime{Endpoint: "http://127.0.0.1:1001", PID: 1}); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(d.File(lockFile), []byte("1\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		},
		func() { // another one starts in its place, and does not serve yet
			lock, err := open(t, path).Lock()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = lock.Unlock() })
		},
	} {
		prepare()
		target, err := Find("", path, env(nil))
		if !errors.Is(err, ErrNotRunning) || target.StateDir != path || target.Endpoint != "" || !target.Bundled() {
			t.Errorf("found %+v, %v", target, err)
		}
	}
}

func TestFindSaysWhereABadEndpointIsFrom(t *testing.T) {
	for _, bad := range []string{"ftp://h", "http://", "http://h/v1", "http://u:p@h", "http://h?x", "http://h:port", strings.Repeat("h", 3000)} {
		_, err := Find("", "", env(map[string]string{EnvEndpoint: bad, "HOME": "/h"}))
		if err == nil || !strings.Contains(err.Error(), EnvEndpoint) {
			t.Errorf("%.40s: %v", bad, err)
		}
	}
}

func TestAPasswordInAnEndpointIsNotRepeated(t *testing.T) {
	for _, bad := range []string{"http://ann:geheim@h", "ann:geheim@h", "http://ann:geheim@h:port", "http://ann:ge/geheim@h", "http://ann:%geheim@h"} {
		_, err := Find(bad, "", env(map[string]string{"HOME": "/h"}))
		if err == nil || strings.Contains(err.Error(), "geheim") || !strings.Contains(err.Error(), "@h") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
