package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	dateHeader    = "X-Amz-Date"
	payloadHeader = "X-Amz-Content-Sha256"
	targetHeader  = "X-Amz-Target"
	tokenHeader   = "X-Amz-Security-Token"
	dateLayout    = "20060102T150405Z"
	dayLayout     = "20060102"
)

// services are those whose calls are served here.
var services = []string{"batch", "batchd", "logs", "sts"}

// Authenticator says who a request is from. It reads the body, at most limit bytes, and
// leaves an equal one. A refusal is an [*Error].
type Authenticator interface {
	Authenticate(r *http.Request, limit int64) (Identity, error)
}

// SigV4 accepts requests signed with a key of its keyring.
type SigV4 struct {
	keys    Keyring
	now     func() time.Time
	signing signingKeys
}

// NewSigV4 returns an authenticator over keys; now is time.Now outside tests.
func NewSigV4(keys Keyring, now func() time.Time) *SigV4 {
	return &SigV4{keys: keys, now: now}
}

// Authenticate verifies the signature of r. What is cheap to refuse is refused before
// the body is read.
func (s *SigV4) Authenticate(r *http.Request, limit int64) (Identity, error) {
	a, refusal := authorizationOf(r)
	if refusal == nil {
		refusal = s.checkScope(r, a)
	}
	if refusal != nil {
		return Identity{}, refusal
	}
	key, ok, err := s.keys.Lookup(r.Context(), a.accessKeyID)
	if err != nil {
		return Identity{}, fmt.Errorf("look up access key: %w", err)
	}
	if !ok {
		return Identity{}, UnknownKey(a.accessKeyID)
	}
	hash, err := payload(r, limit)
	if err != nil {
		return Identity{}, err
	}
	requests, refusal := canonicalRequests(r, a.signedHeaders, hash)
	if refusal != nil {
		return Identity{}, refusal
	}
	signing, known := s.signing.of(a, key.SecretAccessKey)
	for _, request := range requests {
		if hmac.Equal(a.signature, a.sign(signing, r.Header.Get(dateHeader), request)) {
			if !known {
				s.signing.remember(a, key.SecretAccessKey, signing)
			}
			return Identity{AccessKeyID: key.AccessKeyID, Role: key.Role, Queues: key.Queues}, nil
		}
	}
	return Identity{}, refuse(CodeInvalidSignature, "The request signature we calculated does not match the signature you provided. "+
		"Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
}

// UnknownKey refuses a request that is signed with a key that is not valid, or not any more.
func UnknownKey(accessKeyID string) *Error {
	return refuse(CodeUnrecognizedClient, "The security token included in the request is invalid. "+
		"Access key %q is not a valid one of this runtime; `batchd env` prints one", brief(accessKeyID))
}

// authorizationOf returns how r says it is signed.
func authorizationOf(r *http.Request) (authorization, *Error) {
	headers := r.Header.Values("Authorization")
	switch {
	case len(headers) == 0 || headers[0] == "":
		return authorization{}, refuse(CodeMissingToken, "Missing Authentication Token. Sign the request in its headers with a key of this runtime; `batchd env` prints one")
	case len(headers) > 1:
		return authorization{}, refuse(CodeIncomplete, "Authorization header is given %d times; allowed is once", len(headers))
	case len(r.Header.Values(tokenHeader)) > 0:
		return authorization{}, refuse(CodeUnrecognizedClient, "The security token included in the request is invalid. "+
			"Session tokens are not issued here: leave out X-Amz-Security-Token (unset AWS_SESSION_TOKEN) and sign with a key of this runtime")
	}
	return parseAuthorization(headers[0])
}

// checkScope checks all that the signature covers but the signature itself.
func (s *SigV4) checkScope(r *http.Request, a authorization) *Error {
	if !slices.Contains(services, a.service) {
		return refuse(CodeInvalidSignature, "Credential should be scoped to correct service: %q is given; allowed is one of %s", brief(a.service), strings.Join(services, ", "))
	}
	dates := r.Header.Values(dateHeader)
	if len(dates) != 1 {
		return refuse(CodeIncomplete, "Authorization header requires existence of one 'X-Amz-Date' header; %d are given", len(dates))
	}
	for _, name := range []string{"Host", dateHeader, targetHeader, payloadHeader} {
		if given := name == "Host" || len(r.Header.Values(name)) > 0; given && !a.signs(strings.ToLower(name)) {
			return refuse(CodeInvalidSignature, "'%s' must be a 'SignedHeader' in the AWS Authorization.", name)
		}
	}
	at, err := time.Parse(dateLayout, dates[0])
	if err != nil || at.Format(dateLayout) != dates[0] {
		return refuse(CodeIncomplete, "Date must be in ISO-8601 'basic format'. Got '%s'. See http://en.wikipedia.org/wiki/ISO_8601", brief(dates[0]))
	}
	if day := at.Format(dayLayout); day != a.date {
		return refuse(CodeInvalidSignature, "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '%s' != '%s', from '%s'.",
			brief(a.date), day, dates[0])
	}
	return s.checkSkew(at)
}

// checkSkew refuses what was signed too long ago or is to be. AWS's clients correct their clock by
// the Date of this answer.
func (s *SigV4) checkSkew(at time.Time) *Error {
	now := s.now().UTC()
	word := func(t time.Time) string { return t.Format(dateLayout) }
	const minutes = int(MaxSkew / time.Minute)
	switch skew := now.Sub(at); {
	case skew > MaxSkew:
		return refuse(CodeInvalidSignature, "Signature expired: %s is now earlier than %s (%s - %d min.)", word(at), word(now.Add(-MaxSkew)), word(now), minutes)
	case skew < -MaxSkew:
		return refuse(CodeInvalidSignature, "Signature not yet current: %s is still later than %s (%s + %d min.)", word(at), word(now.Add(MaxSkew)), word(now), minutes)
	}
	return nil
}

// payload reads the body of r, gives r an equal one and returns its hash. A hash that
// the caller states must be that of the body.
func payload(r *http.Request, limit int64) (string, error) {
	body, err := readBody(r, limit)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:])
	for _, stated := range r.Header.Values(payloadHeader) {
		if stated != hash {
			return "", refuse(CodeInvalidSignature, "The value passed as X-Amz-Content-Sha256, %q, is not the hash of the body; unsigned and streamed payloads are not accepted", brief(stated))
		}
	}
	return hash, nil
}
