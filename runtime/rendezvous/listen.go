package rendezvous

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
)

// ListenFunc listens at an address, as [net.ListenConfig.Listen] does.
type ListenFunc func(ctx context.Context, network, address string) (net.Listener, error)

// Listen listens on address, "host:port", with listen, or with TCP if that is nil. For port 0 it takes the port it had the last
// time, so that clients of a runtime that was restarted find it again, or a fresh one if
// that is taken, and remembers it. Only the holder of the lock may call it.
func (d *Dir) Listen(ctx context.Context, listen ListenFunc, address string) (net.Listener, error) {
	if listen == nil {
		listen = new(net.ListenConfig).Listen
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("listen address %q: %w; give host:port, for example 127.0.0.1:0", address, err)
	}
	if port != "0" {
		listener, err := listen(ctx, "tcp", address)
		if err != nil {
			return nil, fmt.Errorf("listen on %s: %w; choose another port, or port 0 for any free one", address, err)
		}
		return listener, nil
	}
	remembered, err := d.port()
	if err != nil {
		return nil, err
	}
	listener, err := listen(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(remembered)))
	if err != nil && remembered != 0 {
		listener, err = listen(ctx, "tcp", address)
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	return listener, d.rememberPort(listener, remembered)
}

// ForgetPort makes the next Listen take a fresh port. Only the holder of the lock may call it.
func (d *Dir) ForgetPort() error { return remove(d.File(portFile)) }

// port returns the remembered port; 0 for none. What is in the file is a convenience: if it is not a port number, such as
// after a full disk, another one is remembered.
func (d *Dir) port() (int, error) {
	text, err := readFile(d.File(portFile))
	var damaged *CorruptError
	if notThere(err) || errors.As(err, &damaged) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("remembered port: %w", err)
	}
	port, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 16)
	if err != nil {
		return 0, nil //nolint:nilerr // see above
	}
	return int(port), nil
}

// rememberPort closes listener if it fails.
func (d *Dir) rememberPort(listener net.Listener, before int) error {
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok || address.Port == before {
		return nil
	}
	if err := writeFile(d.File(portFile), []byte(strconv.Itoa(address.Port)+"\n")); err != nil {
		return errors.Join(err, listener.Close())
	}
	return nil
}
