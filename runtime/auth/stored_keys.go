package auth

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// KeyRows is where access keys are stored.
type KeyRows interface {
	// AccessKeys returns every access key, the revoked ones too.
	AccessKeys(ctx context.Context) ([]batch.AccessKey, error)
}

// StoredKeys is the keyring of the keys in a store. It keeps what it has read until
// [StoredKeys.Changed], so that a request costs no query. It is safe for concurrent use.
type StoredKeys struct {
	rows   KeyRows
	master *MasterKey
	mu     sync.Mutex           // held while ring is made or dropped
	ring   atomic.Pointer[Keys] // nil: to be read
}

// NewStoredKeys returns the keyring of what rows has, sealed under master. Nothing is read yet.
func NewStoredKeys(rows KeyRows, master *MasterKey) *StoredKeys {
	return &StoredKeys{rows: rows, master: master}
}

// Seal returns the secret of a key as it is stored.
func (s *StoredKeys) Seal(k Key) []byte { return s.master.Seal(k.AccessKeyID, k.SecretAccessKey) }

// Changed makes every later Lookup see what is committed by now. It is to be called after a
// key was made or revoked, before the answer.
func (s *StoredKeys) Changed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ring.Store(nil)
}

// Lookup returns the valid key with that id.
func (s *StoredKeys) Lookup(ctx context.Context, accessKeyID string) (Key, bool, error) {
	ring := s.ring.Load()
	if ring == nil {
		var err error
		if ring, err = s.read(ctx); err != nil {
			return Key{}, false, err
		}
	}
	return ring.Lookup(ctx, accessKeyID)
}

// read makes the ring. A key that the master key does not open is left out; [StoredKeys.Check]
// has told about it.
func (s *StoredKeys) read(ctx context.Context) (*Keys, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ring := s.ring.Load(); ring != nil {
		return ring, nil
	}
	ring, _, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	s.ring.Store(&ring)
	return &ring, nil
}

// open reads the valid keys, and says which of them the master key does not open.
func (s *StoredKeys) open(ctx context.Context) (ring Keys, closed []string, err error) {
	rows, err := s.rows.AccessKeys(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the access keys: %w", err)
	}
	ring = Keys{}
	for _, row := range rows {
		if row.RevokedAt != 0 {
			continue
		}
		secret, err := s.master.Open(row.ID, row.Sealed)
		if err != nil {
			closed = append(closed, row.ID)
			continue
		}
		ring[row.ID] = Key{AccessKeyID: row.ID, SecretAccessKey: secret, Role: row.Role, Queues: row.Queues}
	}
	return ring, closed, nil
}

// ClosedError says that the master key is not the one that stored keys were sealed under.
type ClosedError struct{ Keys []string }

// Error names the keys.
func (e *ClosedError) Error() string {
	return fmt.Sprintf("the master key does not open %d of the stored access keys (%s)", len(e.Keys), brief(strings.Join(e.Keys, ", ")))
}

// Check returns a [*ClosedError] if the master key does not open every valid key.
func (s *StoredKeys) Check(ctx context.Context) error {
	_, closed, err := s.open(ctx)
	if err == nil && len(closed) > 0 {
		err = &ClosedError{closed}
	}
	return err
}
