package auth

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/batch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
)

const (
	keyID  = "BATCHDTEST"
	secret = "a secret of a test"
	limit  = 1 << 20
)

func verifier() *SigV4 {
	return NewSigV4(NewKeys(Key{AccessKeyID: keyID, SecretAccessKey: secret, Role: RoleAdmin}), time.Now)
}

// TestRequestsOfTheSDKVerify lets AWS's own clients call over a real connection.
func TestRequestsOfTheSDKVerify(t *testing.T) {
	verify := verifier()
	var path, body string
	var id Identity
	var refused error
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path = r.URL.EscapedPath()
		id, refused = verify.Authenticate(r, limit)
		text, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		body = string(text)
		_, _ = w.Write([]byte(`{}`))
	}))
	defer server.Close()
	keys := credentials.NewStaticCredentialsProvider(keyID, secret, "")
	client := batch.New(batch.Options{BaseEndpoint: &server.URL, Region: "eu-central-1", Credentials: keys})
	logs := cloudwatchlogs.New(cloudwatchlogs.Options{BaseEndpoint: &server.URL, Region: "us-east-1", Credentials: keys})
	arn := aws.String("arn:aws:batch:us-east-1:123456789012:job-queue/q~ (ü)+x%2F")
	tests := []struct {
		name string
		call func() error
		path string
	}{
		{"post", func() error {
			_, err := client.DescribeJobs(t.Context(), &batch.DescribeJobsInput{Jobs: []string{"a"}})
			return err
		}, "/v1/describejobs"},
		{"empty", func() error {
			_, err := client.DescribeJobQueues(t.Context(), &batch.DescribeJobQueuesInput{})
			return err
		}, "/v1/describejobqueues"},
		{"get tags", func() error {
			_, err := client.ListTagsForResource(t.Context(), &batch.ListTagsForResourceInput{ResourceArn: arn})
			return err
		}, "/v1/tags/arn%3Aaws%3A"},
		{"delete tags", func() error {
			_, err := client.UntagResource(t.Context(), &batch.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"b c", "a&+=", "ü"}})
			return err
		}, "/v1/tags/arn%3Aaws%3A"},
		{"logs", func() error {
			_, err := logs.GetLogEvents(t.Context(), &cloudwatchlogs.GetLogEventsInput{LogStreamName: aws.String("a"), LogGroupName: aws.String("b")})
			return err
		}, "/"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			body, refused = "", nil
			if err := test.call(); err != nil {
				t.Fatal(err)
			}
			if refused != nil || id.AccessKeyID != keyID || id.Role != RoleAdmin {
				t.Errorf("refused: %v; identity %+v", refused, id)
			}
			if !strings.HasPrefix(path, test.path) {
				t.Errorf("called %s, want %s…", path, test.path)
			}
			if test.name == "post" && body != `{"jobs":["a"]}` {
				t.Errorf("the body became %q", body)
			}
		})
	}
}

