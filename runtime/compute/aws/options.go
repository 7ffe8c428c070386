package aws

import (
	"context"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Options are what a driver needs to know.
type Options struct {
	// Logger is where the driver says what it does; nil: nowhere.
	Logger *slog.Logger
	// Installation identifies this installation of batchd among all that use the same account: at most 64 letters, digits and hyphens. Everything that is made is tagged with
	// it, and nothing without that tag is touched. It must be the same after a restart, and another one for a copy of the state directory.
	Installation string
	// StateDir is a directory for what may be lost: types and prices of instances. Empty: they are not kept.
	StateDir string
	// Config returns the configuration of the SDK for a profile and a region of the user's AWS configuration; either may be empty, which is the
	// default. Nil is [LoadConfig].
	Config func(ctx context.Context, profile, region string) (aws.Config, error)
	// Share is how much of the documented call budgets of an account this installation uses, 1 at most; 0: 80 %.
	Share float64
	// LeaseFor is how long instances run on if batchd is gone: they drain after that and power off. 0 is an hour.
	LeaseFor time.Duration
}
