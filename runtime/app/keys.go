package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/batchd/terraform-provider-batch/runtime/auth"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/engine"
	"github.com/batchd/terraform-provider-batch/runtime/registry"
	"github.com/batchd/terraform-provider-batch/runtime/rendezvous"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// masterKeyFile and metricsTokenFile are the files of secrets in the state directory, beside the store: a copy of
// the store alone opens nothing.
const (
	masterKeyFile    = "master.key"
	metricsTokenFile = "metrics.token"
)

// itself is who acts when the runtime does.
const itself = "batchd"

// openKeys returns the keyring of the store. The master key is made the first time.
func (a *App) openKeys(ctx context.Context) (*auth.StoredKeys, error) {
	path := a.options.MasterKeyFile
	given(&path, a.dir.File(masterKeyFile))
	remedy := fmt.Sprintf("put back the file %s that belongs to this store; if it is lost, start once with --forget-keys, which revokes those keys and makes a new key for the administrator", path)
	master, err := auth.MasterKeyFrom(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := a.refuseOrphans(ctx, path, remedy); err != nil {
			return nil, err
		}
		master, err = auth.MakeMasterKey(path)
	}
	if err != nil {
		return nil, err
	}
	keys := auth.NewStoredKeys(a.store, master)
	var closed *auth.ClosedError
	if err := keys.Check(ctx); errors.As(err, &closed) && a.options.ForgetKeys {
		a.closedKeys = closed.Keys
	} else if closed != nil {
		return nil, fmt.Errorf("master key %s: %w: %s", path, err, remedy)
	} else if err != nil {
		return nil, err
	}
	return keys, nil
}

// refuseOrphans refuses to make a master key where keys need the one that is not there.
func (a *App) refuseOrphans(ctx context.Context, path, remedy string) error {
	rows, err := a.store.AccessKeys(ctx)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if row.RevokedAt == 0 && !a.options.ForgetKeys {
			return fmt.Errorf("master key %s is not there, and the store has access keys that only it opens: %s", path, remedy)
		}
	}
	return nil
}

// admitAdmin makes sure that the key of the state directory, which this user's tools sign with, is one of the
// store, and revokes what is to be forgotten.
func (a *App) admitAdmin(ctx context.Context) error {
	credentials, err := a.credentials(ctx)
	if err != nil {
		return err
	}
	_, found, err := a.store.AccessKey(ctx, credentials.AccessKeyID)
	if err != nil {
		return err
	}
	caller := batch.Caller{Who: itself}
	if !found {
		key := auth.Key{AccessKeyID: credentials.AccessKeyID, SecretAccessKey: credentials.SecretAccessKey, Role: batch.Role(credentials.Role)}
		_, err = engine.Do(ctx, a.engine, sched.Keep{Command: registry.CreateKey{Caller: caller, Key: batch.AccessKey{
			ID: key.AccessKeyID, Name: "state directory", Role: key.Role, Sealed: a.keys.Seal(key),
		}}})
	}
	for _, id := range a.closedKeys {
		if err != nil {
			break
		}
		if _, err = engine.Do(ctx, a.engine, sched.Keep{Command: registry.RevokeKey{Caller: caller, ID: id}}); err == nil {
			a.log.Warn("an access key is revoked, because its secret does not open", "key", id)
		}
	}
	a.keys.Changed()
	if err != nil {
		return fmt.Errorf("keeping the administrator's key: %w", err)
	}
	return nil
}

// credentials returns the administrator's key, a new one if the old one is to be forgotten.
func (a *App) credentials(ctx context.Context) (rendezvous.Credentials, error) {
	credentials, err := a.dir.Credentials()
	if err != nil || len(a.closedKeys) == 0 {
		return credentials, err
	}
	if _, ok, err := a.keys.Lookup(ctx, credentials.AccessKeyID); ok || err != nil {
		return credentials, err
	}
	return a.dir.RenewCredentials()
}

// metricsGuard protects what is asked for without a signature: by a token, unless nobody but this machine can ask.
func (a *App) metricsGuard() (auth.Bearer, error) {
	b := auth.Bearer{Guard: a.guard()}
	path := a.options.MetricsTokenFile
	if path == "" && auth.IsLoopback(a.options.Listen) {
		return b, nil
	}
	given(&path, a.dir.File(metricsTokenFile))
	var err error
	if b.Token, err = auth.TokenFrom(path); errors.Is(err, fs.ErrNotExist) {
		b.Token, err = auth.MakeToken(path)
	}
	return b, err
}
