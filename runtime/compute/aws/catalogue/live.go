package catalogue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/pricing"
	pricingtypes "github.com/aws/aws-sdk-go-v2/service/pricing/types"
)

// Live is the source that asks the account: which types there are, which zones have them, and what they cost on demand and on Spot. The prices
// client must be of a region that has the price list. Types whose price is not known get that of the table of families.
func Live(client *ec2.Client, prices *pricing.Client, region string) Source {
	return func(ctx context.Context) ([]Type, error) {
		types, err := describeTypes(ctx, client)
		if err != nil {
			return nil, fmt.Errorf("reading the instance types: %w", err)
		}
		byName := make(map[string]*Type, len(types))
		for i := range types {
			byName[types[i].Name] = &types[i]
		}
		err = errors.Join(
			describeZones(ctx, client, byName),
			describeSpotPrices(ctx, client, byName),
			listPrices(ctx, prices, region, byName),
		)
		fillPrices(byName)
		return types, err
	}
}

func describeTypes(ctx context.Context, client *ec2.Client) (types []Type, err error) {
	pages := ec2.NewDescribeInstanceTypesPaginator(client, &ec2.DescribeInstanceTypesInput{MaxResults: aws.Int32(100)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for i := range page.InstanceTypes {
			if t, ok := typeOf(&page.InstanceTypes[i]); ok {
				types = append(types, t)
			}
		}
	}
	return types, nil
}

// typeOf converts a type. It leaves out those that run no Linux tasks.
func typeOf(info *ec2types.InstanceTypeInfo) (Type, bool) {
	t := Type{Name: string(info.InstanceType)}
	if info.ProcessorInfo == nil || info.VCpuInfo == nil || info.MemoryInfo == nil {
		return t, false
	}
	for _, a := range info.ProcessorInfo.SupportedArchitectures {
		if a := Architecture(a); a == X86 || a == ARM {
			t.Architecture = a
		}
	}
	t.VCPUs = int64(aws.ToInt32(info.VCpuInfo.DefaultVCpus))
	t.MemoryMiB = aws.ToInt64(info.MemoryInfo.SizeInMiB)
	if info.GpuInfo != nil {
		for _, gpu := range info.GpuInfo.Gpus {
			if strings.EqualFold(aws.ToString(gpu.Manufacturer), "NVIDIA") {
				t.GPUs += int64(aws.ToInt32(gpu.Count))
				t.GPUModel = aws.ToString(gpu.Name)
			}
		}
	}
	return t, t.Architecture != "" && t.VCPUs > 0 && t.MemoryMiB > 0
}

func describeZones(ctx context.Context, client *ec2.Client, types map[string]*Type) error {
	pages := ec2.NewDescribeInstanceTypeOfferingsPaginator(client, &ec2.DescribeInstanceTypeOfferingsInput{
		LocationType: ec2types.LocationTypeAvailabilityZone, MaxResults: aws.Int32(1000),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("reading which zones have which instance types: %w", err)
		}
		for _, o := range page.InstanceTypeOfferings {
			if t := types[string(o.InstanceType)]; t != nil {
				t.Zones = append(t.Zones, aws.ToString(o.Location))
			}
		}
	}
	for _, t := range types {
		slices.Sort(t.Zones)
	}
	return nil
}

func describeSpotPrices(ctx context.Context, client *ec2.Client, types map[string]*Type) error {
	pages := ec2.NewDescribeSpotPriceHistoryPaginator(client, &ec2.DescribeSpotPriceHistoryInput{
		StartTime: aws.Time(time.Now()), ProductDescriptions: []string{"Linux/UNIX"}, MaxResults: aws.Int32(1000),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("reading the prices of Spot instances: %w", err)
		}
		for _, p := range page.SpotPriceHistory {
			t := types[string(p.InstanceType)]
			price, ok := microUSD(aws.ToString(p.SpotPrice))
			if t == nil || !ok {
				continue
			}
			if t.Spot == nil {
				t.Spot = map[string]int64{}
			}
			if zone := aws.ToString(p.AvailabilityZone); t.Spot[zone] == 0 { // the newest comes first
				t.Spot[zone] = price
			}
		}
	}
	return nil
}

// listPrices reads what instances cost on demand: of Linux, shared, and without a reservation.
func listPrices(ctx context.Context, client *pricing.Client, region string, types map[string]*Type) error {
	var filters []pricingtypes.Filter
	for _, f := range [][2]string{{"regionCode", region}, {"operatingSystem", "Linux"}, {"preInstalledSw", "NA"}, {"tenancy", "Shared"}, {"capacitystatus", "Used"}, {"marketoption", "OnDemand"}} {
		filters = append(filters, pricingtypes.Filter{Field: aws.String(f[0]), Value: aws.String(f[1]), Type: pricingtypes.FilterTypeTermMatch})
	}
	pages := pricing.NewGetProductsPaginator(client, &pricing.GetProductsInput{ServiceCode: aws.String("AmazonEC2"), Filters: filters})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("reading the list of prices: %w", err)
		}
		for _, document := range page.PriceList {
			name, price, ok := priceIn(document)
			if t := types[name]; ok && t != nil {
				t.MicroUSD = price
			}
		}
	}
	return nil
}

// product is what is read of an entry of the price list.
type product struct {
	Product struct {
		Attributes struct {
			InstanceType string `json:"instanceType"`
		} `json:"attributes"`
	} `json:"product"`
	Terms struct {
		OnDemand map[string]struct {
			PriceDimensions map[string]struct {
				Unit         string            `json:"unit"`
				PricePerUnit map[string]string `json:"pricePerUnit"`
			} `json:"priceDimensions"`
		} `json:"OnDemand"`
	} `json:"terms"`
}

func priceIn(document string) (name string, price int64, ok bool) {
	var p product
	if err := json.Unmarshal([]byte(document), &p); err != nil {
		return "", 0, false
	}
	for _, term := range p.Terms.OnDemand {
		for _, dimension := range term.PriceDimensions {
			price, ok = microUSD(dimension.PricePerUnit["USD"])
			if ok && price > 0 {
				return p.Product.Attributes.InstanceType, price, true
			}
		}
	}
	return "", 0, false
}

// microUSD reads dollars as millionths: "0.0928" is 92,800.
func microUSD(dollars string) (int64, bool) {
	amount, err := strconv.ParseFloat(dollars, 64)
	return int64(math.Round(amount * 1e6)), err == nil && amount >= 0
}

// fillPrices gives types without a price that of the table of families: an estimate is better for ordering offers than none.
func fillPrices(types map[string]*Type) {
	for _, known := range Fallback() {
		if t := types[known.Name]; t != nil && t.MicroUSD == 0 {
			t.MicroUSD = known.MicroUSD
		}
	}
}
