package auth

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"log/slog"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Key is an access key and what its holder may do. It prints without its secret.
type Key struct {
	AccessKeyID     string
	SecretAccessKey string
	Role            batch.Role
	Queues          []string // patterns that a submitter is bound to; none: every queue
}

// keyPrefix begins the id of every key made here, so that it cannot be taken for one of AWS's.
const keyPrefix = "BATCHD"

// NewKey returns a fresh key: 20 characters of id and 40 of secret, as AWS's have.
func NewKey(role batch.Role, queues []string) Key {
	secret := make([]byte, 30)
	_, _ = rand.Read(secret) // it never fails: the program would end
	return Key{
		AccessKeyID: keyPrefix + rand.Text()[:14], SecretAccessKey: base64.RawURLEncoding.EncodeToString(secret),
		Role: role, Queues: queues,
	}
}

// String returns the id and the role, never the secret.
func (k Key) String() string { return k.AccessKeyID + " (" + string(k.Role) + ")" }

// GoString returns the same as String.
func (k Key) GoString() string { return k.String() }

// Format prints the same as String, whatever the verb.
func (k Key) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(k.String())) } // a printer does not fail

// LogValue logs the same as String.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

// Keyring finds keys.
type Keyring interface {
	// Lookup returns the key with that id; ok is false if there is none that is valid. An
	// error means that it could not be looked up.
	Lookup(ctx context.Context, accessKeyID string) (key Key, ok bool, err error)
}

// Keys is a keyring in memory, by id. It is not to be changed while it is used.
type Keys map[string]Key

// NewKeys makes a keyring of keys.
func NewKeys(keys ...Key) Keys {
	ring := make(Keys, len(keys))
	for _, k := range keys {
		ring[k.AccessKeyID] = k
	}
	return ring
}

// Lookup returns the key with that id.
func (k Keys) Lookup(_ context.Context, accessKeyID string) (Key, bool, error) {
	key, ok := k[accessKeyID]
	return key, ok, nil
}

// Identity is who a request is from.
type Identity struct {
	AccessKeyID string // empty for an anonymous caller
	Role        batch.Role
	Queues      []string // see [Key]
}

type identityKey struct{}

// WithIdentity returns a context that carries id.
func WithIdentity(ctx context.Context, id Identity) context.Context {
	return context.WithValue(ctx, identityKey{}, id)
}

// IdentityOf returns the identity ctx carries; ok is false if it carries none.
func IdentityOf(ctx context.Context) (id Identity, ok bool) {
	id, ok = ctx.Value(identityKey{}).(Identity)
	return id, ok
}
