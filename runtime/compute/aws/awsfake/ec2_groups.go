package awsfake

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// placementGroup is a placement group.
type placementGroup struct {
	id, name string
	strategy types.PlacementStrategy
	tags     tags
}

func (g *placementGroup) describe() types.PlacementGroup {
	return types.PlacementGroup{
		GroupId: aws.String(g.id), GroupName: aws.String(g.name), Strategy: g.strategy, State: types.PlacementGroupStateAvailable, Tags: g.tags.ec2(),
	}
}

func (s *ec2State) createPlacementGroup(_ *call, in *ec2.CreatePlacementGroupInput) (*ec2.CreatePlacementGroupOutput, error) {
	name := aws.ToString(in.GroupName)
	if s.groups[name] != nil {
		return nil, refuse("InvalidPlacementGroup.Duplicate", "The Placement Group '%s' already exists.", name)
	}
	g := &placementGroup{id: s.world.id("pg"), name: name, strategy: in.Strategy, tags: tags{}}
	for _, spec := range in.TagSpecifications {
		g.tags.addEC2(spec.Tags)
	}
	s.groups[name] = g
	shown := g.describe()
	return &ec2.CreatePlacementGroupOutput{PlacementGroup: &shown}, nil
}

var placementFilters = filters[types.PlacementGroup]{
	"group-name": func(g types.PlacementGroup) []string { return []string{*g.GroupName} },
	"strategy":   func(g types.PlacementGroup) []string { return []string{string(g.Strategy)} },
	"state":      func(g types.PlacementGroup) []string { return []string{string(g.State)} },
}

func (s *ec2State) describePlacementGroups(_ *call, in *ec2.DescribePlacementGroupsInput) (*ec2.DescribePlacementGroupsOutput, error) {
	var all []types.PlacementGroup
	for _, name := range sorted(s.groups) {
		all = append(all, s.groups[name].describe())
	}
	found, err := pick(all, in.GroupNames, func(g types.PlacementGroup) string { return *g.GroupName }, noSuchPlacementGroup)
	if err != nil {
		return nil, err
	}
	found, err = placementFilters.apply(found, in.Filters, func(g types.PlacementGroup) []types.Tag { return g.Tags })
	return &ec2.DescribePlacementGroupsOutput{PlacementGroups: found}, err
}

func (s *ec2State) deletePlacementGroup(_ *call, in *ec2.DeletePlacementGroupInput) (*ec2.DeletePlacementGroupOutput, error) {
	name := aws.ToString(in.GroupName)
	if s.groups[name] == nil {
		return nil, noSuchPlacementGroup(name)
	}
	for _, i := range s.list {
		if i.spec.placementGroup == name && i.now().state != types.InstanceStateNameTerminated {
			return nil, refuse("InvalidPlacementGroup.InUse", "The placement group '%s' is in use and may not be deleted.", name)
		}
	}
	delete(s.groups, name)
	return &ec2.DeletePlacementGroupOutput{}, nil
}

func (s *ec2State) describeAccountAttributes(*call, *ec2.DescribeAccountAttributesInput) (*ec2.DescribeAccountAttributesOutput, error) {
	attribute := func(name, value string) types.AccountAttribute {
		return types.AccountAttribute{AttributeName: aws.String(name), AttributeValues: []types.AccountAttributeValue{{AttributeValue: aws.String(value)}}}
	}
	return &ec2.DescribeAccountAttributesOutput{AccountAttributes: []types.AccountAttribute{
		attribute("supported-platforms", "VPC"), attribute("default-vpc", vpcID), attribute("vpc-max-security-groups-per-interface", "5"),
	}}, nil
}
