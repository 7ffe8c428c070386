package auth

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// rows are key rows in memory that count how often they are read.
type rows struct {
	keys  []batch.AccessKey
	reads int
	err   error
}

func (r *rows) AccessKeys(context.Context) ([]batch.AccessKey, error) {
	r.reads++
	return r.keys, r.err
}

func masterKey(t *testing.T) (*MasterKey, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "master.key")
	master, err := MakeMasterKey(path)
	if err != nil {
		t.Fatal(err)
	}
	return master, path
}

func TestASealedSecretOpensForItsKeyOnly(t *testing.T) {
	master, path := masterKey(t)
	again, err := MasterKeyFrom(path)
	if err != nil {
		t.Fatal(err)
	}
	sealed := master.Seal("id", secret)
	if open, err := again.Open("id", sealed); err != nil || open != secret {
		t.Errorf("opened %q, %v", open, err)
	}
	if string(sealed) == string(master.Seal("id", secret)) {
		t.Error("the same secret was sealed alike twice")
	}
	other, _ := masterKey(t)
	altered := append([]byte{}, sealed...)
	altered[len(altered)-1] ^= 1
	for what, try := range map[string]func() (string, error){
		"another master key": func() (string, error) { return other.Open("id", sealed) },
		"another id":         func() (string, error) { return master.Open("idx", sealed) },
		"altered":            func() (string, error) { return master.Open("id", altered) },
		"short":              func() (string, error) { return master.Open("id", sealed[:5]) },
		"nothing":            func() (string, error) { return master.Open("id", nil) },
	} {
		if open, err := try(); !errors.Is(err, ErrSealed) || open != "" {
			t.Errorf("%s: %q, %v", what, open, err)
		}
	}
}

func TestTheFileOfTheMasterKey(t *testing.T) {
	_, path := masterKey(t)
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("made with %v, %v", info.Mode(), err)
	}
	if _, err := MakeMasterKey(path); err == nil || !strings.Contains(err.Error(), "exists") {
		t.Errorf("made over another: %v", err)
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
	if _, err := MasterKeyFrom(path + "x"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	for name, c := range map[string]struct {
		text string
		mode os.FileMode
		says string
	}{
		"group":   {"", 0o640, "chmod 600"},
		"others":  {"", 0o604, "chmod 600"},
		"empty":   {" ", 0o600, "damaged"},
		"short":   {"YWJj", 0o600, "holds 3 bytes"},
		"no text": {"\x00\x01", 0o600, "damaged"},
		"long":    {strings.Repeat("a", maxSecretFile+1), 0o600, "larger"},
	} {
		file := filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(file, []byte(c.text), c.mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(file, c.mode); err != nil {
			t.Fatal(err)
		}
		if _, err := MasterKeyFrom(file); err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := MasterKeyFrom(t.TempDir()); err == nil || !strings.Contains(err.Error(), "regular") {
		t.Errorf("a directory: %v", err)
	}
	if os.Geteuid() == 0 {
		if err := os.Chown(path, 12345, 0); err != nil {
			t.Fatal(err)
		}
		// Root may own any file but not trust another's.
		if _, err := MasterKeyFrom(path); err == nil || !strings.Contains(err.Error(), "belongs to user 12345") {
			t.Errorf("another's file: %v", err)
		}
	}
}

func TestTokens(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	token, err := MakeToken(path)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := TokenFrom(path); err != nil || again != token || len(token) < minToken {
		t.Errorf("token %q then %q, %v", token, again, err)
	}
	if err := os.WriteFile(path, []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := TokenFrom(path); err == nil || strings.Contains(err.Error(), "short") {
		t.Errorf("a short token: %v", err)
	}
}

func TestStoredKeys(t *testing.T) {
	master, _ := masterKey(t)
	other, _ := masterKey(t)
	r := &rows{}
	ring := NewStoredKeys(r, master)
	row := func(id string, m *MasterKey) batch.AccessKey {
		return batch.AccessKey{ID: id, Role: batch.RoleSubmitter, Queues: []string{"a*"}, Sealed: m.Seal(id, secret)}
	}
	r.keys = []batch.AccessKey{row("a", master), row("closed", other)}
	for range 3 {
		if key, ok, err := ring.Lookup(t.Context(), "a"); err != nil || !ok || key.SecretAccessKey != secret || key.Role != batch.RoleSubmitter || len(key.Queues) != 1 {
			t.Errorf("looked up %v, %t, %v", key, ok, err)
		}
	}
	if r.reads != 1 {
		t.Errorf("%d reads for three lookups", r.reads)
	}
	var closed *ClosedError
	if err := ring.Check(t.Context()); !errors.As(err, &closed) || len(closed.Keys) != 1 || closed.Keys[0] != "closed" {
		t.Errorf("check: %v", err)
	}
	if _, ok, err := ring.Lookup(t.Context(), "closed"); ok || err != nil {
		t.Errorf("a key that does not open: %t, %v", ok, err)
	}
	r.keys[0].RevokedAt = 5
	r.keys = append(r.keys[:1], row("b", master))
	ring.Changed()
	_, was, _ := ring.Lookup(t.Context(), "a")
	_, is, _ := ring.Lookup(t.Context(), "b")
	if was || !is || ring.Check(t.Context()) != nil {
		t.Errorf("after a change: the revoked one is valid: %t; the new one: %t", was, is)
	}
	r.err = errors.New("the disk is on fire")
	ring.Changed()
	if _, ok, err := ring.Lookup(t.Context(), "b"); ok || err == nil {
		t.Error("what cannot be read is valid")
	}
}

func TestNoSecretIsPrinted(t *testing.T) {
	key := NewKey(batch.RoleAdmin, nil)
	if len(key.AccessKeyID) != 20 || len(key.SecretAccessKey) != 40 {
		t.Errorf("a key of %d and %d characters", len(key.AccessKeyID), len(key.SecretAccessKey))
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		if text := fmt.Sprintf(verb, key) + fmt.Sprintf(verb, []any{key, &key}); strings.Contains(text, key.SecretAccessKey) {
			t.Errorf("%s shows the secret", verb)
		}
	}
	if strings.Contains(key.LogValue().String(), key.SecretAccessKey) {
		t.Error("a log shows the secret")
	}
}

func TestRoles(t *testing.T) {
	roles := batch.Roles()
	for i, role := range roles {
		for j, least := range roles {
			if Allows(role, least) != (i >= j) {
				t.Errorf("%s where %s is needed: %t", role, least, Allows(role, least))
			}
		}
		if Allows(role, "") || Allows("", role) || Allows(role, "root") || Allows("root", role) {
			t.Errorf("an unknown role beside %s is allowed", role)
		}
	}
	bound := Identity{Queues: []string{"dev-*", "high"}}
	for queue, allowed := range map[string]bool{"dev-": true, "dev-a": true, "high": true, "High": false, "higher": false, "dev": false, "": false} {
		if bound.MayUse(queue) != allowed || !(Identity{}).MayUse(queue) || !(Identity{Queues: []string{"*"}}).MayUse(queue) {
			t.Errorf("queue %q", queue)
		}
	}
}
