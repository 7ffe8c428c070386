package client

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"os"
)

// transport returns how calls travel: with the system's certificate authorities and those of the file at
// caFile, if it is given; or, if pinned names a file, to nobody but the holder of the first certificate in it.
func transport(caFile, pinned string) (http.RoundTripper, error) {
	t := &http.Transport{Proxy: http.ProxyFromEnvironment}
	if standard, ok := http.DefaultTransport.(*http.Transport); ok {
		t = standard.Clone()
	}
	t.MaxIdleConnsPerHost = idlePerHost
	switch {
	case caFile != "":
		pool, err := authorities(caFile)
		if err != nil {
			return nil, err
		}
		t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool}
	case pinned != "":
		// The name is not looked at: a runtime of this user on this machine is called by its loopback address,
		// which its certificate need not have, and is known by the certificate itself.
		t.TLSClientConfig = &tls.Config{
			MinVersion: tls.VersionTLS12, InsecureSkipVerify: true,
			VerifyConnection: func(state tls.ConnectionState) error { return isPinned(state, pinned) },
		}
	}
	return t, nil
}

// authorities returns the system's certificate authorities and those of a file.
func authorities(path string) (*x509.CertPool, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("certificate authorities: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("certificate authorities: %s holds no certificate in PEM", path)
	}
	return pool, nil
}

// isPinned reports whether the certificate of a connection is the first of a file. The file is read each time:
// a runtime takes a new certificate while it serves.
func isPinned(state tls.ConnectionState, path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("the certificate of the runtime: %w", err)
	}
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		if len(state.PeerCertificates) > 0 && bytes.Equal(block.Bytes, state.PeerCertificates[0].Raw) {
			return nil
		}
		return fmt.Errorf("the server does not present the certificate of the runtime, which is in %s; check that the endpoint is that of the runtime", path)
	}
	return errors.New(path + " contains no certificate in PEM")
}
