package awsfake

import (
	"fmt"
	"time"
)

// Pool is what capacity comes from: a type in a zone, on one market.
type Pool struct {
	Type, Zone string
	Spot       bool
}

func (p Pool) String() string {
	market := "on demand"
	if p.Spot {
		market = "Spot"
	}
	return p.Type + " in " + p.Zone + " " + market
}

// SetRoom says how many instances fit into a pool from now on, whatever the options say. A pool without room refuses launches
// with InsufficientInstanceCapacity.
func (w *World) SetRoom(pool Pool, instances int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ec2.rooms[pool] = instances
}

// room returns how many more instances fit into a pool.
func (s *ec2State) room(p Pool, now time.Time) int {
	total, set := s.rooms[p]
	if !set {
		span := s.world.options.EC2.Room
		if span.Max == 0 {
			return endless
		}
		total = span.Min + s.world.dice("room", fmt.Sprint(p, s.period(now))).IntN(span.Max-span.Min+1)
	}
	for _, i := range s.list {
		if i.pool == p && !i.ended() {
			total--
		}
	}
	return max(0, total)
}

// period counts the periods for which the room of pools was drawn.
func (s *ec2State) period(now time.Time) int64 {
	if s.world.options.EC2.RoomPeriod == 0 {
		return 0
	}
	return now.Unix() / int64(s.world.options.EC2.RoomPeriod/time.Second)
}

// vcpus returns how many vCPUs of a quota are left.
func (s *ec2State) vcpus(class string) int {
	left := s.quota(class)
	for _, i := range s.list {
		if !i.ended() && quotaClass(i.kind, i.spot()) == class {
			left -= i.kind.vcpu
		}
	}
	return max(0, left)
}

func (s *ec2State) quota(class string) int {
	if quota := s.world.options.EC2.VCPUs[class]; quota != 0 {
		return quota
	}
	return defaultVCPUs[class]
}

// quotaClass returns the name of the quota that an instance counts against, for example "standard" or "spot g".
func quotaClass(k *kind, spot bool) string {
	if spot {
		return quotaSpot + k.quota
	}
	return k.quota
}
