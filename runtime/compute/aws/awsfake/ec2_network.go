package awsfake

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// The network of the account: one VPC with a security group, and a subnet in each zone. It has the same ids in every world.
const (
	vpcID           = "vpc-0123456789abcdef0"
	securityGroupID = "sg-0123456789abcdef0"
)

// Network is the network of an account.
type Network struct {
	VPC, SecurityGroup string
	// Subnets has one subnet for each zone, in the order of the zones.
	Subnets []string
}

// Network returns the network that the account has.
func (w *World) Network() Network {
	network := Network{VPC: vpcID, SecurityGroup: securityGroupID}
	for _, zone := range w.zones() {
		network.Subnets = append(network.Subnets, subnetID(zone))
	}
	return network
}

// subnetID returns the subnet of a zone, for example subnet-0aaaaaaaaaaaaaaaa of us-east-1a.
func subnetID(zone string) string {
	id := []byte("subnet-00000000000000000")
	for i := len("subnet-0"); i < len(id); i++ {
		id[i] = zone[len(zone)-1]
	}
	return string(id)
}

// zoneOf returns the zone of a subnet.
func (w *World) zoneOf(subnet string) (zone string, exists bool) {
	for _, zone := range w.zones() {
		if subnetID(zone) == subnet {
			return zone, true
		}
	}
	return "", false
}

// freeAddresses returns how many instances a subnet still takes.
func (s *ec2State) freeAddresses(subnet string) int {
	total := s.world.options.EC2.Addresses
	if total == 0 {
		total = addressesOfSubnet
	}
	for _, i := range s.list {
		if i.spec.subnet == subnet && !i.ended() {
			total--
		}
	}
	return max(0, total)
}

// privateAddress returns the address of an instance in its subnet.
func (s *ec2State) privateAddress(i *instance) string {
	letter := int(i.pool.Zone[len(i.pool.Zone)-1] - 'a')
	return fmt.Sprintf("172.31.%d.%d", letter*16+i.address/256%16, i.address%256)
}

func (s *ec2State) describeAvailabilityZones(*call, *ec2.DescribeAvailabilityZonesInput) (*ec2.DescribeAvailabilityZonesOutput, error) {
	out := &ec2.DescribeAvailabilityZonesOutput{}
	for n, zone := range s.world.zones() {
		out.AvailabilityZones = append(out.AvailabilityZones, types.AvailabilityZone{
			ZoneName: aws.String(zone), ZoneId: aws.String(fmt.Sprintf("use1-az%d", n+1)), RegionName: aws.String(s.world.options.Region),
			State: types.AvailabilityZoneStateAvailable, ZoneType: aws.String("availability-zone"), GroupName: aws.String(s.world.options.Region),
			OptInStatus: types.AvailabilityZoneOptInStatusOptInNotRequired,
		})
	}
	return out, nil
}

var subnetFilters = filters[types.Subnet]{
	"subnet-id":         func(n types.Subnet) []string { return []string{*n.SubnetId} },
	"vpc-id":            func(n types.Subnet) []string { return []string{*n.VpcId} },
	"availability-zone": func(n types.Subnet) []string { return []string{*n.AvailabilityZone} },
	"default-for-az":    func(n types.Subnet) []string { return []string{fmt.Sprint(*n.DefaultForAz)} },
	"state":             func(n types.Subnet) []string { return []string{string(n.State)} },
}

func (s *ec2State) describeSubnets(_ *call, in *ec2.DescribeSubnetsInput) (*ec2.DescribeSubnetsOutput, error) {
	var all []types.Subnet
	for n, zone := range s.world.zones() {
		all = append(all, types.Subnet{
			SubnetId: aws.String(subnetID(zone)), VpcId: aws.String(vpcID), AvailabilityZone: aws.String(zone), AvailabilityZoneId: aws.String(fmt.Sprintf("use1-az%d", n+1)),
			CidrBlock: aws.String(fmt.Sprintf("172.31.%d.0/20", n*16)), AvailableIpAddressCount: aws.Int32(int32(s.freeAddresses(subnetID(zone)))),
			State: types.SubnetStateAvailable, DefaultForAz: aws.Bool(true), MapPublicIpOnLaunch: aws.Bool(true), OwnerId: aws.String(s.world.options.Account),
			SubnetArn: aws.String(s.world.arn("ec2", "subnet/"+subnetID(zone))), AssignIpv6AddressOnCreation: aws.Bool(false), Ipv6Native: aws.Bool(false),
		})
	}
	found, err := pick(all, in.SubnetIds, func(n types.Subnet) string { return *n.SubnetId }, noSuchSubnet)
	if err != nil {
		return nil, err
	}
	found, err = subnetFilters.apply(found, in.Filters, nil)
	return &ec2.DescribeSubnetsOutput{Subnets: found}, err
}

var groupFilters = filters[types.SecurityGroup]{
	"group-id":   func(g types.SecurityGroup) []string { return []string{*g.GroupId} },
	"group-name": func(g types.SecurityGroup) []string { return []string{*g.GroupName} },
	"vpc-id":     func(g types.SecurityGroup) []string { return []string{*g.VpcId} },
}

func (s *ec2State) describeSecurityGroups(_ *call, in *ec2.DescribeSecurityGroupsInput) (*ec2.DescribeSecurityGroupsOutput, error) {
	all := []types.SecurityGroup{{
		GroupId: aws.String(securityGroupID), GroupName: aws.String("default"), Description: aws.String("default VPC security group"),
		VpcId: aws.String(vpcID), OwnerId: aws.String(s.world.options.Account), SecurityGroupArn: aws.String(s.world.arn("ec2", "security-group/"+securityGroupID)),
	}}
	found, err := pick(all, in.GroupIds, func(g types.SecurityGroup) string { return *g.GroupId }, noSuchSecurityGroup)
	if err != nil {
		return nil, err
	}
	found, err = groupFilters.apply(found, in.Filters, nil)
	return &ec2.DescribeSecurityGroupsOutput{SecurityGroups: found}, err
}

var vpcFilters = filters[types.Vpc]{
	"vpc-id":     func(v types.Vpc) []string { return []string{*v.VpcId} },
	"is-default": func(v types.Vpc) []string { return []string{fmt.Sprint(*v.IsDefault)} },
}

func (s *ec2State) describeVpcs(_ *call, in *ec2.DescribeVpcsInput) (*ec2.DescribeVpcsOutput, error) {
	all := []types.Vpc{{
		VpcId: aws.String(vpcID), CidrBlock: aws.String("172.31.0.0/16"), IsDefault: aws.Bool(true), State: types.VpcStateAvailable,
		OwnerId: aws.String(s.world.options.Account),
	}}
	found, err := pick(all, in.VpcIds, func(v types.Vpc) string { return *v.VpcId }, noSuchVPC)
	if err != nil {
		return nil, err
	}
	found, err = vpcFilters.apply(found, in.Filters, nil)
	return &ec2.DescribeVpcsOutput{Vpcs: found}, err
}
