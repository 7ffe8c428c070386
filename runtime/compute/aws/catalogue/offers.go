package catalogue

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Wanted is what an environment asks for.
type Wanted struct {
	Types []string // as [Select] takes them
	Zones []string // of its subnets
	// Market is how its hosts are paid for.
	Market batch.Market
	// BidPercentage is the most that a Spot host may cost, in percent of what it costs on demand; 0 and 100: as much as that.
	BidPercentage int32
}

// Selection is what an environment can have.
type Selection struct {
	Offers       []batch.Offer // the cheapest for each vCPU first
	Architecture Architecture
	GPUs         bool // some of the types have GPUs
	Plain        bool // some of the types have none
}

// offers makes the offers of types in zones. The function memory says how much of it an instance of a type registers.
func offers(types []Type, w Wanted, memory func(*Type) int64) (Selection, error) {
	selected, err := Select(types, w.Types)
	if err != nil {
		return Selection{}, err
	}
	var s Selection
	for i := range selected {
		t := &selected[i]
		s.Architecture = t.Architecture
		if t.GPUs > 0 {
			s.GPUs = true
		} else {
			s.Plain = true
		}
		shape := batch.Shape{MilliCPU: 1000 * t.VCPUs, MemoryMiB: memory(t), GPUs: t.GPUs}
		for _, zone := range w.Zones {
			price, ok := t.price(zone, &w)
			if ok && (len(t.Zones) == 0 || slices.Contains(t.Zones, zone)) {
				s.Offers = append(s.Offers, batch.Offer{Pool: batch.Pool{Type: t.Name, Zone: zone, Market: w.Market}, Shape: shape, MicroUSDPerHour: price, OnDemand: t.MicroUSD})
			}
		}
	}
	if len(s.Offers) == 0 {
		return Selection{}, fmt.Errorf("computeResources: none of the instance types %q is offered in the zones %q of the subnets for the price that bidPercentage allows; add types, or subnets in other zones", w.Types, w.Zones)
	}
	slices.SortFunc(s.Offers, cheaper)
	return s, nil
}

// price returns what an hour of t costs in a zone, and whether that is within the bid. Without a price for Spot it is that of on demand,
// which Spot does not exceed.
func (t *Type) price(zone string, w *Wanted) (int64, bool) {
	if w.Market != batch.SpotMarket {
		return t.MicroUSD, true
	}
	spot, known := t.Spot[zone]
	if !known {
		return t.MicroUSD, true
	}
	most := t.MicroUSD * int64(cmp.Or(w.BidPercentage, 100)) / 100
	return spot, t.MicroUSD == 0 || spot <= most
}

// cheaper orders offers by their price for each vCPU, then by size: small hosts are easier to fill and to give back.
func cheaper(a, b batch.Offer) int {
	return cmp.Or(
		cmp.Compare(a.MicroUSDPerHour*b.Shape.MilliCPU, b.MicroUSDPerHour*a.Shape.MilliCPU),
		cmp.Compare(a.Shape.MilliCPU, b.Shape.MilliCPU),
		cmp.Compare(a.Shape.MemoryMiB, b.Shape.MemoryMiB),
		cmp.Compare(a.Type, b.Type),
		cmp.Compare(a.Zone, b.Zone),
	)
}
