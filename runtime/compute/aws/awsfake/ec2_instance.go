package awsfake

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// instance is an EC2 instance.
type instance struct {
	id, reservation string
	order           int // in which it was launched
	pool            Pool
	kind            *kind
	spec            launchSpec
	fleet           string
	token           string
	address         int // of the subnet's addresses
	tags            tags
	rate            float64 // dollars an hour, as at launch
	launched        time.Time
	changes         []change // of its state, the oldest first

	// notice is when EC2 will take it back, as its metadata says; zero if it does not.
	notice time.Time
	// impaired says that its status checks fail.
	impaired bool
	// cancel cancels what is planned for it.
	cancel []func()
}

// change is a change of an instance's state.
type change struct {
	at    time.Time
	state types.InstanceStateName
	// code and message are the StateReason, and reason is the StateTransitionReason; empty ones are not shown.
	code, message, reason string
}

// stateCodes are EC2's numbers of the states.
var stateCodes = map[types.InstanceStateName]int32{
	types.InstanceStateNamePending: 0, types.InstanceStateNameRunning: 16, types.InstanceStateNameShuttingDown: 32,
	types.InstanceStateNameTerminated: 48, types.InstanceStateNameStopping: 64, types.InstanceStateNameStopped: 80,
}

// now returns its last change.
func (i *instance) now() change { return i.changes[len(i.changes)-1] }

// asOf returns its last change as of a time; false if it did not exist.
func (i *instance) asOf(at time.Time) (change, bool) {
	for n := range i.changes {
		if c := i.changes[len(i.changes)-1-n]; !c.at.After(at) {
			return c, true
		}
	}
	return change{}, false
}

// ended reports whether it is terminated or about to be.
func (i *instance) ended() bool {
	return i.now().state == types.InstanceStateNameShuttingDown || i.now().state == types.InstanceStateNameTerminated
}

// spot reports whether it was launched on the Spot market.
func (i *instance) spot() bool { return i.pool.Spot }

// lifecycle returns its market as EC2 shows it: nothing on demand.
func (i *instance) lifecycle() types.InstanceLifecycleType {
	if i.spot() {
		return types.InstanceLifecycleTypeSpot
	}
	return ""
}

// seconds returns for how many seconds it is paid: while it runs, and for a minute at least.
func (i *instance) seconds(now time.Time) float64 {
	var from, to time.Time
	for _, c := range i.changes {
		switch {
		case c.state == types.InstanceStateNameRunning && from.IsZero():
			from = c.at
		case c.state != types.InstanceStateNameRunning && !from.IsZero() && to.IsZero():
			to = c.at
		}
	}
	if from.IsZero() {
		return 0
	}
	if to.IsZero() {
		to = now
	}
	return max(to.Sub(from), minimumBill).Seconds()
}

// describe returns it as DescribeInstances shows it as of a time.
func (s *ec2State) describe(i *instance, c change) types.Instance {
	shown := types.Instance{
		InstanceId: aws.String(i.id), InstanceType: types.InstanceType(i.kind.name), ImageId: aws.String(i.spec.image), Architecture: types.ArchitectureValues(i.kind.arch),
		LaunchTime: aws.Time(i.launched), State: &types.InstanceState{Name: c.state, Code: aws.Int32(stateCodes[c.state])},
		StateTransitionReason: aws.String(c.reason), Placement: &types.Placement{AvailabilityZone: aws.String(i.pool.Zone), Tenancy: types.TenancyDefault},
		Tags: i.tags.ec2(), ClientToken: aws.String(i.token), EbsOptimized: aws.Bool(false), VirtualizationType: types.VirtualizationTypeHvm,
		RootDeviceType: types.DeviceTypeEbs, RootDeviceName: aws.String("/dev/xvda"), Hypervisor: types.HypervisorTypeXen,
		Monitoring: &types.Monitoring{State: types.MonitoringStateDisabled}, AmiLaunchIndex: aws.Int32(0),
	}
	if i.spec.profile != "" {
		shown.IamInstanceProfile = &types.IamInstanceProfile{Arn: aws.String(s.world.arn("iam", "instance-profile/"+i.spec.profile))}
	}
	if i.spec.placementGroup != "" {
		shown.Placement.GroupName = aws.String(i.spec.placementGroup)
	}
	if i.spec.key != "" {
		shown.KeyName = aws.String(i.spec.key)
	}
	shown.InstanceLifecycle = i.lifecycle()
	if i.spot() {
		shown.SpotInstanceRequestId = aws.String("sir-" + i.id[2:10])
	}
	if c.code != "" {
		shown.StateReason = &types.StateReason{Code: aws.String(c.code), Message: aws.String(c.message)}
	}
	if c.state != types.InstanceStateNameTerminated { // a terminated instance has no network
		shown.SubnetId, shown.VpcId, shown.PrivateIpAddress = aws.String(i.spec.subnet), aws.String(vpcID), aws.String(s.privateAddress(i))
		for _, group := range i.spec.groups {
			shown.SecurityGroups = append(shown.SecurityGroups, types.GroupIdentifier{GroupId: aws.String(group), GroupName: aws.String("default")})
		}
	}
	return shown
}

// ec2 returns tags as EC2 shows them, in the order of their keys.
func (t tags) ec2() (list []types.Tag) {
	for _, key := range sorted(t) {
		list = append(list, types.Tag{Key: aws.String(key), Value: aws.String(t[key])})
	}
	return list
}

// addEC2 adds tags.
func (t tags) addEC2(list []types.Tag) {
	for _, tag := range list {
		t[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
}
