package cli

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

func TestKeys(t *testing.T) {
	alone(t)
	dir := serve(t)
	code, stdout, stderr := batchd(t, "key", "create", "--role", "submitter", "--queue", "dev-*", "--queue", "high", "--name", "for ci", "-o", "json", "--state-dir", dir)
	var key wire.CreateKeyResponse
	if err := json.Unmarshal([]byte(stdout), &key); code != exitOK || err != nil || len(key.SecretAccessKey) != 40 {
		t.Fatalf("exit code %d, %q %q, %v", code, stdout, stderr, err)
	}
	code, stdout, stderr = batchd(t, "key", "create", "--role", "reader", "--state-dir", dir)
	if code != exitOK || !strings.HasPrefix(stdout, "export AWS_ACCESS_KEY_ID='BATCHD") || !strings.Contains(stdout, "\nexport AWS_SECRET_ACCESS_KEY='") || !strings.Contains(stderr, "not shown again") {
		t.Errorf("exit code %d, %q %q", code, stdout, stderr)
	}
	code, stdout, _ = batchd(t, "key", "list", "--state-dir", dir)
	if code != exitOK || !strings.Contains(stdout, key.AccessKeyID) || !strings.Contains(stdout, "dev-* high") || !strings.Contains(stdout, "for ci") || strings.Contains(stdout, key.SecretAccessKey) || strings.Count(stdout, "\n") != 4 {
		t.Errorf("exit code %d, %s", code, stdout)
	}
	if code, _, stderr := batchd(t, "key", "revoke", key.AccessKeyID, "--state-dir", dir); code != exitOK {
		t.Errorf("exit code %d, %s", code, stderr)
	}
	if _, stdout, _ := batchd(t, "key", "list", "--state-dir", dir); strings.Contains(stdout, key.AccessKeyID) {
		t.Errorf("a revoked key is listed: %s", stdout)
	}
	if _, stdout, _ := batchd(t, "key", "list", "--revoked", "--state-dir", dir); !strings.Contains(stdout, key.AccessKeyID) {
		t.Errorf("a revoked key is not listed: %s", stdout)
	}
	for args, want := range map[string]struct {
		code int
		says string
	}{
		"key bogus":                            {exitUsage, "create, list, revoke"},
		"key create":                           {exitUsage, "role"},
		"key create --role root":               {exitUsage, "one of reader, submitter"},
		"key create --role reader --queue a":   {exitUsage, "only a submitter"},
		"key revoke":                           {exitUsage, "ids of access keys"},
		"key revoke NOBODY --state-dir " + dir: {exitFailed, "does not exist"},
		"key list --ca-file /nonexistent --state-dir " + dir:  {exitFailed, "/nonexistent"},
		"serve --listen 0.0.0.0:0 --state-dir " + t.TempDir(): {exitFailed, "--insecure-http"},
	} {
		if code, _, stderr := batchd(t, strings.Fields(args)...); code != want.code || !strings.Contains(stderr, want.says) {
			t.Errorf("batchd %s: exit code %d, %q; want %d and %q", args, code, stderr, want.code, want.says)
		}
	}
}
