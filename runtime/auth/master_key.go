package auth

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// MasterKey seals the secrets of access keys, so that a store or a backup of it gives nobody
// the means to sign. It prints as nothing.
type MasterKey struct{ aead cipher.AEAD }

const (
	masterSize = 32 // bytes: AES-256
	// sealVersion begins a sealed secret: AES-256-GCM, a nonce of 12 bytes, the id of the key
	// as associated data.
	sealVersion = 1
)

// ErrSealed says that a secret was sealed under another master key, for another access key, or
// is damaged.
var ErrSealed = errors.New("the secret does not open under this master key")

// MasterKeyFrom returns the master key that the file at path holds, 32 bytes in base64. Only
// its owner, this user or root, may be able to read it. The error is fs.ErrNotExist if the
// file does not exist.
func MasterKeyFrom(path string) (*MasterKey, error) {
	text, err := ReadSecret(path)
	if err != nil {
		return nil, fmt.Errorf("master key: %w", err)
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err == nil && len(raw) != masterSize {
		err = fmt.Errorf("it holds %d bytes", len(raw))
	}
	if err != nil {
		return nil, fmt.Errorf("master key %s is damaged: %w; a master key is %d bytes in base64: put back the file that was made at the first start", path, err, masterSize)
	}
	return newMasterKey(raw)
}

// MakeMasterKey makes a master key and the file at path, which must not exist, for its owner
// alone.
func MakeMasterKey(path string) (*MasterKey, error) {
	raw := make([]byte, masterSize)
	_, _ = rand.Read(raw) // it never fails: the program would end
	if err := writeSecret(path, base64.StdEncoding.EncodeToString(raw)); err != nil {
		return nil, fmt.Errorf("making the master key: %w", err)
	}
	return newMasterKey(raw)
}

func newMasterKey(raw []byte) (*MasterKey, error) {
	block, err := aes.NewCipher(raw)
	if err != nil {
		return nil, fmt.Errorf("master key: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("master key: %w", err)
	}
	return &MasterKey{aead}, nil
}

// String returns no part of the key.
func (m *MasterKey) String() string { return "master key" }

// GoString returns the same as String.
func (m *MasterKey) GoString() string { return m.String() }

// Seal returns secret as only [MasterKey.Open] with the same id reads it.
func (m *MasterKey) Seal(accessKeyID, secret string) []byte {
	sealed := make([]byte, 1+m.aead.NonceSize(), 1+m.aead.NonceSize()+len(secret)+m.aead.Overhead())
	sealed[0] = sealVersion
	nonce := sealed[1:]
	_, _ = rand.Read(nonce) // it never fails: the program would end
	return m.aead.Seal(sealed, nonce, []byte(secret), []byte(accessKeyID))
}

// Open returns the secret that was sealed for the access key with that id, or [ErrSealed].
func (m *MasterKey) Open(accessKeyID string, sealed []byte) (string, error) {
	if head := 1 + m.aead.NonceSize(); len(sealed) > head && sealed[0] == sealVersion {
		if secret, err := m.aead.Open(nil, sealed[1:head], sealed[head:], []byte(accessKeyID)); err == nil {
			return string(secret), nil
		}
	}
	return "", ErrSealed
}

// TokenFrom returns the token that the file at path holds, of at least 16 characters. What
// holds of the file of a master key holds of it.
func TokenFrom(path string) (string, error) {
	text, err := ReadSecret(path)
	if err == nil && (len(text) < minToken || strings.ContainsAny(text, " \t\r\n")) {
		err = fmt.Errorf("%s does not hold a token: one line of at least %d characters without spaces", path, minToken)
	}
	if err != nil {
		return "", fmt.Errorf("token: %w", err)
	}
	return text, nil
}

// minToken is how long a token is at least, in characters.
const minToken = 16

// MakeToken makes a token and the file at path, which must not exist, for its owner alone.
func MakeToken(path string) (string, error) {
	token := rand.Text()
	if err := writeSecret(path, token); err != nil {
		return "", fmt.Errorf("making a token: %w", err)
	}
	return token, nil
}
