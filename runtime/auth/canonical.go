package auth

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// canonicalRequests returns the texts of which a signer of r may have signed one. There are two
// where signers disagree: some sort the query by what its words mean, some by how they are
// written.
func canonicalRequests(r *http.Request, signedHeaders []string, hash string) ([]string, *Error) {
	queries, refusal := canonicalQueries(r.URL.RawQuery)
	if refusal != nil {
		return nil, refusal
	}
	var headers strings.Builder
	for _, name := range signedHeaders {
		headers.WriteString(name + ":" + canonicalHeader(r, name) + "\n")
	}
	var requests []string
	for _, query := range queries {
		requests = append(requests, strings.Join([]string{
			r.Method, canonicalPath(r.URL), query, headers.String(), strings.Join(signedHeaders, ";"), hash,
		}, "\n"))
	}
	return requests, nil
}

// canonicalPath encodes the path once more than it was sent, as every service but S3 wants it.
func canonicalPath(u *url.URL) string { return encode(cmp.Or(u.EscapedPath(), "/"), "/") }

// canonicalQueries returns the query in both orders; one, if they are the same.
func canonicalQueries(raw string) ([]string, *Error) {
	if raw == "" {
		return []string{""}, nil
	}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return nil, refuse(CodeIncomplete, "Query string is malformed: %s", brief(err.Error()))
	}
	type pair struct{ name, value string }
	var meant, written []pair
	for name, list := range values {
		for _, value := range list {
			meant = append(meant, pair{name, value})
		}
	}
	order := func(a, b pair) int { return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.value, b.value)) }
	slices.SortFunc(meant, order)
	for i, p := range meant {
		meant[i] = pair{encode(p.name, ""), encode(p.value, "")}
	}
	written = slices.Clone(meant)
	slices.SortFunc(written, order)
	join := func(pairs []pair) string {
		var words []string
		for _, p := range pairs {
			words = append(words, p.name+"="+p.value)
		}
		return strings.Join(words, "&")
	}
	return slices.Compact([]string{join(meant), join(written)}), nil
}

// canonicalHeader returns the values of a header of r, each without needless spaces. net/http
// keeps some headers elsewhere.
func canonicalHeader(r *http.Request, name string) string {
	values := r.Header.Values(name)
	switch name {
	case "host":
		values = []string{r.Host}
	case "content-length":
		values = []string{strconv.FormatInt(r.ContentLength, 10)}
	case "transfer-encoding":
		values = r.TransferEncoding
	}
	trimmed := make([]string, len(values))
	for i, value := range values {
		trimmed[i] = strings.Join(strings.Fields(value), " ")
	}
	return strings.Join(trimmed, ",")
}

const upperHex = "0123456789ABCDEF"

// encode percent-encodes all of text but RFC 3986's unreserved characters and those in keep.
func encode(text, keep string) string {
	var out strings.Builder
	for i := range len(text) {
		c := text[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._~", c) >= 0, strings.IndexByte(keep, c) >= 0:
			out.WriteByte(c)
		default:
			out.WriteString("%" + string(upperHex[c>>4]) + string(upperHex[c&15]))
		}
	}
	return out.String()
}
