package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/batchd/terraform-provider-batch/internal/bundled"
	"github.com/batchd/terraform-provider-batch/runtime/api/client"
)

// errEndpointUnknown is met when a plan runs before the endpoint is decided. Readers keep
// what the state says then.
var errEndpointUnknown = errors.New("the provider's endpoint is not known until apply: create what it depends on first (terraform apply -target=…)")

// connection is the one way to the runtime that a provider process has. Nothing is
// contacted or started before the first call that needs it; a failure is not kept, so
// that the next call tries again.
type connection struct {
	open    func(context.Context) (*bundled.Session, error)
	turn    chan struct{} // holds one token: whoever takes it may open
	session *bundled.Session
	// handovers are those of the jobs that are replaced through this connection.
	handovers handovers
}

func newConnection(open func(context.Context) (*bundled.Session, error)) *connection {
	c := &connection{open: open, turn: make(chan struct{}, 1)}
	c.turn <- struct{}{}
	return c
}

// get returns the client, which is made by the first caller while the others wait, and made
// again when a bundled runtime has gone.
func (c *connection) get(ctx context.Context) (*client.Client, error) {
	session, err := c.reach(ctx)
	if err != nil {
		return nil, err
	}
	return session.Client, nil
}

// reach is get for callers that want to know when the runtime goes.
func (c *connection) reach(ctx context.Context) (*bundled.Session, error) {
	select {
	case <-c.turn:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	defer func() { c.turn <- struct{}{} }()
	if c.session != nil && !c.session.Ended() {
		return c.session, nil
	}
	session, err := c.open(ctx)
	if err != nil {
		return nil, err
	}
	c.session = session
	return session, nil
}

// reached returns the client of a runtime that has been reached, and nil if none has been: a plan does not start one.
func (c *connection) reached(ctx context.Context) *client.Client {
	select {
	case <-c.turn:
	case <-ctx.Done():
		return nil
	}
	defer func() { c.turn <- struct{}{} }()
	if c.session == nil || c.session.Ended() {
		return nil
	}
	return c.session.Client
}

// connected is what resources and data sources embed: their way to the runtime.
type connected struct{ connection *connection }

// take keeps the connection that the provider handed over; there is none while Terraform
// only validates.
func (c *connected) take(data any, diags *diag.Diagnostics) {
	if data == nil {
		return
	}
	given, ok := data.(*connection)
	if !ok {
		diags.AddError("Cannot configure", "The provider handed over something that is not its connection. This is a bug of the provider; please report it.")
		return
	}
	c.connection = given
}

// client returns the runtime's client, or nil and a diagnostic.
func (c *connected) client(ctx context.Context, diags *diag.Diagnostics) *client.Client {
	opened, err := c.connection.get(ctx)
	if err != nil {
		diags.AddError("Cannot reach the batch runtime", err.Error())
		return nil
	}
	return opened
}

// reader is [connected.client] for refreshing: while the endpoint is not known there is
// nothing to ask, and the state stays as it is.
func (c *connected) reader(ctx context.Context, diags *diag.Diagnostics) *client.Client {
	opened, err := c.connection.get(ctx)
	switch {
	case errors.Is(err, errEndpointUnknown):
		diags.AddWarning("Not refreshed", err.Error())
	case err != nil:
		diags.AddError("Cannot reach the batch runtime", err.Error())
	default:
		return opened
	}
	return nil
}
