package auth

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

const (
	// MaxSkew is how far the clock of a caller may be from ours.
	MaxSkew = 5 * time.Minute

	dateHeader    = "X-Amz-Date"
	payloadHeader = "X-Amz-Content-Sha256"
	dateLayout    = "20060102T150405Z"
)

// services are those whose calls are served here.
var services = []string{"batch", "batchd", "logs", "sts"}

// Authenticator says who a request is from. It may read the body, at most limit bytes,
// and then leaves an equal one. A refusal is an [*Error].
type Authenticator interface {
	Authenticate(r *http.Request, limit int64) (Identity, error)
}

// SigV4 accepts requests signed with a key of its keyring.
type SigV4 struct {
	keys   Keyring
	now    func() time.Time
	signer *v4.Signer // keeps derived keys; safe for concurrent use
}

// NewSigV4 returns an authenticator over keys; now is time.Now outside tests.
func NewSigV4(keys Keyring, now func() time.Time) *SigV4 {
	return &SigV4{keys: keys, now: now, signer: v4.NewSigner()}
}

// Authenticate verifies the signature of r. What is cheap to refuse is refused before
// the body is read.
func (s *SigV4) Authenticate(r *http.Request, limit int64) (Identity, error) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return Identity{}, refuse(CodeMissingToken, "Request is not signed. Sign it with a key of this runtime; `batchd env` prints one")
	}
	a, refusal := parseAuthorization(header)
	if refusal != nil {
		return Identity{}, refusal
	}
	signedAt, refusal := s.checkScope(r, a)
	if refusal != nil {
		return Identity{}, refusal
	}
	key, ok, err := s.keys.Lookup(r.Context(), a.accessKeyID)
	if err != nil {
		return Identity{}, fmt.Errorf("look up access key: %w", err)
	}
	if !ok {
		return Identity{}, refuse(CodeUnrecognizedClient, "The security token included in the request is invalid. "+
			"Access key %q is not one of this runtime; `batchd env` prints one", brief(a.accessKeyID))
	}
	payload, err := s.payload(r, limit)
	if err != nil {
		return Identity{}, err
	}
	want, err := s.sign(r.Context(), r, a, key, payload, signedAt)
	if err != nil {
		return Identity{}, fmt.Errorf("verify signature: %w", err)
	}
	if subtle.ConstantTimeCompare([]byte(want), []byte(a.header())) != 1 {
		return Identity{}, refuse(CodeInvalidSignature, "The request signature we calculated does not match the signature you provided. "+
			"Check your AWS Secret Access Key and signing method.")
	}
	return Identity{AccessKeyID: key.AccessKeyID, Role: key.Role}, nil
}

// checkScope checks all that the signature covers but the signature itself.
func (s *SigV4) checkScope(r *http.Request, a authorization) (time.Time, *Error) {
	if !slices.Contains(services, a.service) {
		return time.Time{}, refuse(CodeInvalidSignature, "Credential is scoped to service %q; allowed is one of %s", brief(a.service), strings.Join(services, ", "))
	}
	for _, name := range []string{"host", strings.ToLower(dateHeader)} {
		if !a.signs(name) {
			return time.Time{}, refuse(CodeIncomplete, "Header %s must be among the signed headers", name)
		}
	}
	signedAt, err := time.Parse(dateLayout, r.Header.Get(dateHeader))
	if err != nil || signedAt.Format("20060102") != a.date {
		return time.Time{}, refuse(CodeIncomplete, "X-Amz-Date is %q; allowed is yyyymmddThhmmssZ on the day of the credential, %s", brief(r.Header.Get(dateHeader)), brief(a.date))
	}
	if skew := s.now().Sub(signedAt); skew > MaxSkew || skew < -MaxSkew {
		return time.Time{}, refuse(CodeInvalidSignature, "Signature expired or not yet current: signed at %s, here it is %s; allowed is a difference of %s. Set the clock",
			signedAt.Format(dateLayout), s.now().UTC().Format(dateLayout), MaxSkew)
	}
	return signedAt, nil
}

// payload reads the body of r, gives r an equal one and returns its hash. A hash that
// the caller states must be that of the body.
func (s *SigV4) payload(r *http.Request, limit int64) (string, error) {
	body, err := readBody(r, limit)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:])
	if stated := r.Header.Get(payloadHeader); stated != "" && stated != hash {
		return "", refuse(CodeInvalidSignature, "X-Amz-Content-Sha256 is %q and the hash of the body %s; unsigned and streamed payloads are not accepted", brief(stated), hash)
	}
	return hash, nil
}

func readBody(r *http.Request, limit int64) ([]byte, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return nil, nil
	}
	tooLarge := &Error{
		Code: CodeTooLarge, StatusCode: http.StatusRequestEntityTooLarge,
		Message: fmt.Sprintf("Request body is larger than %d bytes", limit),
	}
	if r.ContentLength > limit {
		return nil, tooLarge
	}
	var text bytes.Buffer
	if r.ContentLength > 0 {
		text.Grow(int(r.ContentLength) + bytes.MinRead)
	}
	n, err := text.ReadFrom(io.LimitReader(r.Body, limit+1))
	if err = errors.Join(err, r.Body.Close()); err != nil {
		return nil, fmt.Errorf("read request body: %w", err)
	}
	if n > limit {
		return nil, tooLarge
	}
	r.Body = io.NopCloser(bytes.NewReader(text.Bytes()))
	return text.Bytes(), nil
}

// sign returns the Authorization header that r would have had if key had signed it: the
// SDK's signer signs whatever it is given, so it is given a clone with the signed
// headers alone.
func (s *SigV4) sign(ctx context.Context, r *http.Request, a authorization, key Key, payload string, at time.Time) (string, error) {
	address := *r.URL
	clone := &http.Request{Method: r.Method, Host: r.Host, URL: &address, Header: http.Header{}}
	if address.Host == "" {
		clone.URL.Host = r.Host
	}
	for _, name := range a.signedHeaders {
		switch name {
		case "host":
		case "content-length":
			clone.ContentLength = r.ContentLength
		default:
			if values := r.Header.Values(name); len(values) > 0 {
				clone.Header[http.CanonicalHeaderKey(name)] = slices.Clone(values)
			}
		}
	}
	credentials := aws.Credentials{AccessKeyID: key.AccessKeyID, SecretAccessKey: key.SecretAccessKey}
	if err := s.signer.SignHTTP(ctx, credentials, clone, payload, a.service, a.region, at); err != nil {
		return "", err
	}
	return clone.Header.Get("Authorization"), nil
}

// header renders a as the SDK's signer does.
func (a authorization) header() string {
	credential := strings.Join([]string{a.accessKeyID, a.date, a.region, a.service, "aws4_request"}, "/")
	return fmt.Sprintf("%s Credential=%s, SignedHeaders=%s, Signature=%s", algorithm, credential, strings.Join(a.signedHeaders, ";"), a.signature)
}

// brief shortens what a caller sent, for a message.
func brief(text string) string { return text[:min(len(text), 64)] }
