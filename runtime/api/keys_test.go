package api_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/auth"
)

func TestKeysAreMadeListedAndRevoked(t *testing.T) {
	g := newGuarded(t)
	reader, key := g.key(wire.RoleReader)
	if _, err := reader.Status(t.Context()); err != nil {
		t.Errorf("a fresh key: %v", err)
	}
	keys, err := g.admin.AllKeys(t.Context(), false)
	if err != nil || len(keys) != 2 || keys[1].AccessKeyID != key.AccessKeyID || keys[1].Name != "the reader" || keys[1].CreatedBy != keyID || keys[1].CreatedAt == 0 {
		t.Errorf("listed %+v, %v", keys, err)
	}
	if err := g.admin.RevokeKey(t.Context(), &wire.RevokeKeyRequest{AccessKeyID: key.AccessKeyID}); err != nil {
		t.Fatal(err)
	}
	var refusal *wire.Error
	if _, err := reader.Status(t.Context()); !errors.As(err, &refusal) || refusal.Code != auth.CodeUnrecognizedClient {
		t.Errorf("a revoked key: %v", err)
	}
	if keys, err := g.admin.AllKeys(t.Context(), false); err != nil || len(keys) != 1 {
		t.Errorf("valid ones: %+v, %v", keys, err)
	}
	if keys, err := g.admin.AllKeys(t.Context(), true); err != nil || len(keys) != 2 || keys[1].RevokedAt == 0 {
		t.Errorf("all: %+v, %v", keys, err)
	}
	one := int32(1)
	page, err := g.admin.ListKeys(t.Context(), &wire.ListKeysRequest{Revoked: true, MaxResults: &one})
	if err != nil || len(page.Keys) != 1 || page.NextToken == "" {
		t.Errorf("a page: %+v, %v", page, err)
	}
	if err := g.admin.RevokeKey(t.Context(), &wire.RevokeKeyRequest{AccessKeyID: keyID}); err == nil || !strings.Contains(err.Error(), "last") {
		t.Errorf("revoking the last admin: %v", err)
	}
	for _, in := range []wire.CreateKeyRequest{
		{},
		{Role: "root"},
		{Role: wire.RoleReader, Queues: []string{"a"}},
		{Role: wire.RoleSubmitter, Queues: []string{"a*b"}},
		{Role: wire.RoleSubmitter, Queues: []string{""}},
		{Role: wire.RoleReader, Name: "a\nb"},
	} {
		if _, err := g.admin.CreateKey(t.Context(), &in); err == nil {
			t.Errorf("%+v was accepted", in)
		}
	}
	if lines := g.log.find(key.SecretAccessKey); len(lines) > 0 {
		t.Errorf("the secret is in the log: %q", lines)
	}
	rows, err := g.store.AccessKeys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if strings.Contains(string(row.Sealed), key.SecretAccessKey[:8]) {
			t.Error("the secret is in the store")
		}
	}
}

// TestARevokedKeyDoesNotListenOn takes a lease and follows events with two keys, of which one is revoked.
func TestARevokedKeyDoesNotListenOn(t *testing.T) {
	g := newGuarded(t)
	reader, key := g.key(wire.RoleReader)
	other, _ := g.key(wire.RoleReader)
	var leases []*client.Lease
	for _, c := range []*client.Client{reader, other} {
		lease, err := c.Lease(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer lease.Close()
		leases = append(leases, lease)
	}
	if err := g.admin.RevokeKey(t.Context(), &wire.RevokeKeyRequest{AccessKeyID: key.AccessKeyID}); err != nil {
		t.Fatal(err)
	}
	select {
	case <-leases[0].Done():
	case <-time.After(patience / 6):
		t.Error("the lease of a revoked key holds")
	}
	if err := leases[1].Err(); err != nil {
		t.Errorf("the lease of another key: %v", err)
	}
}

// TestNoQueuesIsNotEveryQueue sends an empty list of queues, which must not give more than a list with one in it.
func TestNoQueuesIsNotEveryQueue(t *testing.T) {
	g := newGuarded(t)
	for _, role := range []string{wire.RoleSubmitter, wire.RoleOperator} {
		_, err := g.admin.CreateKey(t.Context(), &wire.CreateKeyRequest{Role: role, Queues: []string{}})
		var refusal *wire.Error
		if !errors.As(err, &refusal) || refusal.StatusCode != 400 || !strings.Contains(refusal.Message, "queues") || !strings.Contains(refusal.Message, "an empty list") {
			t.Errorf("a key of role %s with an empty list: %v", role, err)
		}
	}
	if _, err := g.admin.CreateKey(t.Context(), &wire.CreateKeyRequest{Role: wire.RoleSubmitter}); err != nil {
		t.Errorf("a key without a list: %v", err)
	}
}
