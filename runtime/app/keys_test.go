package app_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/app"
	"github.com/batchd/terraform-provider-batch/runtime/compute/computetest"
	"github.com/batchd/terraform-provider-batch/runtime/rendezvous"
)

// anew gives options a driver that has not been used.
func anew(o app.Options) app.Options {
	fake := computetest.NewFake(computetest.FakeOptions{})
	o.Driver, o.Logs = fake, fake.Logs()
	return o
}

func as(t *testing.T, endpoint string, key *wire.CreateKeyResponse) *client.Client {
	t.Helper()
	c, err := client.New(client.Config{
		Endpoint: endpoint, RetryFor: -1, Credentials: credentials.NewStaticCredentialsProvider(key.AccessKeyID, key.SecretAccessKey, ""),
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestKeysOutliveTheRuntime makes keys, and starts again with the master key, without it, with another, and having
// lost it.
func TestKeysOutliveTheRuntime(t *testing.T) {
	o := options(t)
	o.MasterKeyFile = filepath.Join(t.TempDir(), "elsewhere.key")
	a := start(t, o)
	first, err := rendezvous.ReadCredentials(o.StateDir)
	if err != nil {
		t.Fatal(err)
	}
	admin := dial(t, o.StateDir)
	key, err := admin.CreateKey(t.Context(), &wire.CreateKeyRequest{Role: wire.RoleReader})
	if err != nil {
		t.Fatal(err)
	}
	keys, err := admin.AllKeys(t.Context(), false)
	if err != nil || len(keys) != 2 || keys[0].AccessKeyID != first.AccessKeyID || keys[0].Role != wire.RoleAdmin || keys[0].CreatedBy != "batchd" {
		t.Errorf("keys = %+v, %v", keys, err)
	}
	stop(t, a)

	a = start(t, anew(o))
	if _, err := as(t, a.Endpoint(), key).Status(t.Context()); err != nil {
		t.Errorf("after a restart: %v", err)
	}
	stop(t, a)

	if err := os.Rename(o.MasterKeyFile, o.MasterKeyFile+".away"); err != nil {
		t.Fatal(err)
	}
	_, err = app.New(t.Context(), anew(o))
	if err == nil || !strings.Contains(err.Error(), "is not there") || !strings.Contains(err.Error(), "--forget-keys") || !strings.Contains(err.Error(), o.MasterKeyFile) {
		t.Errorf("without the master key: %v", err)
	}
	other := o
	other.MasterKeyFile = filepath.Join(options(t).StateDir, "other.key")
	other.StateDir = t.TempDir()
	stop(t, start(t, anew(other)))
	other.StateDir = o.StateDir
	if _, err = app.New(t.Context(), anew(other)); err == nil || !strings.Contains(err.Error(), "does not open 2 of") || !strings.Contains(err.Error(), "--forget-keys") {
		t.Errorf("with another master key: %v", err)
	}

	o.ForgetKeys = true
	a = start(t, anew(o))
	if _, err := as(t, a.Endpoint(), key).Status(t.Context()); err == nil {
		t.Error("a key that was to be forgotten is valid")
	}
	second, err := rendezvous.ReadCredentials(o.StateDir)
	if err != nil || second.AccessKeyID == first.AccessKeyID {
		t.Errorf("the administrator's key is %s again, %v", second, err)
	}
	if keys, err := dial(t, o.StateDir).AllKeys(t.Context(), true); err != nil || len(keys) != 3 || keys[0].RevokedAt == 0 || keys[1].RevokedAt == 0 || keys[2].RevokedAt != 0 {
		t.Errorf("keys = %+v, %v", keys, err)
	}
}

func TestALooseMasterKeyIsRefused(t *testing.T) {
	o := options(t)
	stop(t, start(t, o))
	path := filepath.Join(o.StateDir, "master.key")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info, err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := app.New(t.Context(), anew(o)); err == nil || !strings.Contains(err.Error(), "chmod 600 "+path) {
		t.Errorf("error = %v", err)
	}
}

func TestMetricsTakeATokenWhereOthersCanAsk(t *testing.T) {
	ask := func(a *app.App, token string) int {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.Endpoint()+"/metrics", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := answer.Body.Close(); err != nil {
			t.Error(err)
		}
		return answer.StatusCode
	}

	local := options(t)

	if code := ask(start(t, local), ""); code != http.StatusOK {
		t.Errorf("on loopback: %d", code)
	}
	open := options(t)
	open.Listen, open.InsecureHTTP = "0.0.0.0:0", true
	a := start(t, open)
	token, err := os.ReadFile(filepath.Join(open.StateDir, "metrics.token"))
	if err != nil {
		t.Fatal(err)
	}
	if with, without := ask(a, strings.TrimSpace(string(token))), ask(a, ""); with != http.StatusOK || without != http.StatusUnauthorized {
		t.Errorf("with the token %d, without %d", with, without)
	}
}
