package awsfake

import (
	"cmp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// taken is what a fleet takes of a candidate, and the error that kept it from taking more.
type taken struct {
	from  candidate
	count int
	err   *Error
}

// fulfil launches what a fleet asks for, as far as there is capacity.
func (s *ec2State) fulfil(c *call, order fleetOrder, f *fleet) *ec2.CreateFleetOutput {
	s.rank(c, &order)
	plan := s.allocate(c, order)
	reservation := s.world.id("r")
	out := &ec2.CreateFleetOutput{}
	lifecycle := types.InstanceLifecycleOnDemand
	if order.spot {
		lifecycle = types.InstanceLifecycleSpot
	}
	for _, t := range plan {
		if t.count > 0 {
			out.Instances = append(out.Instances, types.CreateFleetInstance{
				InstanceIds:  s.launch(c, t.from, t.count, reservation, f.id, f.token),
				InstanceType: types.InstanceType(t.from.pool.Type), Lifecycle: lifecycle, LaunchTemplateAndOverrides: &t.from.shown,
			})
		}
		if t.err != nil {
			out.Errors = append(out.Errors, types.CreateFleetError{
				ErrorCode: aws.String(t.err.Code), ErrorMessage: aws.String(t.err.Message), Lifecycle: lifecycle, LaunchTemplateAndOverrides: &t.from.shown,
			})
		}
	}
	return out
}

// rank puts the candidates into the order of the strategy.
func (s *ec2State) rank(c *call, order *fleetOrder) {
	price := func(from candidate) float64 {
		if kinds[from.pool.Type] == nil {
			return 0
		}
		return s.world.price(from.pool, c.now)
	}
	by := func(a, b candidate) int { return cmp.Compare(price(a), price(b)) }
	switch order.strategy {
	case "capacity-optimized":
		by = func(a, b candidate) int { return s.deeper(c, a, b) }
	case "price-capacity-optimized":
		by = func(a, b candidate) int {
			return cmp.Or(cmp.Compare(s.depth(c, b), s.depth(c, a)), cmp.Compare(price(a), price(b)))
		}
	case "prioritized":
		by = func(a, b candidate) int { return cmp.Compare(a.priority, b.priority) }
	case "capacity-optimized-prioritized":
		by = func(a, b candidate) int {
			return cmp.Or(cmp.Compare(s.depth(c, b), s.depth(c, a)), cmp.Compare(a.priority, b.priority))
		}
	}
	slices.SortStableFunc(order.candidates, by)
}

// deeper compares two candidates by the room in their pools, the larger first.
func (s *ec2State) deeper(c *call, a, b candidate) int {
	return cmp.Compare(s.room(b.pool, c.now), s.room(a.pool, c.now))
}

// depth is the room in a pool by powers of two: pools of one depth are as good as each other, and another criterion decides.
func (s *ec2State) depth(c *call, from candidate) (depth int) {
	for room := s.room(from.pool, c.now); room > 0; room /= 2 {
		depth++
	}
	return depth
}

// allocate divides the instances that a fleet asks for among its candidates. If all have to be of one type or in one zone, the first type or
// zone that gives all of them is taken, else the one that gives most. With fewer than the minimum, none is launched.
func (s *ec2State) allocate(c *call, order fleetOrder) []taken {
	var best []taken
	for _, group := range order.groups() {
		plan := s.take(c, group, order.count)
		if best == nil || total(plan) > total(best) {
			best = plan
		}
		if total(best) == order.count {
			break
		}
	}
	if total(best) < order.min {
		for n := range best {
			if best[n].count = 0; best[n].err == nil {
				best[n].err = belowMinimum()
			}
		}
	}
	return best
}

// take takes what each candidate has, until there is enough.
func (s *ec2State) take(c *call, candidates []candidate, wanted int) (plan []taken) {
	pools, vcpus, addresses := map[Pool]int{}, map[string]int{}, map[string]int{}
	for _, from := range candidates {
		if wanted == 0 {
			break
		}
		count, err := s.possible(c, from, wanted, used{pools[from.pool], vcpus, addresses[from.spec.subnet]})
		plan = append(plan, taken{from, count, err})
		if count > 0 {
			pools[from.pool] += count
			vcpus[quotaClass(kinds[from.pool.Type], from.pool.Spot)] += count * kinds[from.pool.Type].vcpu
			addresses[from.spec.subnet] += count
		}
		wanted -= count
	}
	return plan
}

// groups divides the candidates into those among which a fleet may mix.
func (o fleetOrder) groups() (groups [][]candidate) {
	if !o.oneType && !o.oneZone {
		return [][]candidate{o.candidates}
	}
	index := map[Pool]int{}
	for _, from := range o.candidates {
		var key Pool
		if o.oneType {
			key.Type = from.pool.Type
		}
		if o.oneZone {
			key.Zone = from.pool.Zone
		}
		n, known := index[key]
		if !known {
			n = len(groups)
			index[key], groups = n, append(groups, nil)
		}
		groups[n] = append(groups[n], from)
	}
	return groups
}

func total(plan []taken) (count int) {
	for _, t := range plan {
		count += t.count
	}
	return count
}
