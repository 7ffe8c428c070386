package catalogue

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

var quiet = slog.New(slog.DiscardHandler)

func find(t *testing.T, types []Type, name string) Type {
	t.Helper()
	for _, found := range types {
		if found.Name == name {
			return found
		}
	}
	t.Fatalf("there is no %s", name)
	return Type{}
}

func TestTheTableOfFamiliesHasWhatAWSPublishes(t *testing.T) {
	types := Fallback()
	for _, want := range []Type{
		{Name: "m5.large", Architecture: X86, VCPUs: 2, MemoryMiB: 8192, MicroUSD: 96_000},
		{Name: "c5.9xlarge", Architecture: X86, VCPUs: 36, MemoryMiB: 73728, MicroUSD: 1_530_000},
		{Name: "c7g.medium", Architecture: ARM, VCPUs: 1, MemoryMiB: 2048, MicroUSD: 36_250},
		{Name: "r7i.48xlarge", Architecture: X86, VCPUs: 192, MemoryMiB: 1536 * 1024, MicroUSD: 12_700_800},
		{Name: "g4dn.12xlarge", Architecture: X86, VCPUs: 48, MemoryMiB: 192 * 1024, GPUs: 4, GPUModel: "T4", MicroUSD: 3_912_000},
	} {
		got := find(t, types, want.Name)
		if got.Architecture != want.Architecture || got.VCPUs != want.VCPUs || got.MemoryMiB != want.MemoryMiB || got.GPUs != want.GPUs || got.GPUModel != want.GPUModel || got.MicroUSD != want.MicroUSD {
			t.Errorf("%s is %+v, want %+v", want.Name, got, want)
		}
	}
	seen := map[string]bool{}
	for _, typ := range types {
		if seen[typ.Name] || typ.VCPUs <= 0 || typ.MemoryMiB <= 0 || typ.MicroUSD <= 0 {
			t.Errorf("%+v is listed twice or lacks something", typ)
		}
		seen[typ.Name] = true
	}
}

func TestNamesStandForTypes(t *testing.T) {
	types := append(Fallback(), Type{Name: "c7i.metal-24xl", Architecture: X86, VCPUs: 96, MemoryMiB: 192 * 1024})
	for _, c := range []struct {
		names []string
		want  string // the families or types that are selected
	}{
		{[]string{"c7i.large"}, "c7i.large"},
		{[]string{"c7i.large", "c7i.xlarge", "c7i.large"}, "c7i.large c7i.xlarge"},
		{[]string{"C7I.large"}, "c7i.large"},
		{[]string{"c7i.metal-24xl"}, "c7i.metal-24xl"},
	} {
		selected, err := Select(types, c.names)
		if err != nil {
			t.Errorf("%q: %v", c.names, err)
		}
		var names []string
		for _, s := range selected {
			names = append(names, s.Name)
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("%q stands for %s, want %s", c.names, got, c.want)
		}
	}
	for name, families := range map[string][]string{
		"c7i": {"c7i"}, "optimal": {"c6i", "c7i", "m6i", "r6i"}, "default_x86_64": {"c6i", "c7i", "m6i", "r6i"}, "default_arm64": {"c6g", "c7g", "m6g", "r6g"},
	} {
		selected, err := Select(types, []string{name})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var got []string
		for _, s := range selected {
			if s.Metal() {
				t.Errorf("%s includes %s", name, s.Name)
			}
			got = append(got, s.Family())
		}
		if got = slices.Compact(got); !slices.Equal(got, families) {
			t.Errorf("%s stands for the families %q, want %q", name, got, families)
		}
	}
}

func TestNamesThatCannotBeUsedAreRefusedWithTheReason(t *testing.T) {
	for _, c := range []struct {
		names []string
		want  string
	}{
		{[]string{"c7x.large"}, `"c7x.large" is not an instance type or a family`},
		{[]string{"c7i.large", "c7g.large"}, `"c7i.large" is x86_64 and "c7g.large" is arm64`},
	} {
		if _, err := Select(Fallback(), c.names); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v, want one with %s", c.names, err, c.want)
		}
	}
}

func wants(types ...string) Wanted {
	return Wanted{Types: types, Zones: []string{"us-east-1a", "us-east-1b"}, Market: batch.OnDemand}
}

func TestOffersAreTheCheapestFirstAndSmallFirst(t *testing.T) {
	s, err := offers(Fallback(), wants("c7i", "m5.large"), func(typ *Type) int64 { return typ.MemoryMiB })
	if err != nil {
		t.Fatal(err)
	}
	first, last := s.Offers[0], s.Offers[len(s.Offers)-1]
	if first.Type != "c7i.large" || first.Zone != "us-east-1a" || first.MicroUSDPerHour != 89_250 || (first.Shape != batch.Shape{MilliCPU: 2000, MemoryMiB: 4096}) {
		t.Errorf("the first offer is %+v", first)
	}
	if last.Type != "m5.large" {
		t.Errorf("the last offer is %+v, want m5.large, which is dearest for each vCPU", last)
	}
	if s.Architecture != X86 || s.GPUs || !s.Plain {
		t.Errorf("selection %+v", s)
	}
}

