package rendezvous

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
)

// AccessKeyPrefix begins the id of every key made here, so that it cannot be taken for
// one of AWS's.
const AccessKeyPrefix = "BATCHD"

// RoleAdmin may do everything.
const RoleAdmin = "admin"

// Credentials is a key to a runtime. It prints without its secret.
type Credentials struct {
	AccessKeyID     string `json:"accessKeyId"`
	SecretAccessKey string `json:"secretAccessKey"`
	Role            string `json:"role"`
}

// String returns the id and the role.
func (c Credentials) String() string { return c.AccessKeyID + " (" + c.Role + ")" }

// GoString returns the same as String.
func (c Credentials) GoString() string { return c.String() }

// Credentials returns the admin's key of d, and makes it if there is none. Only the
// holder of the lock may call it.
func (d *Dir) Credentials() (Credentials, error) {
	c, err := ReadCredentials(d.path)
	if !notThere(err) {
		return c, err
	}
	return d.RenewCredentials()
}

// RenewCredentials makes a new key for the admin in the place of the one of d, if there is
// one. Only the holder of the lock may call it.
func (d *Dir) RenewCredentials() (Credentials, error) {
	secret := make([]byte, 30) // 40 characters
	if _, err := rand.Read(secret); err != nil {
		return Credentials{}, fmt.Errorf("make credentials: %w", err)
	}
	c := Credentials{
		AccessKeyID:     AccessKeyPrefix + rand.Text()[:14], // 20 characters, as AWS's have
		SecretAccessKey: base64.RawURLEncoding.EncodeToString(secret),
		Role:            RoleAdmin,
	}
	return c, writeJSON(d.File(credentialsFile), c)
}

// ReadCredentials returns the admin's key of the state directory at path. The error is
// fs.ErrNotExist if there is none, or a [*CorruptError].
func ReadCredentials(path string) (Credentials, error) {
	var c Credentials
	name := (&Dir{path: path}).File(credentialsFile)
	if err := readJSON(name, &c); err != nil {
		return Credentials{}, err
	}
	if c.AccessKeyID == "" || c.SecretAccessKey == "" || c.Role == "" {
		return Credentials{}, &CorruptError{name, errors.New("it lacks accessKeyId, secretAccessKey or role")}
	}
	return c, nil
}
