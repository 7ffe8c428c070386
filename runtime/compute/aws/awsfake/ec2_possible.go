package awsfake

// used is what other candidates of the same call take of a candidate's pool, of quotas by class, and of its subnet's addresses.
type used struct {
	room      int
	vcpus     map[string]int
	addresses int
}

// possible returns how many of the instances wanted a candidate can launch, and the error that stands in the way of the rest.
func (s *ec2State) possible(c *call, from candidate, wanted int, used used) (int, *Error) {
	k, known := kinds[from.pool.Type]
	switch {
	case !known:
		return 0, noSuchType(from.pool.Type)
	case !s.world.offered(k, from.pool.Zone):
		return 0, notOffered(from.pool)
	}
	if err := s.suits(from.spec, k); err != nil {
		return 0, err
	}
	if err := s.priced(c, from); err != nil {
		return 0, err
	}
	class := quotaClass(k, from.pool.Spot)
	limits := []struct {
		instances int
		err       *Error
	}{
		{s.room(from.pool, c.now) - used.room, noRoom(from.pool)},
		{(s.vcpus(class) - used.vcpus[class]) / k.vcpu, overQuota(class, s.quota(class))},
		{s.freeAddresses(from.spec.subnet) - used.addresses, noAddresses(from.spec.subnet)},
	}
	count, err := wanted, (*Error)(nil)
	for _, limit := range limits {
		if limit.instances < count {
			count, err = max(0, limit.instances), limit.err
		}
	}
	return count, err
}

// suits returns the error of what an instance of a type cannot be launched with.
func (s *ec2State) suits(spec launchSpec, k *kind) *Error {
	i := s.images[spec.image]
	switch {
	case spec.image == "":
		return missingParameter("ImageId")
	case i == nil:
		return noSuchImage(spec.image)
	case i.arch != k.arch:
		return wrongProcessor(k.arch, i.arch)
	case spec.profile != "" && s.world.iam.profiles[spec.profile] == nil:
		return noSuchProfile(spec.profile)
	case spec.placementGroup != "" && s.groups[spec.placementGroup] == nil:
		return noSuchPlacementGroup(spec.placementGroup)
	}
	for _, group := range spec.groups {
		if group != securityGroupID {
			return noSuchSecurityGroup(group)
		}
	}
	return nil
}

// priced returns the error of a Spot price that is higher than what is offered for it.
func (s *ec2State) priced(c *call, from candidate) *Error {
	if !from.pool.Spot || from.maxPrice == 0 {
		return nil
	}
	if price := s.world.price(from.pool, c.now); price > from.maxPrice {
		return priceTooLow(from.maxPrice, price)
	}
	return nil
}
