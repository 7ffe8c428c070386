package auth

import (
	"context"
)

// RoleAdmin may do everything.
const RoleAdmin = "admin"

// Key is an access key and what its holder is.
type Key struct {
	AccessKeyID     string
	SecretAccessKey string
	Role            string
}

// String returns the id and the role, never the secret.
func (k Key) String() string { return k.AccessKeyID + " (" + k.Role + ")" }

// Keyring finds keys.
type Keyring interface {
	// Lookup returns the key with that id; ok is false if there is none. An error means
	// that it could not be looked up.
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
	Role        string
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
