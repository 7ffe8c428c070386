package app_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/app"
	"github.com/batchd/terraform-provider-batch/runtime/rendezvous"
)

// certify writes a certificate for names, signed by itself, and its key.
func certify(t *testing.T, certFile, keyFile string, serial int64, names ...string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), DNSNames: names, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for path, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: cert}, keyFile: {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// serial says which certificate is served.
func serial(t *testing.T, address string) int64 {
	t.Helper()
	conn, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
}

func TestTLS(t *testing.T) {
	o := options(t)
	o.TLSCert, o.TLSKey = filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	certify(t, o.TLSCert, o.TLSKey, 1, "localhost", "batch.lab")
	o.Listen = "0.0.0.0:0"
	a := start(t, o)
	if !strings.HasPrefix(a.Endpoint(), "https://127.0.0.1:") {
		t.Fatalf("endpoint %s", a.Endpoint())
	}
	address := strings.TrimPrefix(a.Endpoint(), "https://")
	key, err := rendezvous.ReadCredentials(o.StateDir)
	if err != nil {
		t.Fatal(err)
	}
	// call asks by a name that the certificate has, as a client elsewhere would.
	call := func(caFile string) error {
		t.Helper()
		c, err := client.New(client.Config{
			Endpoint: "https://localhost" + address[strings.LastIndexByte(address, ':'):], CAFile: caFile, RetryFor: -1,
			Credentials: credentials.NewStaticCredentialsProvider(key.AccessKeyID, key.SecretAccessKey, ""),
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Status(t.Context())
		return err
	}
	if err := call(o.TLSCert); err != nil {
		t.Errorf("with the authority: %v", err)
	}
	if err := call(""); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("without the authority: %v", err)
	}
	if _, err := dial(t, o.StateDir).Status(t.Context()); err != nil {
		t.Errorf("by the state directory: %v", err)
	}
	if conn, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11}); err == nil {
		t.Errorf("TLS 1.1 is spoken: %v", conn.Close())
	}

	certify(t, o.TLSCert, o.TLSKey, 22, "localhost")
	if n := serial(t, address); n != 22 {
		t.Errorf("after a change, certificate %d is served", n)
	}
	if _, err := dial(t, o.StateDir).Status(t.Context()); err != nil {
		t.Errorf("by the state directory, after a change: %v", err)
	}
	if err := os.WriteFile(o.TLSCert, []byte("not yet written"), 0o600); err != nil {
		t.Fatal(err)
	}
	if n := serial(t, address); n != 22 {
		t.Errorf("with a certificate that cannot be used, %d is served", n)
	}
	if err := os.Remove(o.TLSKey); err != nil {
		t.Fatal(err)
	}
	if n := serial(t, address); n != 22 {
		t.Errorf("without a key, certificate %d is served", n)
	}
}

// TestTheNamesAreThoseOfTheCertificate calls by names that the certificate has and has not, before and after a change.
func TestTheNamesAreThoseOfTheCertificate(t *testing.T) {
	o := options(t)
	o.TLSCert, o.TLSKey = filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	certify(t, o.TLSCert, o.TLSKey, 1, "old.lab", "*.wild.lab")
	a := start(t, o)
	trusting := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	ask := func(host string) int {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.Endpoint()+"/metrics", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = host
		answer, err := trusting.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := answer.Body.Close(); err != nil {
			t.Error(err)
		}
		return answer.StatusCode
	}
	for _, step := range []struct{ good, bad string }{{"old.lab", "new.lab"}, {"new.lab", "old.lab"}} {
		if good, bad, wild := ask(step.good), ask(step.bad), ask("a.wild.lab"); good != http.StatusOK || bad != http.StatusForbidden || wild != http.StatusForbidden {
			t.Errorf("%s: %d, %s: %d, a name that a pattern of the certificate matches: %d", step.good, good, step.bad, bad, wild)
		}
		certify(t, o.TLSCert, o.TLSKey, 22, "new.lab", "*.wild.lab")
	}
}

func TestOthersAreServedPrivately(t *testing.T) {
	o := options(t)
	o.Listen = "0.0.0.0:0"
	if _, err := app.New(t.Context(), o); err == nil || !strings.Contains(err.Error(), "--tls-cert") || !strings.Contains(err.Error(), "--insecure-http") {
		t.Errorf("error = %v", err)
	}
	o.InsecureHTTP = true
	start(t, o)
	o = options(t)
	o.TLSCert = "cert.pem"
	if _, err := app.New(t.Context(), o); err == nil || !strings.Contains(err.Error(), "--tls-key") {
		t.Errorf("half a certificate: %v", err)
	}
	o.TLSKey = "key.pem"
	if _, err := app.New(t.Context(), o); err == nil || !strings.Contains(err.Error(), "cert.pem") {
		t.Errorf("no such certificate: %v", err)
	}
}
