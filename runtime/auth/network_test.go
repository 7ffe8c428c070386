package auth

import "testing"

func TestNetwork(t *testing.T) {
	for text, want := range map[string]string{
		"192.0.2.7:80": "192.0.2.7", "[::ffff:192.0.2.7]:80": "192.0.2.7", "[2001:db8::7]:80": "2001:db8::/64", "[fe80::7%eth0]:80": "fe80::/64", "@": "@",
	} {
		if have := Network(text); have != want {
			t.Errorf("%s is %s, want %s", text, have, want)
		}
	}
}
