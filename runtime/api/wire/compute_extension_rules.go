package wire

import (
	"math"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

const extension = resources + "batchd."

// extensionTypes are the types of environment that a member of computeResources.batchd is for.
var extensionTypes = map[string][]string{
	"memoryMiB":    {TypeLocal},
	"neverOver":    {TypeEC2, TypeSpot},
	"profile":      {TypeEC2, TypeSpot, TypeFargate, TypeFargateSpot, Unmanaged},
	"region":       {TypeEC2, TypeSpot, TypeFargate, TypeFargateSpot, Unmanaged},
	"ecsCluster":   {Unmanaged},
	"helperImage":  {TypeEC2, TypeSpot, TypeFargate, TypeFargateSpot, Unmanaged},
	"defaultImage": {TypeEC2, TypeSpot, TypeFargate, TypeFargateSpot, Unmanaged},
	"createRoles":  {TypeEC2, TypeSpot, TypeFargate, TypeFargateSpot},
}

var (
	regionPattern  = regexp.MustCompile(`^[a-z]{2,}(-[a-z]+)+-[0-9]+$`)
	clusterPattern = regexp.MustCompile(`^(arn:[a-z-]+:ecs:[a-z0-9-]+:[0-9]{12}:cluster/)?[A-Za-z0-9_-]{1,255}$`)
)

// check applies the rules that hold for each member alone. An empty text is as if it were absent, and in an update it removes the member.
func (x *ComputeResourceExtension) check(c *check) {
	if x == nil {
		return
	}
	if value(x.MemoryMiB) != 0 {
		integer(c, extension+"memoryMiB", x.MemoryMiB, minMemoryMiB, math.MaxInt32)
	}
	c.lengthIf(extension+"profile", x.Profile, 0, maxProfile)
	c.printable(extension+"profile", value(x.Profile))
	if region := value(x.Region); region != "" {
		c.that(regionPattern.MatchString(region), extension+"region", quoted(region), `the name of a region, such as "eu-central-1"`)
	}
	if cluster := value(x.EcsCluster); cluster != "" {
		c.that(clusterPattern.MatchString(cluster), extension+"ecsCluster", quoted(cluster), "the name of an ECS cluster (1 to 255 letters, digits, hyphens and underscores) or its ARN")
	}
	if image := value(x.HelperImage); image != "" {
		c.image(extension+"helperImage", image)
	}
	if image := value(x.DefaultImage); image != "" {
		c.image(extension+"defaultImage", image)
	}
}

// fits refuses the members that mean nothing for an environment of that type, which is UNMANAGED or a computeResources.type.
func (x *ComputeResourceExtension) fits(c *check, kind string) {
	for _, member := range sorted(membersOf(x)) {
		types := extensionTypes[member]
		c.absent(extension+member, !slices.Contains(types, kind), "for type "+kind+": it is for "+strings.Join(types, ", "))
	}
}

// keeps refuses to change where an environment is: what was made for it there would be left behind.
func (x *ComputeResourceExtension) keeps(c *check, now *ComputeResource) {
	if x == nil {
		return
	}
	var was ComputeResourceExtension
	if now != nil && now.Batchd != nil {
		was = *now.Batchd
	}
	same := func(member string, given, was *string) {
		c.that(given == nil || *given == value(was), extension+member, quoted(value(given)),
			quoted(value(was))+", which it was created with: create another compute environment")
	}
	same("profile", x.Profile, was.Profile)
	same("region", x.Region, was.Region)
	same("ecsCluster", x.EcsCluster, was.EcsCluster)
}

// checkUnmanaged refuses everything but the extension.
func (r *ComputeResource) checkUnmanaged(c *check) {
	c.absent("computeResources", r.Type != "" || r.SpotIamFleetRole != nil, "for type UNMANAGED")
	u := r.asUpdate()
	u.Type = nil
	u.onlyExtension(c)
}

// onlyExtension refuses everything but the extension, as is right for UNMANAGED.
func (r *ComputeResourceUpdate) onlyExtension(c *check) {
	others := *r
	others.Batchd = nil
	c.absent("computeResources", r.Batchd == nil || !reflect.ValueOf(others).IsZero(), "for type UNMANAGED")
	r.Batchd.check(c)
	r.Batchd.fits(c, Unmanaged)
}