func TestSpotOffersHaveThePriceOfTheirZoneWithinTheBid(t *testing.T) {
	typ := row("c7i.large", X86, 2, 4, 0, "", 100_000)
	typ.Spot = map[string]int64{"us-east-1a": 40_000, "us-east-1b": 70_000}
	w := wants("c7i.large")
	w.Market, w.BidPercentage = batch.SpotMarket, 50
	s, err := offers([]Type{typ}, w, func(*Type) int64 { return 4000 })
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Offers) != 1 || s.Offers[0].Zone != "us-east-1a" || s.Offers[0].MicroUSDPerHour != 40_000 || s.Offers[0].Market != batch.SpotMarket {
		t.Errorf("offers %+v, want the one of us-east-1a", s.Offers)
	}
	w.BidPercentage = 30
	if _, err := offers([]Type{typ}, w, func(*Type) int64 { return 4000 }); err == nil || !strings.Contains(err.Error(), "bidPercentage") {
		t.Errorf("a bid that no zone meets gives the error %v", err)
	}
}

func TestZonesWithoutATypeHaveNoOfferOfIt(t *testing.T) {
	typ := row("c7i.large", X86, 2, 4, 0, "", 100_000)
	typ.Zones = []string{"us-east-1b"}
	s, err := offers([]Type{typ}, wants("c7i"), func(*Type) int64 { return 4000 })
	if err != nil || len(s.Offers) != 1 || s.Offers[0].Zone != "us-east-1b" {
		t.Errorf("offers %+v, %v", s.Offers, err)
	}
}

// source answers with types or an error, and counts how often it is asked.
type source struct {
	types []Type
	err   error
	asked int
}

func (s *source) read(context.Context) ([]Type, error) {
	s.asked++
	return s.types, s.err
}

func TestTypesAreReadAgainWhenTheyAreOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "aws", "types.json")
		s := &source{types: []Type{row("c7i.large", X86, 2, 4, 0, "", 1)}}
		for range 2 { // the second catalogue reads the file
			c := Open(path, s.read, quiet)
			for range 3 {
				if _, err := c.Offers(t.Context(), wants("c7i.large")); err != nil {
					t.Fatal(err)
				}
			}
		}
		if s.asked != 1 {
			t.Errorf("the account was asked %d times, want once", s.asked)
		}
		time.Sleep(maxAge + time.Minute)
		c := Open(path, s.read, quiet)
		if !c.Stale() {
			t.Error("types of yesterday are not stale")
		}
		s.types[0].MicroUSD = 2
		got, err := c.Offers(t.Context(), wants("c7i.large"))
		if err != nil || got.Offers[0].MicroUSDPerHour != 2 || s.asked != 2 {
			t.Errorf("after %v the offers are %+v (%v), asked %d times", maxAge, got.Offers, err, s.asked)
		}
	})
}

func TestWithoutTheAccountOldTypesAreUsedAndTheTableLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "types.json")
		s := &source{err: errors.New("not permitted")}
		c := Open(path, s.read, quiet)
		for range 3 {
			got, err := c.Offers(t.Context(), wants("c7i.large"))
			if err != nil || got.Offers[0].MicroUSDPerHour != 89_250 {
				t.Fatalf("offers %+v, %v", got.Offers, err)
			}
		}
		if s.asked != 1 {
			t.Errorf("the account was asked %d times in a row, want once", s.asked)
		}
		s.types, s.err = []Type{row("c7i.large", X86, 2, 4, 0, "", 3)}, nil
		time.Sleep(retryAfter + time.Second)
		if got, err := c.Offers(t.Context(), wants("c7i.large")); err != nil || got.Offers[0].MicroUSDPerHour != 3 {
			t.Errorf("offers %+v, %v", got.Offers, err)
		}
		s.types, s.err = nil, errors.New("away")
		time.Sleep(maxAge + time.Second)
		if got, err := c.Offers(t.Context(), wants("c7i.large")); err != nil || got.Offers[0].MicroUSDPerHour != 3 {
			t.Errorf("offers %+v, %v", got.Offers, err)
		}
	})
}

func TestMemoryIsGuessedUntilItIsLearnt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "types.json")
	s := &source{types: []Type{row("m4.large", X86, 2, 8, 0, "", 1)}}
	c := Open(path, s.read, quiet)
	memory := func(c *Catalogue) int64 {
		got, err := c.Offers(t.Context(), wants("m4.large"))
		if err != nil {
			t.Fatal(err)
		}
		return got.Offers[0].Shape.MemoryMiB
	}
	if got := memory(c); got != 7841 { // 96.5 % of 8192, less 64
		t.Errorf("the guess is %d MiB", got)
	}
	if !c.Learn("m4.large", 7953) || c.Learn("m4.large", 7953) {
		t.Error("the same memory is news twice, or never")
	}
	for _, c := range []*Catalogue{c, Open(path, s.read, quiet)} {
		if got := memory(c); got != 7953 {
			t.Errorf("after an instance registered 7953 MiB, %d are expected", got)
		}
	}
}

func TestAFileThatIsBrokenIsReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "types.json")
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := &source{types: []Type{row("c7i.large", X86, 2, 4, 0, "", 1)}}
	if _, err := Open(path, s.read, quiet).Offers(t.Context(), wants("c7i.large")); err != nil {
		t.Error(err)
	}
	if _, err := Open(path, s.read, quiet).Offers(t.Context(), wants("c7i.large")); err != nil || s.asked != 1 {
		t.Errorf("asked %d times, %v", s.asked, err)
	}
}
