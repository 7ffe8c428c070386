package api

import (
	"cmp"
	"context"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/api/pagetoken"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/auth"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/engine"
	"github.com/batchd/terraform-provider-batch/runtime/registry"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// createKey makes a key and shows its secret, this once.
func (s *server) createKey(ctx context.Context, c call, q *wire.CreateKeyRequest) (wire.CreateKeyResponse, error) {
	if s.Keys == nil {
		return wire.CreateKeyResponse{}, errNoKeys()
	}
	key := auth.NewKey(batch.Role(q.Role), q.Queues)
	err := s.doKey(ctx, registry.CreateKey{Caller: c.caller, Key: batch.AccessKey{
		ID: key.AccessKeyID, Name: q.Name, Role: key.Role, Queues: key.Queues, Sealed: s.Keys.Seal(key),
	}})
	if err != nil {
		return wire.CreateKeyResponse{}, err
	}
	return wire.CreateKeyResponse{
		AccessKeyID: key.AccessKeyID, SecretAccessKey: key.SecretAccessKey, Name: q.Name, Role: q.Role, Queues: q.Queues,
	}, nil
}

func (s *server) revokeKey(ctx context.Context, c call, q *wire.RevokeKeyRequest) (wire.Empty, error) {
	if s.Keys == nil {
		return wire.Empty{}, errNoKeys()
	}
	err := s.doKey(ctx, registry.RevokeKey{Caller: c.caller, ID: q.AccessKeyID})
	s.admission.EndIfRevoked(context.WithoutCancel(ctx), q.AccessKeyID)
	return wire.Empty{}, err
}

// doKey has a command on keys applied and the keyring know of it before the answer, even if the caller has
// gone meanwhile or the outcome is not known.
func (s *server) doKey(ctx context.Context, command registry.Command) error {
	defer s.Keys.Changed()
	_, err := engine.Do(context.WithoutCancel(ctx), s.Engine, sched.Keep{Command: command})
	return err
}

func errNoKeys() error {
	return batch.Errorf(batch.InvalidRequest, "the keys of this runtime are not kept in its store")
}

// keysFrom is where a page of keys begins: after the one that was made then under that id.
type keysFrom struct {
	At batch.Time `json:"at"`
	ID string     `json:"id"`
}

func (s *server) listKeys(ctx context.Context, _ call, q *wire.ListKeysRequest) (wire.ListKeysResponse, error) {
	answer := wire.ListKeysResponse{Keys: []wire.KeySummary{}}
	var from keysFrom
	if err := pagetoken.Decode(q.NextToken, &from); err != nil {
		return answer, err
	}
	all, err := s.Store.AccessKeys(ctx)
	if err != nil {
		return answer, err
	}
	all = slices.DeleteFunc(all, func(k batch.AccessKey) bool {
		seen := cmp.Or(cmp.Compare(k.CreatedAt, from.At), cmp.Compare(k.ID, from.ID)) <= 0
		return seen || k.RevokedAt != 0 && !q.Revoked
	})
	if n := page(q.MaxResults, wire.MaxKeys); len(all) > n {
		all = all[:n]
		answer.NextToken = pagetoken.Encode(keysFrom{all[n-1].CreatedAt, all[n-1].ID})
	}
	for _, k := range all {
		answer.Keys = append(answer.Keys, wire.KeySummary{
			AccessKeyID: k.ID, Name: k.Name, Role: string(k.Role), Queues: k.Queues,
			CreatedAt: int64(k.CreatedAt), CreatedBy: k.CreatedBy, RevokedAt: int64(k.RevokedAt),
		})
	}
	return answer, nil
}
