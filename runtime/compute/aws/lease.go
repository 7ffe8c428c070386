package aws

import (
	"cmp"
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/userdata"
)

// leaseParameter is the SSM parameter that instances of this installation read.
func (d *Driver) leaseParameter() string { return "/batchd/" + d.options.Installation + "/lease" }

func (d *Driver) leaseFor() time.Duration { return cmp.Or(d.options.LeaseFor, leaseFor) }

// lease gives the first lease of an account before anything is launched there, and has it renewed from then on.
func (b *builder) lease(ctx context.Context, _ *site) error {
	if err := b.give(ctx, b.account); err != nil {
		return whileDoing("giving the lease "+b.leaseParameter()+", without which instances end themselves", err)
	}
	b.mu.Lock()
	begun := b.account.leased
	b.account.leased = true
	b.mu.Unlock()
	if !begun {
		a := b.account
		b.begin(func(ctx context.Context) { b.renewLease(ctx, a) })
	}
	return nil
}

// give makes the parameter with its tag, or renews it. SSM takes tags only when a parameter is made.
func (d *Driver) give(ctx context.Context, a *account) error {
	input := d.leaseNow()
	input.Tags = []ssmtypes.Tag{{Key: aws.String(tagInstallation), Value: aws.String(d.options.Installation)}}
	_, err := a.ssm.PutParameter(ctx, input)
	if isCode(err, "ParameterAlreadyExists") {
		return d.renew(ctx, a)
	}
	return err
}

// renew gives a lease from now on.
func (d *Driver) renew(ctx context.Context, a *account) error {
	input := d.leaseNow()
	input.Overwrite = aws.Bool(true)
	_, err := a.ssm.PutParameter(ctx, input)
	return err
}

func (d *Driver) leaseNow() *ssm.PutParameterInput {
	return &ssm.PutParameterInput{
		Name: aws.String(d.leaseParameter()), Value: aws.String(userdata.Value(time.Now().Add(d.leaseFor()))), Type: ssmtypes.ParameterTypeString,
		Description: aws.String("batchd: the second until which the instances of an installation run on without it"),
	}
}

// renewLease renews the lease of an account as long as instances are launched there.
func (d *Driver) renewLease(ctx context.Context, a *account) {
	wait := renewEvery
	for failures := 0; a.leases.wait(ctx, wait); {
		d.mu.Lock()
		needed := d.leased(a)
		a.leased = needed
		d.mu.Unlock()
		if !needed {
			return
		}
		wait = renewEvery
		if err := d.renew(ctx, a); err != nil {
			failures++
			wait = min(backoff.After(failures), renewEvery)
			d.log.Warn("the lease of the instances is not renewed", "parameter", d.leaseParameter(), "error", err)
			continue
		}
		failures = 0
	}
}

// leased reports whether instances of a need the lease. The mutex is held.
func (d *Driver) leased(a *account) bool {
	for _, e := range d.environments {
		if e.account == a && e.launches() && !e.retired {
			return true
		}
	}
	return false
}

// endLease removes the lease of an account in which nothing is left that needs it.
func (d *Driver) endLease(ctx context.Context, a *account) error {
	d.mu.Lock()
	needed := d.leased(a)
	d.mu.Unlock()
	if needed {
		return nil
	}
	_, err := a.ssm.DeleteParameter(ctx, &ssm.DeleteParameterInput{Name: aws.String(d.leaseParameter())})
	if isCode(err, "ParameterNotFound") {
		return nil
	}
	return err
}
