package awsfake

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

var kindFilters = filters[*kind]{
	"instance-type":                         func(k *kind) []string { return []string{k.name} },
	"processor-info.supported-architecture": func(k *kind) []string { return []string{k.arch} },
	"bare-metal":                            func(k *kind) []string { return []string{fmt.Sprint(k.metal)} },
	"burstable-performance-supported":       func(k *kind) []string { return []string{fmt.Sprint(k.burstable)} },
	"current-generation":                    func(k *kind) []string { return []string{fmt.Sprint(k.family != "p3")} },
	"supported-usage-class":                 func(*kind) []string { return []string{"on-demand", "spot"} },
	"vcpu-info.default-vcpus":               func(k *kind) []string { return []string{fmt.Sprint(k.vcpu)} },
	"supported-virtualization-type":         func(*kind) []string { return []string{"hvm"} },
}

func (s *ec2State) describeInstanceTypes(_ *call, in *ec2.DescribeInstanceTypesInput) (*ec2.DescribeInstanceTypesOutput, error) {
	var found []*kind
	for _, name := range sorted(kinds) {
		found = append(found, kinds[name])
	}
	var ids []string
	for _, name := range in.InstanceTypes {
		ids = append(ids, string(name))
	}
	found, err := pick(found, ids, func(k *kind) string { return k.name }, noSuchType)
	if err != nil {
		return nil, err
	}
	if found, err = kindFilters.apply(found, in.Filters, nil); err != nil {
		return nil, err
	}
	found, next, err := pageOf(found, in.MaxResults, in.NextToken, pageOfTypes)
	out := &ec2.DescribeInstanceTypesOutput{NextToken: next}
	for _, k := range found {
		out.InstanceTypes = append(out.InstanceTypes, k.describe())
	}
	return out, err
}

// describe returns a type as EC2 shows it.
func (k *kind) describe() types.InstanceTypeInfo {
	shown := types.InstanceTypeInfo{
		InstanceType: types.InstanceType(k.name), CurrentGeneration: aws.Bool(k.family != "p3"),
		BareMetal: aws.Bool(k.metal), BurstablePerformanceSupported: aws.Bool(k.burstable),
		VCpuInfo:                     &types.VCpuInfo{DefaultVCpus: aws.Int32(int32(k.vcpu))},
		MemoryInfo:                   &types.MemoryInfo{SizeInMiB: aws.Int64(k.memory)},
		ProcessorInfo:                &types.ProcessorInfo{SupportedArchitectures: []types.ArchitectureType{types.ArchitectureType(k.arch)}},
		SupportedUsageClasses:        []types.UsageClassType{types.UsageClassTypeOnDemand, types.UsageClassTypeSpot},
		SupportedRootDeviceTypes:     []types.RootDeviceType{types.RootDeviceTypeEbs},
		SupportedVirtualizationTypes: []types.VirtualizationType{types.VirtualizationTypeHvm},
		InstanceStorageSupported:     aws.Bool(false), Hypervisor: types.InstanceTypeHypervisorNitro,
		PlacementGroupInfo: &types.PlacementGroupInfo{SupportedStrategies: types.PlacementGroupStrategy("").Values()},
		NetworkInfo:        &types.NetworkInfo{MaximumNetworkInterfaces: aws.Int32(4), NetworkPerformance: aws.String("Up to 12.5 Gigabit")},
	}
	if k.gpus > 0 {
		device := types.GpuDeviceInfo{
			Name: aws.String(k.gpu), Manufacturer: aws.String("NVIDIA"), Count: aws.Int32(int32(k.gpus)),
			MemoryInfo: &types.GpuDeviceMemoryInfo{SizeInMiB: aws.Int32(gpuMemory[k.gpu])},
		}
		shown.GpuInfo = &types.GpuInfo{Gpus: []types.GpuDeviceInfo{device}, TotalGpuMemoryInMiB: aws.Int32(gpuMemory[k.gpu] * int32(k.gpus))}
	}
	return shown
}

var offeringFilters = filters[types.InstanceTypeOffering]{
	"instance-type": func(o types.InstanceTypeOffering) []string { return []string{string(o.InstanceType)} },
	"location":      func(o types.InstanceTypeOffering) []string { return []string{*o.Location} },
}

func (s *ec2State) describeInstanceTypeOfferings(_ *call, in *ec2.DescribeInstanceTypeOfferingsInput) (*ec2.DescribeInstanceTypeOfferingsOutput, error) {
	var all []types.InstanceTypeOffering
	for _, name := range sorted(kinds) {
		offer := types.InstanceTypeOffering{InstanceType: types.InstanceType(name), LocationType: types.LocationTypeRegion, Location: aws.String(s.world.options.Region)}
		if in.LocationType != types.LocationTypeAvailabilityZone {
			all = append(all, offer)
			continue
		}
		for _, zone := range s.world.zones() {
			if s.world.offered(kinds[name], zone) {
				offer.LocationType, offer.Location = types.LocationTypeAvailabilityZone, aws.String(zone)
				all = append(all, offer)
			}
		}
	}
	found, err := offeringFilters.apply(all, in.Filters, nil)
	if err != nil {
		return nil, err
	}
	found, next, err := pageOf(found, in.MaxResults, in.NextToken, pageOfInstances)
	return &ec2.DescribeInstanceTypeOfferingsOutput{InstanceTypeOfferings: found, NextToken: next}, err
}
