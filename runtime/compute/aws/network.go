package aws

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

// zones finds the zones of the subnets. Of several subnets in one zone the one with the most free addresses is taken, because
// a call of CreateFleet may name one for each zone.
func (b *builder) zones(ctx context.Context, s *site) error {
	if len(b.resources.Subnets) == 0 {
		return errors.New("computeResources.subnets is empty; give at least one subnet")
	}
	found, err := b.account.ec2.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{SubnetIds: b.resources.Subnets})
	if err != nil {
		return whileDoing("looking for the subnets", err)
	}
	s.subnets = map[string]string{}
	free := map[string]int32{}
	for _, subnet := range found.Subnets {
		zone, addresses := aws.ToString(subnet.AvailabilityZone), aws.ToInt32(subnet.AvailableIpAddressCount)
		if _, known := s.subnets[zone]; !known || addresses > free[zone] {
			s.subnets[zone], free[zone] = aws.ToString(subnet.SubnetId), addresses
		}
	}
	if len(s.subnets) == 0 {
		return errors.New("computeResources.subnets: none of the subnets is in this account and region")
	}
	return nil
}
