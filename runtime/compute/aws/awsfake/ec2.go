package awsfake

import (
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/awsfake/wire"
)

// ec2State is the Elastic Compute Cloud.
type ec2State struct {
	world *World
}

// The buckets of EC2. Each operation has its own.
var (
	ec2Reads  = rate{name: "describe", burst: 100, perSecond: 20, each: true}
	ec2Writes = rate{name: "mutate", burst: 50, perSecond: 5, each: true}
)

// openEC2 returns the Elastic Compute Cloud.
func (w *World) openEC2() *service {
	state := &ec2State{world: w}
	s := &service{
		name:      "ec2",
		protocol:  wire.EC2{Namespace: "http://ec2.amazonaws.com/doc/2016-11-15/", Requests: ec2RequestNames, Answers: ec2AnswerNames},
		throttled: Error{Status: http.StatusServiceUnavailable, Code: "RequestLimitExceeded", Message: "Request limit exceeded."},
		denied:    Error{Status: http.StatusForbidden, Code: "UnauthorizedOperation"},
		unknown:   Error{Code: "InvalidAction"},
	}
	register(s, state.describeAvailabilityZones, ec2Reads)
	return s
}

func (s *ec2State) describeAvailabilityZones(*call, *ec2.DescribeAvailabilityZonesInput) (*ec2.DescribeAvailabilityZonesOutput, error) {
	out := &ec2.DescribeAvailabilityZonesOutput{}
	for _, zone := range s.world.zones() {
		out.AvailabilityZones = append(out.AvailabilityZones, types.AvailabilityZone{
			ZoneName: aws.String(zone), RegionName: aws.String(s.world.options.Region), State: types.AvailabilityZoneStateAvailable,
			ZoneType: aws.String("availability-zone"), GroupName: aws.String(s.world.options.Region), OptInStatus: types.AvailabilityZoneOptInStatusOptInNotRequired,
		})
	}
	return out, nil
}

// zones returns the zones of the region.
func (w *World) zones() (names []string) {
	for _, letter := range "abc" {
		names = append(names, w.options.Region+string(letter))
	}
	return names
}
