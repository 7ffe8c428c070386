package provider

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/app"
)

// writePEM writes a file of one block.
func writePEM(t *testing.T, name, kind string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// authority makes a certificate authority and a certificate of it for localhost, and returns their files.
func authority(t *testing.T) (caFile, certFile, keyFile string) {
	t.Helper()
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "an authority of a test"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	caText, err := x509.CreateCertificate(rand.Reader, ca, ca, caKey.Public(), caKey)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), DNSNames: []string{"localhost"}, NotBefore: ca.NotBefore, NotAfter: ca.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	cert, err := x509.CreateCertificate(rand.Reader, leaf, ca, key.Public(), caKey)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return writePEM(t, "ca.pem", "CERTIFICATE", caText), writePEM(t, "cert.pem", "CERTIFICATE", cert), writePEM(t, "key.pem", "PRIVATE KEY", private)
}

// TestTheProviderTrustsItsCAFile applies over TLS to a runtime whose certificate is of an authority that only
// ca_file names, and without it and with another, which must fail.
func TestTheProviderTrustsItsCAFile(t *testing.T) {
	caFile, certFile, keyFile := authority(t)
	other, _, _ := authority(t)
	r := newRuntimeWith(t, app.Options{TLSCert: certFile, TLSKey: keyFile})
	t.Setenv(client.EnvCAFile, "")
	endpoint := strings.Replace(r.client.Endpoint(), "https://127.0.0.1:", "https://localhost:", 1)
	if !strings.HasPrefix(endpoint, "https://localhost:") {
		t.Fatalf("the runtime serves at %s", endpoint)
	}
	with := func(caFile string) string {
		text := r.text(t, "testdata/ca_file.tf", "ENDPOINT", endpoint, "ACCESS", r.accessKey, "SECRET", r.secretKey, "CA", caFile)
		return text + r.text(t, "testdata/environment.tf", "NAME", "private", "STATE", "ENABLED", "RESOURCES", "max_vcpus = 1", "TAGS", "null")
	}
	untrusted := spaced("certificate signed by unknown authority")
	const address = "batch_compute_environment.x"
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{Config: with("null"), ExpectError: untrusted},
			{Config: with(`"` + other + `"`), ExpectError: untrusted},
			{Config: with(`"` + caFile + `x"`), ExpectError: spaced("certificate authorities")},
			{
				Config:            with(`"` + caFile + `"`),
				ConfigStateChecks: []statecheck.StateCheck{is(address, "status", knownvalue.StringExact(wire.Valid))},
			},
		},
	})
}