// signed returns a request as a server sees it, signed at a time for a service.
func signed(t *testing.T, at time.Time, service string, keys aws.Credentials) *http.Request {
	t.Helper()
	body := `{"jobs":["a"]}`
	r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:4567/v1/describejobs?x=1&y=2", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	hash, err := payload(r, limit)
	if err != nil {
		t.Fatal(err)
	}
	if err := v4.NewSigner().SignHTTP(t.Context(), keys, r, hash, service, "us-east-1", at); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestSigV4Refuses(t *testing.T) {
	good := aws.Credentials{AccessKeyID: keyID, SecretAccessKey: secret}
	resign := func(old, replacement string) func(*http.Request) {
		return func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), old, replacement, 1))
		}
	}
	tests := []struct {
		name   string
		keys   aws.Credentials
		skew   time.Duration
		tamper func(*http.Request)
		code   string // "" is accepted
	}{
		{name: "as signed"},
		{name: "almost too old", skew: -MaxSkew + 30*time.Second},
		{name: "too old", skew: -MaxSkew - time.Second, code: CodeInvalidSignature},
		{name: "of the future", skew: MaxSkew + 30*time.Second, code: CodeInvalidSignature},
		{name: "wrong secret", keys: aws.Credentials{AccessKeyID: keyID, SecretAccessKey: "x"}, code: CodeInvalidSignature},
		{name: "unknown key", keys: aws.Credentials{AccessKeyID: "AKIA", SecretAccessKey: secret}, code: CodeUnrecognizedClient},
		{name: "unsigned", tamper: func(r *http.Request) { r.Header.Del("Authorization") }, code: CodeMissingToken},
		{name: "basic", tamper: func(r *http.Request) { r.SetBasicAuth("a", "b") }, code: CodeIncomplete},
		{name: "nothing", tamper: func(r *http.Request) { r.Header.Set("Authorization", algorithm+" ") }, code: CodeIncomplete},
		{name: "body", tamper: func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(`{"jobs":["b"]}`)) }, code: CodeInvalidSignature},
		{name: "path", tamper: func(r *http.Request) { r.URL.Path = "/v1/terminatejob" }, code: CodeInvalidSignature},
		{name: "query", tamper: func(r *http.Request) { r.URL.RawQuery = "x=2" }, code: CodeInvalidSignature},
		{name: "query in another order", tamper: func(r *http.Request) { r.URL.RawQuery = "y=2&x=1" }},
		{name: "method", tamper: func(r *http.Request) { r.Method = http.MethodDelete }, code: CodeInvalidSignature},
		{name: "host", tamper: func(r *http.Request) { r.Host = "evil.example" }, code: CodeInvalidSignature},
		{name: "signed header", tamper: func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }, code: CodeInvalidSignature},
		{name: "signed header gone", tamper: func(r *http.Request) { r.Header.Del("Content-Type") }, code: CodeInvalidSignature},
		{name: "unsigned header", tamper: func(r *http.Request) { r.Header.Set("Via", "proxy") }},
		{name: "date", tamper: func(r *http.Request) { r.Header.Set(dateHeader, time.Now().Add(time.Minute).UTC().Format(dateLayout)) }, code: CodeInvalidSignature},
		{name: "no date", tamper: func(r *http.Request) { r.Header.Del(dateHeader) }, code: CodeIncomplete},
		{name: "host not signed", tamper: resign("host;", ""), code: CodeInvalidSignature},
		{name: "date not signed", tamper: resign(";x-amz-date", ""), code: CodeInvalidSignature},
		{name: "two dates", tamper: func(r *http.Request) { r.Header.Add(dateHeader, r.Header.Get(dateHeader)) }, code: CodeIncomplete},
		{name: "a date of another form", tamper: func(r *http.Request) { r.Header.Set(dateHeader, time.Now().UTC().Format(time.RFC3339)) }, code: CodeIncomplete},
		{name: "day of the scope", tamper: func(r *http.Request) {
			day := time.Now().UTC().Format(dayLayout)
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), day, "20010101", 1))
		}, code: CodeInvalidSignature},
		{name: "two signatures", tamper: func(r *http.Request) { r.Header.Add("Authorization", r.Header.Get("Authorization")) }, code: CodeIncomplete},
		{name: "a part twice", tamper: func(r *http.Request) {
			r.Header.Set("Authorization", r.Header.Get("Authorization")+", Signature="+strings.Repeat("0", 64))
		}, code: CodeIncomplete},
		{name: "short signature", tamper: func(r *http.Request) {
			text := r.Header.Get("Authorization")
			r.Header.Set("Authorization", text[:len(text)-2])
		}, code: CodeIncomplete},
		{name: "session token", keys: aws.Credentials{AccessKeyID: keyID, SecretAccessKey: secret, SessionToken: "t"}, code: CodeUnrecognizedClient},
		{name: "target not signed", tamper: func(r *http.Request) { r.Header.Set(targetHeader, "Logs_20140328.GetLogEvents") }, code: CodeInvalidSignature},
		{name: "hash not signed", tamper: func(r *http.Request) {
			hash, err := payload(r, limit)
			if err != nil {
				t.Error(err)
			}
			r.Header.Set(payloadHeader, hash)
		}, code: CodeInvalidSignature},
		{name: "malformed query", tamper: func(r *http.Request) { r.URL.RawQuery += "&z=%zz" }, code: CodeIncomplete},
		{name: "more query", tamper: func(r *http.Request) { r.URL.RawQuery += "&z" }, code: CodeInvalidSignature},
		{name: "path in another writing", tamper: func(r *http.Request) { r.URL.RawPath = "/v1/describe%6Aobs" }, code: CodeInvalidSignature},
		{name: "unsorted", tamper: resign("content-length;content-type", "content-type;content-length"), code: CodeIncomplete},
		{name: "other service", tamper: resign("/batch/", "/s3/"), code: CodeInvalidSignature},
		{name: "other accepted service", tamper: resign("/batch/", "/logs/"), code: CodeInvalidSignature},
		{name: "other region", tamper: resign("us-east-1", "us-east-2"), code: CodeInvalidSignature},
		{name: "short scope", tamper: resign("/aws4_request", ""), code: CodeIncomplete},
		{name: "empty signature", tamper: func(r *http.Request) {
			text := r.Header.Get("Authorization")
			r.Header.Set("Authorization", text[:strings.LastIndexByte(text, '=')+1])
		}, code: CodeIncomplete},
		{name: "unsigned payload", tamper: func(r *http.Request) { r.Header.Set(payloadHeader, "UNSIGNED-PAYLOAD") }, code: CodeInvalidSignature},
		{name: "too large", tamper: func(r *http.Request) {
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(make([]byte, limit+1))), -1
		}, code: CodeTooLarge},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			keys := test.keys
			if keys.AccessKeyID == "" {
				keys = good
			}
			r := signed(t, time.Now().Add(test.skew), "batch", keys)
			if test.tamper != nil {
				test.tamper(r)
			}
			id, err := verifier().Authenticate(r, limit)
			if test.code == "" {
				if err != nil || id.AccessKeyID != keyID {
					t.Fatalf("refused: %v", err)
				}
				return
			}
			var refusal *Error
			if !errors.As(err, &refusal) || refusal.Code != test.code || refusal.StatusCode == 0 {
				t.Fatalf("got %v, want %s", err, test.code)
			}
			if strings.Contains(err.Error(), secret) {
				t.Error("the secret is shown")
			}
		})
	}
}

