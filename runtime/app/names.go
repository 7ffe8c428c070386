package app

import (
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"strconv"
)

// maxHostName is how long the name of a host may be, in bytes (RFC 1035).
const maxHostName = 253

// hostNamePattern has the underscore too, which names of services have in places.
var hostNamePattern = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*$`)

// isHost reports whether text is an address or may be the name of a host, without a port or brackets.
func isHost(text string) bool {
	_, err := netip.ParseAddr(text)
	return err == nil || len(text) <= maxHostName && hostNamePattern.MatchString(text)
}

// checkNames refuses a listen address and hosts that cannot be any.
func (o *Options) checkNames() error {
	host, port, err := net.SplitHostPort(o.Listen)
	if err == nil && host != "" && !isHost(host) {
		err = fmt.Errorf("%q is neither a host name nor an address", host)
	}
	if err == nil {
		if _, bad := strconv.ParseUint(port, 10, 16); bad != nil {
			err = fmt.Errorf("%q is not a port", port)
		}
	}
	if err != nil {
		return fmt.Errorf("--listen %q: %w; allowed is host:port with a port of 0 to 65535, for example %s", o.Listen, err, DefaultListen)
	}
	for _, host := range o.Hosts {
		if !isHost(host) {
			return fmt.Errorf("--host %q: allowed is a host name or an address, without scheme, port, brackets and path, for example batch.example.org or 192.0.2.7", host)
		}
	}
	return nil
}
