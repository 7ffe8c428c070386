package auth

import (
	"slices"
	"strings"
)

const algorithm = "AWS4-HMAC-SHA256"

// authorization is the Authorization header of a signed request, taken apart.
type authorization struct {
	accessKeyID   string
	date          string // yyyymmdd
	region        string
	service       string
	signedHeaders []string // lower case, sorted
	signature     string
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
		parts[name] = text
	}
	for _, name := range []string{"Credential", "SignedHeaders", "Signature"} {
		if parts[name] == "" {
			return a, refuse(CodeIncomplete, "Authorization header lacks %s; it requires Credential, SignedHeaders and Signature", name)
		}
	}
	scope := strings.Split(parts["Credential"], "/")
	if len(scope) != 5 || scope[4] != "aws4_request" || slices.Contains(scope, "") {
		return a, refuse(CodeIncomplete, "Credential is not of the form key/yyyymmdd/region/service/aws4_request")
	}
	a = authorization{
		accessKeyID: scope[0], date: scope[1], region: scope[2], service: scope[3],
		signedHeaders: strings.Split(parts["SignedHeaders"], ";"), signature: parts["Signature"],
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

func firstWord(text string) string {
	word, _, _ := strings.Cut(text, " ")
	return word[:min(len(word), 32)]
}
