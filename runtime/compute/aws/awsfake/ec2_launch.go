package awsfake

import (
	"encoding/base64"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// launchSpec is what an instance is launched with.
type launchSpec struct {
	image, profile, key, subnet, placementGroup string
	groups                                      []string
	userData                                    string // decoded
	shutdown                                    types.ShutdownBehavior
	tags                                        tags
}

// specOf returns what a version of a template launches with.
func specOf(data types.RequestLaunchTemplateData) launchSpec {
	spec := launchSpec{
		image: aws.ToString(data.ImageId), key: aws.ToString(data.KeyName), groups: slices.Clone(data.SecurityGroupIds),
		shutdown: data.InstanceInitiatedShutdownBehavior, tags: tags{},
	}
	text, _ := base64.StdEncoding.DecodeString(aws.ToString(data.UserData)) // it was checked when the template was made
	spec.userData = string(text)
	if p := data.IamInstanceProfile; p != nil {
		spec.profile = aws.ToString(p.Name) + lastPart(aws.ToString(p.Arn))
	}
	if data.Placement != nil {
		spec.placementGroup = aws.ToString(data.Placement.GroupName)
	}
	for _, network := range data.NetworkInterfaces {
		spec.groups = append(spec.groups, network.Groups...)
		if network.SubnetId != nil {
			spec.subnet = *network.SubnetId
		}
	}
	for _, t := range data.TagSpecifications {
		if t.ResourceType == types.ResourceTypeInstance {
			spec.tags.addEC2(t.Tags)
		}
	}
	return spec
}

// candidate is one way to launch: an override of a fleet, or the request of RunInstances.
type candidate struct {
	pool     Pool
	spec     launchSpec
	priority float64
	maxPrice float64 // dollars an hour; 0 means the price on demand
	shown    types.LaunchTemplateAndOverridesResponse
}

// launch launches instances of a candidate, which must be possible.
func (s *ec2State) launch(c *call, from candidate, count int, reservation, fleet, token string) (ids []string) {
	var launched []*instance
	for range count {
		i := &instance{
			id: s.world.id("i"), reservation: reservation, order: s.launched, pool: from.pool, kind: kinds[from.pool.Type], spec: from.spec, fleet: fleet, token: token,
			address: s.launched + addressesReserved, tags: tags{}, rate: s.world.price(from.pool, c.now), launched: c.now,
		}
		s.launched++
		for key, value := range from.spec.tags {
			i.tags[key] = value
		}
		if fleet != "" {
			i.tags["aws:ec2:fleet-id"] = fleet
		}
		s.instances[i.id] = i
		s.list = append(s.list, i)
		s.world.meter.Instances++
		launched, ids = append(launched, i), append(ids, i.id)
	}
	for _, i := range launched {
		s.begin(i)
	}
	return ids
}

// forget removes an instance that nobody is shown any more.
func (s *ec2State) forget(i *instance) {
	delete(s.instances, i.id)
	for n := range s.list {
		if s.list[n] == i {
			s.list = append(s.list[:n], s.list[n+1:]...)
			break
		}
	}
}

// mayLaunch returns the error of a caller who may call CreateFleet or RunInstances, but not do all that it does.
func (s *ec2State) mayLaunch(c *call, specs []candidate, spot bool) error {
	requested := c.requested()
	if err := c.may(demand{action: "ec2:RunInstances", facts: requested}); err != nil {
		return err
	}
	for _, from := range specs {
		if len(from.spec.tags) > 0 {
			if err := c.may(demand{action: "ec2:CreateTags", facts: requested.and("ec2:CreateAction", c.Operation)}); err != nil {
				return err
			}
		}
		if p := s.world.iam.profiles[from.spec.profile]; p != nil && p.role != "" {
			if err := c.mayPass(s.world.iam.arn(s.world.iam.roles[p.role]), "ec2.amazonaws.com"); err != nil {
				return err
			}
		}
	}
	return s.linkSpot(c, spot)
}

// linkSpot makes the role that EC2 needs for Spot instances, if its caller may make it.
func (s *ec2State) linkSpot(c *call, spot bool) error {
	const linked = "AWSServiceRoleForEC2Spot"
	if !spot || s.world.iam.roles[linked] != nil {
		return nil
	}
	if c.may(demand{action: "iam:CreateServiceLinkedRole", facts: facts{}.and("iam:AWSServiceName", "spot.amazonaws.com")}) != nil {
		return noSpotRole()
	}
	s.world.iam.roles[linked] = &role{name: linked, path: "/aws-service-role/spot.amazonaws.com/", created: c.now, inline: map[string]string{}}
	return nil
}
