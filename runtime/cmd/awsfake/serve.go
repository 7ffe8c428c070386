package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/awsfake"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/awsfake/dockerengine"
)

// region is the one that the account is in.
const region = "us-east-1"

// options are what the flags say.
type options struct {
	listen   string
	boot     time.Duration
	seed     uint64
	spotLoss float64
	spotLife time.Duration
	pretend  bool
}

// server serves one world.
type server struct {
	world    *awsfake.World
	engine   *dockerengine.Engine // nil if nothing is run
	http     http.Server
	listener net.Listener
}

// start serves a world, whose containers run on the Docker daemon.
func start(ctx context.Context, o options) (*server, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.listen)
	if err != nil {
		return nil, err
	}
	s, world := &server{listener: listener}, o.world()
	if !o.pretend {
		s.engine, err = dockerengine.New(ctx, dockerengine.Options{Name: uuid.NewString(), Metadata: s.url() + metadata})
		if err != nil {
			return nil, errors.Join(err, listener.Close())
		}
		world.ECS.Engine = s.engine
	}
	s.world = awsfake.New(world)
	s.http = http.Server{Handler: s.routes(), ReadHeaderTimeout: time.Minute}
	go func() { _ = s.http.Serve(listener) }() // it ends with stop
	return s, nil
}

// metadata is the path of the task metadata endpoint.
const metadata = "/v4"

func (s *server) url() string { return "http://" + s.listener.Addr().String() }

// world is a world that is fast and in which reads hardly lag.
func (o options) world() awsfake.Options {
	boot := awsfake.Span{Min: o.boot / 2, Max: o.boot}
	return awsfake.Options{
		Seed: o.seed, Region: region, Lag: awsfake.Span{Max: 300 * time.Millisecond}, Unlagged: 0.7,
		EC2: awsfake.EC2Options{
			Boot: boot, Ending: awsfake.Span{Max: time.Second}, SpotLoss: o.spotLoss, Unwarned: 1,
			SpotLife: awsfake.Span{Min: o.spotLife / 2, Max: o.spotLife},
		},
		ECS: awsfake.ECSOptions{
			Script:    func(awsfake.Container) awsfake.Play { return awsfake.Play{Runs: time.Second} },
			Provision: boot, Agents: awsfake.AgentOptions{Register: boot, Deregister: awsfake.Span{Max: 2 * time.Second}},
		},
		Logs:   awsfake.LogsOptions{Delay: awsfake.Span{Max: 500 * time.Millisecond}},
		Events: awsfake.EventOptions{Delay: awsfake.Span{Max: 300 * time.Millisecond}},
	}
}

// routes are the services of AWS, and what tests ask of the double itself.
func (s *server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", s.world.Handler())
	if s.engine != nil {
		mux.Handle(metadata+"/", http.StripPrefix(metadata, s.engine.Metadata()))
	}
	mux.HandleFunc("GET /awsfake/leftovers", func(w http.ResponseWriter, r *http.Request) {
		for _, line := range s.world.Leftovers(r.FormValue("installation")) {
			_, _ = fmt.Fprintln(w, line) // a client that has gone needs no answer
		}
	})
	mux.HandleFunc("GET /awsfake/meter", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(s.world.Meter()) // as above
	})
	return mux
}

// environment is what a client needs to know, one NAME=value a line.
func (s *server) environment() string {
	return strings.Join([]string{
		"AWS_ENDPOINT_URL=" + s.url(), "AWS_REGION=" + region, "AWS_DEFAULT_REGION=" + region,
		"AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY=example", "",
	}, "\n")
}

// stop ends the world and everything that runs in it.
func (s *server) stop() error {
	err := s.http.Close()
	s.world.Close()
	if s.engine != nil {
		err = errors.Join(err, s.engine.Close())
	}
	return err
}
