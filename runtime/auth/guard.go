package auth

import (
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Guard keeps web pages from calling: whatever address they resolve to (Host), wherever
// they come from (Origin) and whatever a browser sends without asking (content type).
// The zero Guard accepts this machine's names only.
type Guard struct {
	// Hosts are further names or addresses, without ports, under which the service is
	// called.
	Hosts []string
	// Names returns more of them, which may change; nil: there are none.
	Names func() []string
}

// Check applies all checks but the content type's, which depends on the route.
func (g Guard) Check(r *http.Request) error {
	if err := g.checkHost(r); err != nil {
		return err
	}
	return checkOrigin(r)
}

// checkHost refuses names that are not ours: a page whose name was bound to our address
// would be one.
func (g Guard) checkHost(r *http.Request) error {
	host := hostname(r.Host)
	same := func(name string) bool { return strings.EqualFold(name, host) }
	if loopback(host) || slices.ContainsFunc(g.Hosts, same) || g.Names != nil && slices.ContainsFunc(g.Names(), same) {
		return nil
	}
	return refuse(CodeAccessDenied, "Host %q is not a name of this service; call it by a loopback address or add the name to its hosts", brief(host))
}

// checkOrigin refuses what a browser sends for a page of another origin.
func checkOrigin(r *http.Request) error {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		return refuse(CodeAccessDenied, "Cross-origin browser requests are not accepted")
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return nil
	}
	if u, err := url.Parse(origin); err != nil || u.Host == "" || !strings.EqualFold(u.Host, r.Host) {
		return refuse(CodeAccessDenied, "Origin %q is not this service; cross-origin browser requests are not accepted", brief(origin))
	}
	return nil
}

// CheckContentType refuses a POST with a body that is none of the allowed media types,
// or, if none are given, no JSON. Browsers send JSON elsewhere only after asking.
func CheckContentType(r *http.Request, allowed ...string) error {
	if r.Method != http.MethodPost || r.ContentLength == 0 {
		return nil
	}
	if len(allowed) == 0 {
		allowed = []string{"application/json", "application/x-amz-json-1.1"}
	}
	given := r.Header.Get("Content-Type")
	if media, _, err := mime.ParseMediaType(given); err == nil && slices.Contains(allowed, media) {
		return nil
	}
	return &Error{
		Code: CodeMediaType, StatusCode: http.StatusUnsupportedMediaType,
		Message: "Content-Type is \"" + brief(given) + "\"; allowed is " + strings.Join(allowed, " or "),
	}
}

// hostname returns hostport without its port and brackets.
func hostname(hostport string) string {
	if host, _, err := net.SplitHostPort(hostport); err == nil {
		return host
	}
	return strings.Trim(hostport, "[]")
}

// loopback reports whether host is a name or an address of this machine alone.
func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.Unmap().IsLoopback()
}
