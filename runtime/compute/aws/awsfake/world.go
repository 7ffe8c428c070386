package awsfake

import (
	"net/http"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Options say what a world is like. The zero Options are a calm one: it answers at once, reads see every write, capacity is there, and
// nothing is lost. Its limits are AWS's all the same. [Realistic] returns those of an ordinary day.
type Options struct {
	// Seed decides everything that is drawn.
	Seed uint64
	// Account is the id of the account, 123456789012 if empty, and Region its region, us-east-1 if empty. The region has the zones a, b and c.
	Account, Region string

	// Latency is how long a call takes.
	Latency Span
	// Lag is how far behind a read may be: each read sees the world as it was some time ago, drawn for that read alone. So a write is
	// seen, not seen and seen again for as long as Lag.Max after it. Unlagged is the share of reads, from 0 to 1, that are not behind.
	Lag      Span
	Unlagged float64
	// Unthrottled makes the buckets bottomless.
	Unthrottled bool

	EC2    EC2Options
	ECS    ECSOptions
	Logs   LogsOptions
	SQS    SQSOptions
	Events EventOptions
}

// Realistic returns the options of an ordinary day: delays as documented or observed, and no misfortune.
func Realistic(seed uint64) Options {
	return Options{
		Seed:     seed,
		Latency:  Span{20 * time.Millisecond, 150 * time.Millisecond},
		Lag:      Span{0, 3 * time.Second},
		Unlagged: 0.7,
		EC2:      realisticEC2(),
		ECS:      realisticECS(),
		Logs:     LogsOptions{Delay: Span{time.Second, 5 * time.Second}},
		Events:   EventOptions{Delay: Span{200 * time.Millisecond, 3 * time.Second}},
	}
}

// World is an AWS account in one region, with the services in it.
type World struct {
	options  Options
	services map[string]*service

	mu        sync.Mutex
	closed    bool
	agenda    agenda
	made      map[string]int
	calls     map[string]int
	buckets   map[string]*bucket
	tokens    map[string]token
	faults    []*fault
	needed    map[string]bool // the actions that calls needed
	policy    *policy
	meter     meter
	watchers  []func(Call)
	listeners []func(Event)

	ec2  *ec2State
	ecs  *ecsState
	iam  *iamState
	logs *logsState
	sqs  *sqsState
	bus  *busState
}

// New returns a world in which nothing has happened yet. It uses package time, so that in a bubble of testing/synctest its time is
// that of the bubble.
func New(options Options) *World {
	if options.Account == "" {
		options.Account = defaultAccount
	}
	if options.Region == "" {
		options.Region = defaultRegion
	}
	w := &World{
		options: options, made: map[string]int{}, calls: map[string]int{}, buckets: map[string]*bucket{}, tokens: map[string]token{},
		meter: newMeter(), needed: map[string]bool{},
	}
	w.services = map[string]*service{}
	for _, s := range w.open() {
		w.services[s.name] = s
	}
	return w
}

// Close ends the world: what was planned does not happen, and calls are refused.
func (w *World) Close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	if w.agenda.timer != nil {
		w.agenda.timer.Stop()
	}
}

// Config returns a configuration of the SDK with which its clients call this world, in process and without a socket.
func (w *World) Config() aws.Config {
	return aws.Config{
		Region:      w.options.Region,
		HTTPClient:  w.HTTPClient(),
		Credentials: aws.CredentialsProviderFunc(staticCredentials),
	}
}

// HTTPClient returns a client that gives each request to the handler. An answer that is lost is a connection that was reset.
func (w *World) HTTPClient() aws.HTTPClient { return inProcess{w.Handler()} }

// Handler returns the handler of all services, for a server.
func (w *World) Handler() http.Handler { return http.HandlerFunc(w.serve) }
