package catalogue

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/pricing"

	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/awsfake"
)

// live is the source that asks an account in memory.
func live(w *awsfake.World) Source {
	return Live(ec2.NewFromConfig(w.Config()), pricing.NewFromConfig(w.Config()), "us-east-1")
}

func TestTypesZonesAndPricesAreReadFromTheAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := awsfake.New(awsfake.Options{})
		defer w.Close()
		types, err := live(w)(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		plain := find(t, types, "c7i.large")
		if plain.Architecture != X86 || plain.VCPUs != 2 || plain.MemoryMiB != 4096 || plain.MicroUSD != 89_250 || plain.GPUs != 0 {
			t.Errorf("c7i.large is %+v", plain)
		}
		if !slices.Equal(plain.Zones, []string{"us-east-1a", "us-east-1b", "us-east-1c"}) || len(plain.Spot) != 3 {
			t.Errorf("c7i.large is offered in %v, on Spot for %v", plain.Zones, plain.Spot)
		}
		for zone, price := range plain.Spot {
			if price <= 0 || price >= plain.MicroUSD {
				t.Errorf("in %s a Spot instance costs %d, on demand %d", zone, price, plain.MicroUSD)
			}
		}
		if gpu := find(t, types, "g5.12xlarge"); gpu.GPUs != 4 || gpu.GPUModel != "A10G" {
			t.Errorf("g5.12xlarge is %+v", gpu)
		}
		if scarce := find(t, types, "p3.2xlarge"); len(scarce.Zones) != 2 {
			t.Errorf("p3.2xlarge is offered in %v", scarce.Zones)
		}
	})
}

func TestWithoutPricesThoseOfTheTableAreUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := awsfake.New(awsfake.Options{})
		defer w.Close()
		w.Inject(awsfake.Fault{Service: "pricing", Kind: awsfake.Answered, Error: &awsfake.Error{Status: 400, Code: "AccessDeniedException", Message: "no"}})
		types, err := live(w)(t.Context())
		if err == nil || !strings.Contains(err.Error(), "reading the list of prices") {
			t.Errorf("error %v", err)
		}
		if got := find(t, types, "c7i.large").MicroUSD; got != 89_250 {
			t.Errorf("c7i.large costs %d", got)
		}
	})
}
