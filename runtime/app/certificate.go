package app

import (
	"crypto/tls"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// certificate is that of two files. It takes up others when the files change, and keeps what it has while they
// cannot be used.
type certificate struct {
	certFile, keyFile string
	log               *slog.Logger

	mu      sync.Mutex
	current *tls.Certificate
	read    [2]fs.FileInfo // the files that were read last, good or bad
}

// openCertificate reads the files.
func openCertificate(certFile, keyFile string, log *slog.Logger) (*certificate, error) {
	certFile, err := filepath.Abs(certFile)
	if err != nil {
		return nil, err
	}
	c := &certificate{certFile: certFile, keyFile: keyFile, log: log}
	files, err := c.look()
	if err == nil {
		err = c.load(files)
	}
	if err != nil {
		return nil, fmt.Errorf("TLS certificate: %w; --tls-cert is a chain in PEM, the server's own first, and --tls-key its key", err)
	}
	return c, nil
}

// get is for [tls.Config.GetCertificate]: looking at two files costs little beside a handshake.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	files, err := c.look()
	if err != nil || c.same(files) {
		return c.current, nil //nolint:nilerr // between two files there may be none: the one at hand still serves
	}
	if err := c.load(files); err != nil {
		c.log.Warn("the TLS certificate has changed and cannot be used; the one before serves on", "error", err)
		return c.current, nil
	}
	c.log.Info("a new TLS certificate serves", "file", c.certFile, "until", c.current.Leaf.NotAfter)
	return c.current, nil
}

func (c *certificate) look() (files [2]fs.FileInfo, err error) {
	for i, path := range []string{c.certFile, c.keyFile} {
		if files[i], err = os.Stat(path); err != nil {
			return files, err
		}
	}
	return files, nil
}

func (c *certificate) same(files [2]fs.FileInfo) bool {
	return slices.EqualFunc(files[:], c.read[:], func(a, b fs.FileInfo) bool {
		return os.SameFile(a, b) && a.ModTime().Equal(b.ModTime()) && a.Size() == b.Size()
	})
}

func (c *certificate) load(files [2]fs.FileInfo) error {
	c.read = files
	loaded, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return err
	}
	c.current = &loaded
	return nil
}

// names are those the certificate was made for: under these the service may be called. A pattern is none: whoever has a
// name that it matches could bind it to our address.
func (c *certificate) names() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	names := slices.DeleteFunc(slices.Clone(c.current.Leaf.DNSNames), func(name string) bool { return strings.HasPrefix(name, "*") })
	for _, ip := range c.current.Leaf.IPAddresses {
		names = append(names, ip.String())
	}
	return names
}

// config is how TLS is spoken. One connection carries one request at a time (no HTTP/2), so that what bounds
// connections bounds requests.
func (c *certificate) config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get, NextProtos: []string{"http/1.1"}}
}

// secured returns listener behind TLS; itself, if there is no certificate.
func secured(listener net.Listener, c *certificate) net.Listener {
	if c == nil {
		return listener
	}
	return tls.NewListener(listener, c.config())
}
