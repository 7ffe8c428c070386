package events

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// Headers of a webhook's requests.
const (
	// HeaderTimestamp is when the request was signed, in seconds since the Unix epoch.
	HeaderTimestamp = "Batchd-Timestamp"
	// HeaderSignature is "v1=" and the signature; see [Sign].
	HeaderSignature = "Batchd-Signature"
	// HeaderSink is the name of the sink.
	HeaderSink = "Batchd-Sink"
)

// signatureVersion leads a signature, so that there can be another way to sign.
const signatureVersion = "v1="

// Sign returns the signature of a request: HMAC-SHA256, in hexadecimal, over the timestamp as it is in the header, a dot
// and the body.
func Sign(secret []byte, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(timestamp + "."))
	mac.Write(body)
	return signatureVersion + hex.EncodeToString(mac.Sum(nil))
}

// webhook posts events to a URL, in JSON arrays.
type webhook struct {
	name   string
	url    string
	secret []byte
	client *http.Client
}

func newWebhook(c *SinkConfig, readSecret func(string) (string, error)) (*webhook, error) {
	secret, err := c.secret(readSecret)
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: 1, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true,
		TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12},
	}
	if c.CAFile != "" {
		certificates, err := os.ReadFile(c.CAFile)
		if err != nil {
			return nil, fmt.Errorf("caFile: %w", err)
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(certificates) {
			return nil, fmt.Errorf("caFile: %s holds no certificate in PEM form", c.CAFile)
		}
		transport.TLSClientConfig.RootCAs = pool
	}
	return &webhook{name: c.Name, url: c.URL, secret: secret, client: &http.Client{
		Transport: transport, Timeout: c.timeout(),
		// Whoever answers with a redirection is not who was configured.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// deliver implements [sink]: it takes as many events as one request has room for.
func (h *webhook) deliver(ctx context.Context, told []wire.Event) (int, error) {
	body, n := []byte{'['}, 0
	for ; n < len(told); n++ {
		text, err := json.Marshal(&told[n])
		if err != nil {
			return n + 1, fmt.Errorf("encoding events: %w", err)
		}
		if n > 0 {
			if len(body)+len(text)+len(",]") > maxRequest {
				break
			}
			body = append(body, ',')
		}
		body = append(body, text...)
	}
	return n, h.post(ctx, append(body, ']'))
}

func (h *webhook) post(ctx context.Context, body []byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url, bytes.NewReader(body))
	if err != nil {
		return errors.New("the request cannot be made") // the cause repeats the URL
	}
	timestamp := strconv.FormatInt(time.Now().Unix(), 10)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "batchd")
	request.Header.Set(HeaderSink, h.name)
	request.Header.Set(HeaderTimestamp, timestamp)
	request.Header.Set(HeaderSignature, Sign(h.secret, timestamp, body))
	response, err := h.client.Do(request)
	if err != nil {
		return withoutURL(err)
	}
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	err = errors.Join(err, response.Body.Close())
	if response.StatusCode/100 == 2 {
		return nil //nolint:nilerr // it has taken the events, whatever became of its answer
	}
	text := h.withoutParts(string(answer))
	text = strings.ToValidUTF8(strings.TrimSpace(text[:min(len(text), shownAnswer)]), "")
	return &refusal{
		error:    errors.Join(fmt.Errorf("it answered %d: %q", response.StatusCode, text), err),
		tooLarge: response.StatusCode == http.StatusRequestEntityTooLarge, after: retryAfter(response.Header.Get("Retry-After"), time.Now()),
	}
}

// retryAfter reads a Retry-After header: seconds, or a date. What is neither says nothing.
func retryAfter(value string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}

// withoutParts is an answer without the parts of the URL that may be a token: receivers repeat what they were asked for.
func (h *webhook) withoutParts(answer string) string {
	_, parts, _ := strings.Cut(h.url, "://")
	for _, part := range strings.FieldsFunc(parts, func(r rune) bool { return strings.ContainsRune("/?&=", r) })[1:] {
		if len(part) >= minHidden {
			answer = strings.ReplaceAll(answer, part, "…")
		}
	}
	return answer
}

// withoutURL is the error of a request without its URL, which may hold a token.
func withoutURL(err error) error {
	var of *url.Error
	if errors.As(err, &of) {
		return of.Err
	}
	return err
}

// close implements [sink].
func (h *webhook) close() error {
	h.client.CloseIdleConnections()
	return nil
}
