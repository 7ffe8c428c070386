package awsfake

import (
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/pricing"
)

// openPricing returns the price list. It has the prices on demand of instance types with Linux in this region.
func (w *World) openPricing() *service {
	s := jsonService("pricing", "1.1")
	register(s, w.getProducts, rate{name: "calls", burst: 10, perSecond: 10})
	return s
}

func (w *World) getProducts(_ *call, in *pricing.GetProductsInput) (*pricing.GetProductsOutput, error) {
	out := &pricing.GetProductsOutput{FormatVersion: aws.String("aws_v1")}
	if aws.ToString(in.ServiceCode) != "AmazonEC2" {
		return out, nil
	}
	var found []string
	for _, name := range sorted(kinds) {
		attributes := w.product(kinds[name])
		matches := true
		for _, filter := range in.Filters {
			matches = matches && attributes[aws.ToString(filter.Field)] == aws.ToString(filter.Value)
		}
		if matches {
			found = append(found, priceDocument(kinds[name], attributes))
		}
	}
	size := int32(pageOfPrices)
	if in.MaxResults != nil {
		size = min(size, *in.MaxResults)
	}
	var err error
	out.PriceList, out.NextToken, err = pageOf(found, &size, in.NextToken, pageOfPrices)
	return out, err
}

// product returns the attributes of a type that filters look at.
func (w *World) product(k *kind) map[string]string {
	return map[string]string{
		"instanceType": k.name, "regionCode": w.options.Region, "operatingSystem": "Linux", "tenancy": "Shared", "capacitystatus": "Used", "preInstalledSw": "NA",
		"productFamily": "Compute Instance", "licenseModel": "No License required", "marketoption": "OnDemand", "operation": "RunInstances",
		"servicecode": "AmazonEC2", "vcpu": fmt.Sprint(k.vcpu), "memory": fmt.Sprintf("%g GiB", float64(k.memory)/1024),
	}
}

// priceDocument returns a product as the price list writes it.
func priceDocument(k *kind, attributes map[string]string) string {
	const term, dimension = "JRTCKXETXF", "JRTCKXETXF.6YS6EN2CT7"
	text, err := json.Marshal(map[string]any{
		"serviceCode": "AmazonEC2",
		"product":     map[string]any{"sku": k.name, "productFamily": "Compute Instance", "attributes": attributes},
		"terms": map[string]any{"OnDemand": map[string]any{k.name + "." + term: map[string]any{
			"sku": k.name, "offerTermCode": term, "effectiveDate": "1999-12-01T00:00:00Z",
			"priceDimensions": map[string]any{k.name + "." + dimension: map[string]any{
				"unit": "Hrs", "beginRange": "0", "endRange": "Inf", "pricePerUnit": map[string]string{"USD": fmt.Sprintf("%.10f", k.price)},
			}},
		}}},
	})
	if err != nil {
		return err.Error() // maps of strings can be encoded
	}
	return string(text)
}
