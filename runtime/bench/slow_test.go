package bench

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

const (
	slowClients = 100
	slowPace    = time.Second // between two bytes
)

// slow are clients that send one byte a second: half of them of the header, half of the body of a request that is signed.
type slow struct {
	cancel context.CancelFunc
	all    sync.WaitGroup
}

// dribble starts the slow clients and returns when each is connected and has sent something.
func dribble(s *service) *slow {
	s.t.Helper()
	ctx, cancel := context.WithCancel(s.t.Context())
	c := &slow{cancel: cancel}
	head, body := s.signed()
	var begun sync.WaitGroup
	for i := range slowClients {
		at, rest := head, body
		if i%2 == 0 {
			at, rest = head[:1], head[1:]+body
		}
		begun.Add(1)
		c.all.Go(func() {
			said := sync.OnceFunc(begun.Done)
			defer said()
			for ctx.Err() == nil {
				if err := dribbleOne(ctx, s.address(), at, rest, said); err != nil {
					s.t.Error(err)
					return
				}
			}
		})
	}
	begun.Wait()
	s.t.Cleanup(c.stop)
	return c
}

// dribbleOne sends at as it is, and rest slowly, until the runtime closes the connection.
func dribbleOne(ctx context.Context, address, at, rest string, said func()) error {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(at)); err != nil {
		return err
	}
	said()
	tick := time.NewTicker(slowPace)
	defer tick.Stop()
	for i := range len(rest) {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if _, err := conn.Write([]byte(rest[i : i+1])); err != nil {
			return nil //nolint:nilerr // the runtime has had enough of it, as it may
		}
	}
	return nil
}

// stop ends the slow clients and waits for them.
func (c *slow) stop() {
	c.cancel()
	c.all.Wait()
}

// address is where the runtime listens.
func (s *service) address() string {
	return strings.TrimPrefix(s.target.Endpoint, "http://")
}

// signed returns the head and the body of a request that the runtime accepts.
func (s *service) signed() (head, body string) {
	s.t.Helper()
	ctx := s.t.Context()
	body = `{"jobs":[` + strings.Repeat(`"00000000-0000-0000-0000-000000000000",`, 50) + `""]}`
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, s.target.Endpoint+wire.PathDescribeJobs, strings.NewReader(body))
	s.must(err)
	q.Header.Set("Content-Type", "application/json")
	sum := sha256.Sum256([]byte(body))
	var keys aws.Credentials
	k := s.target.Credentials
	keys, err = credentials.NewStaticCredentialsProvider(k.AccessKeyID, k.SecretAccessKey, "").Retrieve(ctx)
	s.must(err)
	s.must(v4.NewSigner().SignHTTP(ctx, keys, q, hex.EncodeToString(sum[:]), "batch", s.target.Runtime.Region, time.Now()))
	var text strings.Builder
	fmt.Fprintf(&text, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n", wire.PathDescribeJobs, q.URL.Host, len(body))
	s.must(q.Header.Write(&text))
	return text.String() + "\r\n", body
}
