package awsfake

import (
	"net/http"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/awsfake/wire"
)

// ec2State is the Elastic Compute Cloud.
type ec2State struct {
	world *World

	instances map[string]*instance
	list      []*instance // in the order of their launch
	launched  int
	fleets    []*fleet
	templates []*template
	groups    map[string]*placementGroup
	images    map[string]*image
	rooms     map[Pool]int // of those that tests set
	watchers  []func(i *instance)
}

// The buckets of EC2: each operation has its own.
var (
	ec2Reads  = rate{name: "describe", burst: 100, perSecond: 20, each: true}
	ec2Sweeps = rate{name: "describe without filter or page size", burst: 50, perSecond: 10, each: true}
	ec2Writes = rate{name: "mutate", burst: 50, perSecond: 5, each: true}
)

// openEC2 returns the Elastic Compute Cloud.
func (w *World) openEC2() *service {
	state := &ec2State{
		world: w, instances: map[string]*instance{}, groups: map[string]*placementGroup{}, images: ecsImages(), rooms: map[Pool]int{},
	}
	w.ec2 = state
	s := &service{
		name:      "ec2",
		protocol:  wire.EC2{Namespace: "http://ec2.amazonaws.com/doc/2016-11-15/", Requests: ec2RequestNames, Answers: ec2AnswerNames},
		throttled: Error{Status: http.StatusServiceUnavailable, Code: "RequestLimitExceeded", Message: "Request limit exceeded."},
		denied:    Error{Status: http.StatusForbidden, Code: "UnauthorizedOperation"},
		unknown:   Error{Code: "InvalidAction"},
		leftovers: state.leftovers,
	}
	state.registerInstances(s)
	state.registerRest(s)
	return s
}

// registerInstances registers what launches, shows and ends instances.
func (s *ec2State) registerInstances(to *service) {
	register(to, s.createFleet, ec2Writes, chosen(launches(func(in *ec2.CreateFleetInput) *int32 {
		if in.TargetCapacitySpecification == nil {
			return nil
		}
		return in.TargetCapacitySpecification.TotalTargetCapacity
	})))
	register(to, s.describeFleets, ec2Reads)
	register(to, s.deleteFleets, ec2Writes)
	register(to, s.runInstances, rate{name: "RunInstances", burst: 5, perSecond: 2}, chosen(launches(func(in *ec2.RunInstancesInput) *int32 { return in.MaxCount })))
	register(to, s.describeInstances, narrowed(func(in *ec2.DescribeInstancesInput) bool { return len(in.Filters) > 0 || in.MaxResults != nil }))
	register(to, s.describeInstanceStatus, narrowed(func(in *ec2.DescribeInstanceStatusInput) bool { return len(in.Filters) > 0 || in.MaxResults != nil }))
	register(to, s.terminateInstances, rate{name: "TerminateInstances", burst: 100, perSecond: 5},
		rate{name: "terminated instances", burst: 1000, perSecond: 20, cost: length("InstanceIds")})
	register(to, s.createTags, rate{name: "CreateTags", burst: 100, perSecond: 10})
	register(to, s.deleteTags, rate{name: "DeleteTags", burst: 100, perSecond: 10})
}

// registerRest registers what instances are launched with.
func (s *ec2State) registerRest(to *service) {
	register(to, s.createLaunchTemplate, ec2Writes)
	register(to, s.createLaunchTemplateVersion, rate{name: "CreateLaunchTemplateVersion", burst: 100, perSecond: 5})
	register(to, s.describeLaunchTemplates, ec2Reads)
	register(to, s.describeLaunchTemplateVersions, ec2Reads)
	register(to, s.deleteLaunchTemplate, ec2Writes)
	register(to, s.createPlacementGroup, ec2Writes)
	register(to, s.describePlacementGroups, ec2Reads)
	register(to, s.deletePlacementGroup, ec2Writes)
	register(to, s.describeInstanceTypes, ec2Reads)
	register(to, s.describeInstanceTypeOfferings, ec2Reads)
	register(to, s.describeSpotPriceHistory, ec2Reads)
	register(to, s.describeImages, ec2Reads)
	register(to, s.describeAvailabilityZones, ec2Reads)
	register(to, s.describeSubnets, ec2Reads)
	register(to, s.describeSecurityGroups, ec2Reads)
	register(to, s.describeVpcs, ec2Reads)
	register(to, s.describeAccountAttributes, ec2Reads)
}

// launches chooses the bucket of launched instances, of which a call takes as many tokens as it wants instances. It is documented for
// RunInstances; that CreateFleet draws on it too is an assumption.
func launches[I any](count func(in *I) *int32) func(in any) rate {
	return func(in any) rate {
		bucket := rate{name: "launched instances", burst: 1000, perSecond: 2}
		if typed, ok := in.(*I); ok && count(typed) != nil {
			bucket.cost = func(any) float64 { return float64(*count(typed)) }
		}
		return bucket
	}
}

// narrowed chooses the bucket of calls that are narrowed by a filter or a page size, or that of those which are not.
func narrowed[I any](is func(in *I) bool) chosen {
	return func(in any) rate {
		if typed, ok := in.(*I); ok && is(typed) {
			return ec2Reads
		}
		return ec2Sweeps
	}
}

// zones returns the zones of the region.
func (w *World) zones() (names []string) {
	for _, letter := range "abc" {
		names = append(names, w.options.Region+string(letter))
	}
	return names
}

// leftovers lists what was launched or made and still exists. A fleet of type instant is the record of its launch, and exists as long as an
// instance of it.
func (s *ec2State) leftovers(installation string) (lines []string) {
	for _, i := range s.list {
		if state := i.now().state; state != types.InstanceStateNameTerminated && i.tags.of(installation) {
			lines = append(lines, "ec2 instance "+i.id+" "+string(state))
		}
	}
	for _, f := range s.fleets {
		if len(s.alive(f)) > 0 && f.tags.of(installation) {
			lines = append(lines, "ec2 fleet "+f.id)
		}
	}
	for _, t := range s.templates {
		if t.deleted.IsZero() && t.tags.of(installation) {
			lines = append(lines, "ec2 launch template "+t.name)
		}
	}
	for _, name := range sorted(s.groups) {
		if s.groups[name].tags.of(installation) {
			lines = append(lines, "ec2 placement group "+name)
		}
	}
	return lines
}
