// Awsfake serves the double of an AWS account over TCP, for tests from end to end: instances boot in seconds, and the tasks that run on
// them are containers on the Docker daemon of this machine. It prints the environment in which the AWS SDK and CLI use it, one NAME=value a line, and
// serves until it gets SIGTERM or SIGINT; then it removes its containers.
//
//	awsfake -boot 1s > fake.env &
//	set -a; . ./fake.env
//	batchd serve --aws
//
// Beside the services of AWS it serves, for tests:
//
//	GET /awsfake/leftovers?installation=…   what exists in the account, one line each
//	GET /awsfake/meter                      calls and money, as JSON
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	if err := command(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "awsfake:", err)
		os.Exit(1)
	}
}

func command(args []string) error {
	var o options
	flags := flag.NewFlagSet("awsfake", flag.ContinueOnError)
	flags.StringVar(&o.listen, "listen", "127.0.0.1:0", "the `address` to serve on; port 0 is any free one")
	flags.DurationVar(&o.boot, "boot", 2*time.Second, "how long an instance takes to boot, and then again for its agent to register")
	flags.Uint64Var(&o.seed, "seed", 1, "what is drawn follows from this number")
	flags.Float64Var(&o.spotLoss, "spot-loss", 0, "the share of Spot instances, from 0 to 1, that are taken back without warning")
	flags.DurationVar(&o.spotLife, "spot-life", 10*time.Second, "how long those run, at most")
	flags.BoolVar(&o.pretend, "pretend", false, "run no containers: each succeeds after a second")
	if err := flags.Parse(args); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	s, err := start(ctx, o)
	if err != nil {
		return err
	}
	fmt.Print(s.environment())
	<-ctx.Done()
	return s.stop()
}
