package aws

import (
	"context"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/catalogue"
)

// site is what an environment has in its account. It is made as a whole and never changed.
type site struct {
	spec        string
	cluster     string // ARN
	clusterName string
	ours        bool              // the cluster was made for the environment, and goes with it
	subnets     map[string]string // by zone, one each
	templates   []template
	selection   catalogue.Selection
}

// builder makes a site. What exists already is taken as it is, so that building twice makes one.
type builder struct {
	*Driver
	account   *account
	row       *batch.Environment
	resources *batch.Resources
}

// build makes what an environment needs, or finds it.
func (d *Driver) build(ctx context.Context, a *account, row *batch.Environment) (*site, error) {
	b := &builder{d, a, row, resourcesOf(row)}
	s := &site{}
	for _, step := range b.steps() {
		if err := step(ctx, s); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// steps are what is made for an environment of its kind, in order: what is only looked up comes first.
func (b *builder) steps() []func(context.Context, *site) error {
	switch b.row.Kind {
	case batch.EC2, batch.Spot:
		return []func(context.Context, *site) error{b.specify, b.zones, b.choose, b.instanceProfile, b.cluster, b.logGroup, b.lease, b.launchTemplates}
	case batch.Fargate, batch.FargateSpot:
		return []func(context.Context, *site) error{b.specify, b.zones, b.cluster, b.logGroup}
	default:
		return []func(context.Context, *site) error{b.specify, b.cluster, b.logGroup}
	}
}

func (b *builder) specify(_ context.Context, s *site) (err error) {
	s.spec, err = specOf(b.row)
	return err
}

// choose finds out which hosts the environment can have.
func (b *builder) choose(ctx context.Context, s *site) (err error) {
	s.selection, err = b.selection(ctx, s)
	return err
}

func (b *builder) selection(ctx context.Context, s *site) (catalogue.Selection, error) {
	wanted := catalogue.Wanted{Types: b.resources.InstanceTypes, Market: batch.OnDemand, BidPercentage: b.resources.BidPercent}
	if b.row.Kind == batch.Spot {
		wanted.Market = batch.SpotMarket
	}
	for zone := range s.subnets {
		wanted.Zones = append(wanted.Zones, zone)
	}
	slices.Sort(wanted.Zones)
	return b.account.catalogue.Offers(ctx, wanted)
}
