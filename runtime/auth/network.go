package auth

import "net/netip"

// networkBits is how much of an IPv6 address tells callers apart: one machine has the rest to itself.
const networkBits = 64

// Network returns the network that a remote address, host:port, belongs to: the address without its port, or the /64 network
// of an IPv6 address.
func Network(remote string) string {
	parsed, err := netip.ParseAddrPort(remote)
	if err != nil {
		return remote
	}
	address := parsed.Addr().Unmap().WithZone("")
	if network, err := address.Prefix(networkBits); err == nil && address.Is6() {
		return network.String()
	}
	return address.String()
}
