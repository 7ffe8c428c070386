package app

import (
	"strings"
	"testing"
)

func TestAddressesAndNamesAreChecked(t *testing.T) {
	for _, c := range []struct {
		listen, host string
		says         []string // nothing: it is accepted
	}{
		{"", "", nil},
		{":0", "", nil},
		{"[::1]:65535", "::1", nil},
		{"[fe80::1%eth0]:1", "batch.example.org", nil},
		{"localhost:0", "my_service", nil},
		{"bogus", "", []string{"--listen", `"bogus"`, "host:port", DefaultListen}},
		{"a b:0", "", []string{"--listen", `"a b"`, "host:port"}},
		{"127.0.0.1:65536", "", []string{"--listen", `"65536"`, "65535"}},
		{"127.0.0.1:", "", []string{"--listen", "not a port"}},
		{"", "a/b", []string{"--host", `"a/b"`, "host name or an address"}},
		{"", "batch.lab:80", []string{"--host", "port"}},
		{"", "https://batch.lab", []string{"--host", "scheme"}},
		{"", "[::1]", []string{"--host", "brackets"}},
		{"", "-x", []string{"--host"}},
		{"", "a..b", []string{"--host"}},
		{"", strings.Repeat("a.", 127) + "a", []string{"--host"}},
	} {
		// Without TLS where others can reach it would be refused too: what the address is comes first.
		o := Options{StateDir: t.TempDir(), Listen: c.listen, InsecureHTTP: c.says == nil}
		if c.host != "" {
			o.Hosts = []string{c.host}
		}
		err := o.complete()
		if (err == nil) != (c.says == nil) {
			t.Errorf("%+v: %v", c, err)
			continue
		}
		for _, word := range c.says {
			if !strings.Contains(err.Error(), word) {
				t.Errorf("%+v: %v does not say %q", c, err, word)
			}
		}
	}
}
