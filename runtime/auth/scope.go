package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
)

const (
	algorithm  = "AWS4-HMAC-SHA256"
	terminator = "aws4_request"
)

// authorization is the Authorization header of a signed request, taken apart.
type authorization struct {
	accessKeyID   string
	date          string // yyyymmdd
	region        string
	service       string
	signedHeaders []string // lower case, sorted
	signature     []byte
}

// ClaimedKey returns the id of the access key that r says it is signed with, empty if it says none. Nothing is verified.
func ClaimedKey(r *http.Request) string {
	a, refusal := parseAuthorization(r.Header.Get("Authorization"))
	if refusal != nil {
		return ""
	}
	return a.accessKeyID
}

// ClaimedService returns the service that r says it is signed for, as signatures call it; empty if it says none. Nothing is
// verified.
func ClaimedService(r *http.Request) string {
	_, credential, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	credential, _, _ = strings.Cut(credential, ",")
	scope := strings.Split(credential, "/")
	if len(scope) != 5 {
		return ""
	}
	return scope[3]
}

// parseAuthorization takes the header apart.
func parseAuthorization(header string) (authorization, *Error) {
	var a authorization
	rest, ok := strings.CutPrefix(header, algorithm+" ")
	if !ok {
		return a, refuse(CodeIncomplete, "Authorization header begins with %q; allowed is %s", firstWord(header), algorithm)
	}
	parts := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		name, text, _ := strings.Cut(strings.TrimSpace(part), "=")
		if _, again := parts[name]; again {
			return a, refuse(CodeIncomplete, "Authorization header has '%s' twice", brief(name))
		}
		parts[name] = text
	}
	for _, name := range []string{"Credential", "SignedHeaders", "Signature"} {
		if parts[name] == "" {
			return a, refuse(CodeIncomplete, "Authorization header requires '%s' parameter.", name)
		}
	}
	scope := strings.Split(parts["Credential"], "/")
	if len(scope) != 5 || scope[4] != terminator || slices.Contains(scope, "") {
		return a, refuse(CodeIncomplete, "Credential is not of the form key/yyyymmdd/region/service/%s", terminator)
	}
	signature, err := hex.DecodeString(parts["Signature"])
	if err != nil || len(signature) != sha256.Size {
		return a, refuse(CodeIncomplete, "Signature is not %d hexadecimal digits", 2*sha256.Size)
	}
	a = authorization{
		accessKeyID: scope[0], date: scope[1], region: scope[2], service: scope[3],
		signedHeaders: strings.Split(parts["SignedHeaders"], ";"), signature: signature,
	}
	for i, name := range a.signedHeaders {
		if name == "" || name != strings.ToLower(name) || i > 0 && a.signedHeaders[i-1] >= name {
			return a, refuse(CodeIncomplete, "SignedHeaders must be lower-case names, sorted, each once")
		}
	}
	return a, nil
}

func (a authorization) signs(header string) bool {
	_, found := slices.BinarySearch(a.signedHeaders, header)
	return found
}

// signingKey derives the key of the scope from a secret.
func (a authorization) signingKey(secret string) []byte {
	key := []byte("AWS4" + secret)
	for _, part := range []string{a.date, a.region, a.service, terminator} {
		key = mac(key, part)
	}
	return key
}

// sign returns the signature of a canonical request made at date.
func (a authorization) sign(key []byte, date, canonical string) []byte {
	sum := sha256.Sum256([]byte(canonical))
	scope := strings.Join([]string{a.date, a.region, a.service, terminator}, "/")
	return mac(key, strings.Join([]string{algorithm, date, scope, hex.EncodeToString(sum[:])}, "\n"))
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	_, _ = h.Write([]byte(text)) // a hash does not fail
	return h.Sum(nil)
}

func firstWord(text string) string {
	word, _, _ := strings.Cut(text, " ")
	return word[:min(len(word), 32)]
}