func TestSigV4AcceptsItsServices(t *testing.T) {
	good := aws.Credentials{AccessKeyID: keyID, SecretAccessKey: secret}
	for _, service := range services {
		if _, err := verifier().Authenticate(signed(t, time.Now(), service, good), limit); err != nil {
			t.Errorf("%s: %v", service, err)
		}
	}
}

// TestAStatedHashMustBeTheBodys covers clients that state the hash in a signed header.
func TestAStatedHashMustBeTheBodys(t *testing.T) {
	r := signed(t, time.Now(), "batch", aws.Credentials{AccessKeyID: keyID, SecretAccessKey: secret})
	hash, err := payload(r, limit)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Del("Authorization")
	r.Header.Set(payloadHeader, hash)
	if err := v4.NewSigner().SignHTTP(t.Context(), aws.Credentials{AccessKeyID: keyID, SecretAccessKey: secret}, r, hash, "batch", "us-east-1", time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := verifier().Authenticate(r, limit); err != nil {
		t.Errorf("the right hash: %v", err)
	}
	r.Body = io.NopCloser(strings.NewReader(`{"jobs":["b"]}`))
	if _, err := verifier().Authenticate(r, limit); err == nil {
		t.Error("a changed body passed under the stated hash")
	}
}

// TestWhatOtherSignersSign checks what AWS's Go signer leaves out and others do not: they sign the agent, and sort a
// query by how it is written. The signature is made here by the book.
func TestWhatOtherSignersSign(t *testing.T) {
	now := time.Now().UTC()
	r := httptest.NewRequest(http.MethodDelete, "http://127.0.0.1:4567/v1/tags/arn%3Aaws?tagKeys=b&tagKeys=%C3%BC", nil)
	r.Header.Set(dateHeader, now.Format(dateLayout))
	r.Header.Set("User-Agent", "aws-sdk-dotnet  4")
	empty := "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	for _, query := range []string{"tagKeys=b&tagKeys=%C3%BC", "tagKeys=%C3%BC&tagKeys=b"} {
		canonical := strings.Join([]string{
			"DELETE", "/v1/tags/arn%253Aaws", query,
			"host:127.0.0.1:4567\nuser-agent:aws-sdk-dotnet 4\nx-amz-date:" + now.Format(dateLayout) + "\n", "host;user-agent;x-amz-date", empty,
		}, "\n")
		a := authorization{date: now.Format(dayLayout), region: "eu-west-1", service: "batch"}
		signature := hex.EncodeToString(a.sign(a.signingKey(secret), now.Format(dateLayout), canonical))
		r.Header.Set("Authorization", algorithm+" Credential="+keyID+"/"+a.date+"/eu-west-1/batch/aws4_request,SignedHeaders=host;user-agent;x-amz-date,Signature="+signature)
		if _, err := verifier().Authenticate(r, limit); err != nil {
			t.Errorf("%s: %v", query, err)
		}
	}
}

