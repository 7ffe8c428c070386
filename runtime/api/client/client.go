package client

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/batchd/terraform-provider-batch/runtime/rendezvous"
	"github.com/batchd/terraform-provider-batch/runtime/retry"
)

const (
	// DefaultRetryFor is how long a call is repeated while the service cannot be
	// reached, is overloaded or fails: longer than a runtime takes to start again.
	DefaultRetryFor = 15 * time.Second
	// DefaultRegion signs calls where no region is configured.
	DefaultRegion = "us-east-1"

	firstDelay     = 50 * time.Millisecond
	longestDelay   = time.Second
	attemptTimeout = time.Minute // of one attempt of a call
	maxAnswer      = 256 << 20   // bytes
	firstRead      = 1 << 20     // how many bytes are made room for on an answer's word
	idlePerHost    = 64          // connections kept
)

// backoff is how long a call that failed is not repeated.
var backoff = retry.Backoff{First: firstDelay, Longest: longestDelay}

// Config says which runtime to call, and with which credentials.
type Config struct {
	Endpoint string // scheme://host[:port]
	Region   string // empty: DefaultRegion
	// Credentials sign the calls; nil: calls are not signed.
	Credentials aws.CredentialsProvider
	// HTTPClient sends the calls; nil: one of our own. It must not follow redirects by
	// itself or have a timeout: some calls last.
	HTTPClient *http.Client
	// CAFile names a file of certificate authorities in PEM that are trusted beside the
	// system's. Without it, Certificate names a file whose first certificate is the
	// service's, and nothing else is trusted. Neither is used with HTTPClient.
	CAFile, Certificate string
	// RetryFor bounds how long a call is repeated; 0: DefaultRetryFor, negative: never.
	RetryFor time.Duration
}

// Client calls one service. It is safe for concurrent use and holds nothing that must be
// closed.
type Client struct {
	endpoint    string
	region      string
	credentials aws.CredentialsProvider
	http        *http.Client
	signer      *v4.Signer
	retryFor    time.Duration
}

// New returns a client. It fails if the endpoint is not a URL with a host; it does not
// call.
func New(c Config) (*Client, error) {
	u, err := url.Parse(c.Endpoint)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("endpoint %q is not a URL with a host; give one such as http://127.0.0.1:4567", c.Endpoint)
	}
	client := &Client{
		endpoint: strings.TrimSuffix(c.Endpoint, "/"), region: c.Region, credentials: c.Credentials,
		http: c.HTTPClient, signer: v4.NewSigner(), retryFor: c.RetryFor,
	}
	if client.region == "" {
		client.region = DefaultRegion
	}
	if client.http == nil {
		how, err := transport(c.CAFile, c.Certificate)
		if err != nil {
			return nil, err
		}
		client.http = &http.Client{Transport: how, CheckRedirect: noRedirect}
	}
	if client.retryFor == 0 {
		client.retryFor = DefaultRetryFor
	}
	return client, nil
}

// Endpoint returns the URL that c calls.
func (c *Client) Endpoint() string { return c.endpoint }

// Options are what a user may say about signing.
type Options struct {
	Region    string // empty: the runtime's own, or AWS's usual chain
	AccessKey string // with SecretKey: instead of any other credentials
	SecretKey string
	Profile   string // of AWS's shared configuration
	// CAFile names a file of certificate authorities in PEM that are trusted beside the
	// system's; empty: $BATCHD_CA_FILE, if it is set.
	CAFile string
}

// EnvCAFile is the variable that names a file of certificate authorities.
const EnvCAFile = "BATCHD_CA_FILE"

// Open returns a client of target. Keys that o names come first, then a profile that o
// names, then the keys of the target's state directory, then AWS's usual chain.
func Open(ctx context.Context, target rendezvous.Target, o Options) (*Client, error) {
	c := Config{Endpoint: target.Endpoint, Region: o.Region, CAFile: cmp.Or(o.CAFile, os.Getenv(EnvCAFile))}
	if target.Runtime != nil {
		c.Region, c.Certificate = cmp.Or(c.Region, target.Runtime.Region), target.Runtime.Certificate
	}
	if c.Certificate != "" && o.CAFile == "" {
		c.CAFile = "" // it is our own runtime
	}
	switch {
	case o.AccessKey != "" && o.SecretKey != "":
		c.Credentials = credentials.NewStaticCredentialsProvider(o.AccessKey, o.SecretKey, "")
	case o.AccessKey != "" || o.SecretKey != "":
		return nil, errors.New("only one of access key and secret key is given; give both, or neither")
	case o.Profile == "" && target.Credentials != nil:
		k := target.Credentials
		c.Credentials = credentials.NewStaticCredentialsProvider(k.AccessKeyID, k.SecretAccessKey, "")
	default:
		if err := c.fromAWS(ctx, o); err != nil {
			return nil, err
		}
	}
	return New(c)
}

// fromAWS fills what is missing from AWS's usual chain.
func (c *Config) fromAWS(ctx context.Context, o Options) error {
	var options []func(*config.LoadOptions) error
	if o.Profile != "" {
		options = append(options, config.WithSharedConfigProfile(o.Profile))
	}
	loaded, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return fmt.Errorf("load AWS configuration: %w", err)
	}
	c.Credentials = loaded.Credentials
	if c.Region == "" {
		c.Region = loaded.Region
	}
	return nil
}

func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
