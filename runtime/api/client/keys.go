package client

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// CreateKey makes an access key and returns it with its secret, which is not shown again. A call whose answer was
// lost leaves a key that nobody has the secret of; [Client.AllKeys] lists it.
func (c *Client) CreateKey(ctx context.Context, in *wire.CreateKeyRequest) (*wire.CreateKeyResponse, error) {
	return post[wire.CreateKeyResponse](ctx, c, wire.PathCreateKey, in)
}

// ListKeys returns one page of access keys, without their secrets.
func (c *Client) ListKeys(ctx context.Context, in *wire.ListKeysRequest) (*wire.ListKeysResponse, error) {
	return post[wire.ListKeysResponse](ctx, c, wire.PathListKeys, in)
}

// AllKeys returns the valid access keys, oldest first; with revoked, the others too.
func (c *Client) AllKeys(ctx context.Context, revoked bool) ([]wire.KeySummary, error) {
	return pages(func(token string) ([]wire.KeySummary, string, error) {
		page, err := c.ListKeys(ctx, &wire.ListKeysRequest{Revoked: revoked, NextToken: token})
		if err != nil {
			return nil, "", err
		}
		return page.Keys, page.NextToken, nil
	})
}

// RevokeKey makes an access key invalid for ever. Revoking it again does no harm.
func (c *Client) RevokeKey(ctx context.Context, in *wire.RevokeKeyRequest) error {
	_, err := post[wire.Empty](ctx, c, wire.PathRevokeKey, in)
	return err
}

// AuditQuery selects lines of the audit log.
type AuditQuery struct {
	Who, Action string // empty: any
	Denied      *bool  // nil: both
	NextToken   string
	MaxResults  int // 1..1000; 0: 1000
}

// Audit returns one page of the audit log, newest first.
func (c *Client) Audit(ctx context.Context, q AuditQuery) (*wire.AuditResponse, error) {
	values := url.Values{}
	for name, value := range map[string]string{"who": q.Who, "action": q.Action, "nextToken": q.NextToken} {
		if value != "" {
			values.Set(name, value)
		}
	}
	if q.Denied != nil {
		values.Set("denied", strconv.FormatBool(*q.Denied))
	}
	if q.MaxResults > 0 {
		values.Set("maxResults", strconv.Itoa(q.MaxResults))
	}
	return call[wire.AuditResponse](ctx, c, http.MethodGet, wire.PathAudit+"?"+values.Encode(), nil)
}

// NewestAudits returns the newest lines of the audit log that q selects, newest first, most at most. Where q says how
// many a page has, it is not heeded.
func (c *Client) NewestAudits(ctx context.Context, q AuditQuery, most int) ([]wire.AuditLine, error) {
	var lines []wire.AuditLine
	for len(lines) < most {
		q.MaxResults = min(most-len(lines), wire.MaxAudits)
		page, err := c.Audit(ctx, q)
		if err != nil {
			return nil, err
		}
		lines = append(lines, page.Lines...)
		if page.NextToken == "" {
			break
		}
		if page.NextToken == q.NextToken {
			return nil, fmt.Errorf("the service gave the page token %q twice", q.NextToken)
		}
		q.NextToken = page.NextToken
	}
	return lines, nil
}
