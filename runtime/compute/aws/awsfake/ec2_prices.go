package awsfake

import (
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// price returns what an instance of a pool costs, in dollars an hour. On Spot it is 30 to 45 % of the price on demand, and moves
// by up to a tenth of that from hour to hour.
func (w *World) price(p Pool, at time.Time) float64 {
	onDemand := kinds[p.Type].price
	if !p.Spot {
		return onDemand
	}
	share := 0.30 + 0.15*w.dice("spot price", p.String()).Float64()
	move := 0.9 + 0.2*w.dice("spot move", fmt.Sprint(p, at.Unix()/3600)).Float64()
	return onDemand * share * move
}

// bill adds what an instance that ended has cost.
func (m *meter) bill(i *instance, now time.Time) {
	seconds := i.seconds(now)
	m.InstanceSeconds += seconds
	dollars := seconds / 3600 * i.rate
	if i.spot() {
		m.Spot += dollars
	} else {
		m.OnDemand += dollars
	}
}

var priceFilters = filters[types.SpotPrice]{
	"instance-type":       func(p types.SpotPrice) []string { return []string{string(p.InstanceType)} },
	"availability-zone":   func(p types.SpotPrice) []string { return []string{*p.AvailabilityZone} },
	"product-description": func(p types.SpotPrice) []string { return []string{string(p.ProductDescription)} },
}

// describeSpotPriceHistory returns the price of each hour from StartTime, or the last one, the newest first.
func (s *ec2State) describeSpotPriceHistory(c *call, in *ec2.DescribeSpotPriceHistoryInput) (*ec2.DescribeSpotPriceHistoryOutput, error) {
	end := c.now
	if in.EndTime != nil && in.EndTime.Before(end) {
		end = *in.EndTime
	}
	begin := end
	if in.StartTime != nil && in.StartTime.Before(begin) {
		begin = *in.StartTime
	}
	begin = latest(begin, end.Add(-spotHistory))
	var all []types.SpotPrice
	for hour := end.Truncate(time.Hour); !hour.Before(begin.Truncate(time.Hour)); hour = hour.Add(-time.Hour) {
		all = append(all, s.spotPrices(hour, in.InstanceTypes)...)
	}
	found, err := priceFilters.apply(all, in.Filters, nil)
	if err != nil {
		return nil, err
	}
	if in.AvailabilityZone != nil {
		found, _ = priceFilters.apply(found, []types.Filter{{Name: aws.String("availability-zone"), Values: []string{*in.AvailabilityZone}}}, nil)
	}
	found, next, err := pageOf(found, in.MaxResults, in.NextToken, pageOfInstances)
	return &ec2.DescribeSpotPriceHistoryOutput{SpotPriceHistory: found, NextToken: next}, err
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// spotPrices returns the prices of an hour for some types, or for all.
func (s *ec2State) spotPrices(hour time.Time, wanted []types.InstanceType) (prices []types.SpotPrice) {
	names := sorted(kinds)
	if len(wanted) > 0 {
		names = nil
		for _, name := range wanted {
			names = append(names, string(name))
		}
	}
	for _, name := range names {
		for _, zone := range s.world.zones() {
			if k := kinds[name]; k != nil && s.world.offered(k, zone) {
				prices = append(prices, types.SpotPrice{
					InstanceType: types.InstanceType(name), AvailabilityZone: aws.String(zone), ProductDescription: types.RIProductDescriptionLinuxUnix,
					SpotPrice: aws.String(fmt.Sprintf("%.6f", s.world.price(Pool{name, zone, true}, hour))), Timestamp: aws.Time(hour),
				})
			}
		}
	}
	return prices
}