// broken is a body that cannot be closed, as one whose rest does not come.
type broken struct{ io.Reader }

func (broken) Close() error { return errors.New("the rest does not come") }

// TestWhatIsTooLargeIsRefusedAsThat does not wait for the rest of it.
func TestWhatIsTooLargeIsRefusedAsThat(t *testing.T) {
	r := signed(t, time.Now(), "batch", aws.Credentials{AccessKeyID: keyID, SecretAccessKey: secret})
	r.Body, r.ContentLength = broken{bytes.NewReader(make([]byte, limit+1))}, -1
	var refusal *Error
	if _, err := verifier().Authenticate(r, limit); !errors.As(err, &refusal) || refusal.Code != CodeTooLarge {
		t.Errorf("got %v, want %s", err, CodeTooLarge)
	}
}

// FuzzSigned has AWS's signer sign any request, which must verify, and alters it, which must not.
func FuzzSigned(f *testing.F) {
	f.Add("/v1/tags/arn:aws:batch", "b c", "ü&=", "{}", "text", "v1")
	f.Add("/", "", "", "", "a  b", "")
	f.Add("/~a%2Fb/ü +", "x", "y", "\x00", " ", "z")
	f.Fuzz(func(t *testing.T, path, name, value, body, header, other string) {
		r := httptest.NewRequest(http.MethodPost, "http://localhost:4567/", strings.NewReader(body))
		r.URL = &url.URL{Host: r.Host, Path: "/" + strings.TrimLeft(path, "/"), RawQuery: url.Values{name: {value, other}}.Encode()}
		if strings.ContainsFunc(header, func(c rune) bool { return c < ' ' || c > '~' }) {
			header = "not a header"
		}
		r.Header.Set("X-Amz-Anything", header)
		hash, err := payload(r, limit)
		if err != nil {
			t.Skip("the body is larger than what is signed")
		}
		if err := v4.NewSigner().SignHTTP(t.Context(), aws.Credentials{AccessKeyID: keyID, SecretAccessKey: secret}, r, hash, "batch", "us-east-1", time.Now()); err != nil {
			t.Skip("the signer of the SDK does not sign this")
		}
		r.URL.Host = "" // as a server sees it
		if _, err := verifier().Authenticate(r, limit); err != nil {
			t.Fatalf("as signed: %v", err)
		}
		for what, alter := range map[string]func(*http.Request){
			"path":   func(r *http.Request) { r.URL.Path += "x" },
			"query":  func(r *http.Request) { r.URL.RawQuery += "&more=1" },
			"header": func(r *http.Request) { r.Header.Add("X-Amz-Anything", "more") },
			"body":   func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(body + "x")) },
			"host":   func(r *http.Request) { r.Host = "localhost:4568" },
		} {
			altered := r.Clone(t.Context())
			alter(altered)
			altered.ContentLength = r.ContentLength
			var refusal *Error
			if _, err := verifier().Authenticate(altered, limit); !errors.As(err, &refusal) || refusal.Code != CodeInvalidSignature {
				t.Errorf("with another %s: %v", what, err)
			}
		}
	})
}

func FuzzAuthorization(f *testing.F) {
	f.Add(algorithm + " Credential=a/20260101/r/batch/aws4_request, SignedHeaders=host;x-amz-date, Signature=" + strings.Repeat("0", 64))
	f.Fuzz(func(t *testing.T, header string) {
		a, refusal := parseAuthorization(header)
		if refusal == nil && (a.accessKeyID == "" || len(a.signature) != 32 || len(a.signedHeaders) == 0) {
			t.Errorf("%q was parsed as %+v", header, a)
		}
	})
}

func BenchmarkAuthenticate(b *testing.B) {
	verify := verifier()
	r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:4567/v1/describejobs", nil)
	r.Header.Set("Content-Type", "application/json")
	empty := "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	if err := v4.NewSigner().SignHTTP(b.Context(), aws.Credentials{AccessKeyID: keyID, SecretAccessKey: secret}, r, empty, "batch", "us-east-1", time.Now()); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := verify.Authenticate(r, limit); err != nil {
			b.Fatal(err)
		}
	}
}
