package aws

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/pricing"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/catalogue"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/governor"
)

// accountKey is how environments choose an account.
type accountKey struct{ profile, region string }

// account is an AWS account in one region, seen with one set of credentials.
type account struct {
	number    string // for example "123456789012"
	region    string
	partition string // "aws", "aws-cn" or "aws-us-gov"
	governor  *governor.Governor
	catalogue *catalogue.Catalogue

	ec2  *ec2.Client
	ecs  *ecs.Client
	iam  *iam.Client
	ssm  *ssm.Client
	logs *cloudwatchlogs.Client

	// These belong to the driver and are guarded by its mutex.
	ending map[string]string // instances that are to be ended, each with the reason
	ends   bell              // rings when there are any
	sweeps bell              // rings when a sweep should not wait
	leases bell              // rings when the lease should not wait
	leased bool              // the lease is renewed
}

// account returns the account that an environment chooses, and opens it the first time.
func (d *Driver) account(ctx context.Context, key accountKey) (*account, error) {
	d.opening.Lock()
	defer d.opening.Unlock()
	d.mu.Lock()
	known := d.accounts[key]
	d.mu.Unlock()
	if known != nil {
		return known, nil
	}
	opened, err := d.openAccount(ctx, key)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	d.accounts[key] = opened
	d.mu.Unlock()
	d.begin(func(ctx context.Context) { d.sweepInstances(ctx, opened) })
	d.begin(func(ctx context.Context) { d.endInstances(ctx, opened) })
	return opened, nil
}

// openAccount makes the clients of an account, and asks whose credentials they are.
func (d *Driver) openAccount(ctx context.Context, key accountKey) (*account, error) {
	config, err := d.options.Config(ctx, key.profile, key.region)
	if err != nil {
		return nil, err
	}
	if config.Region == "" {
		return nil, errors.New("there is no AWS region; set batchd.region of the environment, or AWS_REGION, or a region in the profile")
	}
	who, err := sts.NewFromConfig(config).GetCallerIdentity(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("asking whose credentials these are: %w", err)
	}
	a := &account{number: aws.ToString(who.Account), region: config.Region, partition: "aws", ending: map[string]string{}, ends: newBell(), sweeps: newBell(), leases: newBell()}
	if identity, err := arn.Parse(aws.ToString(who.Arn)); err == nil {
		a.partition = identity.Partition
	}
	a.governor = d.governor(a)
	a.governor.Attach(&config)
	a.ec2, a.ecs, a.iam = ec2.NewFromConfig(config), ecs.NewFromConfig(config), iam.NewFromConfig(config)
	a.ssm, a.logs = ssm.NewFromConfig(config), cloudwatchlogs.NewFromConfig(config)
	prices := config.Copy()
	prices.Region = priceRegion(config.Region)
	path := ""
	if d.options.StateDir != "" {
		path = filepath.Join(d.options.StateDir, "instance-types-"+a.number+"-"+a.region+".json")
	}
	a.catalogue = catalogue.Open(path, catalogue.Live(a.ec2, pricing.NewFromConfig(prices), a.region), d.log)
	return a, nil
}

// governor returns the governor of an account and region, which all credentials for it share.
func (d *Driver) governor(a *account) *governor.Governor {
	d.mu.Lock()
	defer d.mu.Unlock()
	name := a.number + "/" + a.region
	if d.governors[name] == nil {
		d.governors[name] = governor.New(d.options.Share)
	}
	return d.governors[name]
}

// priceRegion is the nearest region that has the price list.
func priceRegion(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "cn-northwest-1"
	case strings.HasPrefix(region, "ap-"):
		return "ap-south-1"
	case strings.HasPrefix(region, "eu-"):
		return "eu-central-1"
	default:
		return "us-east-1"
	}
}
