package auth

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
)

// Anonymous accepts every request that comes from this machine as an admin's, signed
// or not. It is for `--auth off` and must only listen where [RequireLoopback] agrees.
type Anonymous struct{}

// Authenticate accepts r if it comes from this machine.
func (Anonymous) Authenticate(r *http.Request, limit int64) (Identity, error) {
	address, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !address.Addr().Unmap().IsLoopback() {
		return Identity{}, refuse(CodeAccessDenied, "Authentication is off, so that only this machine may call; the request came from %s", brief(r.RemoteAddr))
	}
	if _, err := readBody(r, limit); err != nil {
		return Identity{}, err
	}
	return Identity{Role: RoleAdmin}, nil
}

// RequireLoopback refuses to listen without authentication on an address, host:port,
// that other machines can reach.
func RequireLoopback(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("listen address %q: %w; give host:port, for example 127.0.0.1:0", address, err)
	}
	if !loopback(host) {
		return fmt.Errorf("listen address %q without authentication: whoever reaches it can run commands here; listen on 127.0.0.1 or leave --auth at sigv4", address)
	}
	return nil
}

// IsLoopback reports whether only this machine can reach a listen address, host:port.
func IsLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	return err == nil && loopback(host)
}
