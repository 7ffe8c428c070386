package wire

import (
	"math"
	"strings"
)

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *CreateConsumableResourceRequest) Validate() error {
	c := &check{}
	c.name("consumableResourceName", r.ConsumableResourceName)
	integer(c, "totalQuantity", r.TotalQuantity, 0, math.MaxInt64)
	c.oneOfIf("resourceType", r.ResourceType, Replenishable, NonReplenishable)
	c.tags("tags", r.Tags)
	return c.err()
}

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *DescribeConsumableResourceRequest) Validate() error {
	return consumableResource(r.ConsumableResource)
}

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *DeleteConsumableResourceRequest) Validate() error {
	return consumableResource(r.ConsumableResource)
}

func consumableResource(nameOrARN string) error {
	c := &check{}
	c.identifier("consumableResource", nameOrARN)
	return c.err()
}

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *UpdateConsumableResourceRequest) Validate() error {
	c := &check{}
	c.identifier("consumableResource", r.ConsumableResource)
	c.oneOfIf("operation", r.Operation, OperationSet, OperationAdd, OperationRemove)
	needed(c, "quantity", r.Quantity, 0, math.MaxInt64)
	if r.ClientToken != nil {
		c.length("clientToken", *r.ClientToken, 1, maxToken)
		c.printable("clientToken", *r.ClientToken)
	}
	return c.err()
}

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *ListConsumableResourcesRequest) Validate() error {
	c := &check{}
	c.oneFilter(r.Filters, FilterConsumableResourceName)
	integer(c, "maxResults", r.MaxResults, 1, maxDescribe)
	return c.err()
}

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *ListJobsByConsumableResourceRequest) Validate() error {
	c := &check{}
	c.identifier("consumableResource", r.ConsumableResource)
	c.oneFilter(r.Filters, FilterJobStatus, FilterJobName)
	for _, f := range r.Filters {
		if f.Name == FilterJobStatus && len(f.Values) > 0 {
			c.oneOf("filters[0].values[0]", &f.Values[0], JobStatuses()...)
		}
	}
	integer(c, "maxResults", r.MaxResults, 1, maxDescribe)
	return c.err()
}

// oneFilter allows one filter of these names, with one value.
func (c *check) oneFilter(filters []KeyValuesPair, names ...string) {
	c.count("filters", len(filters), 0, 1)
	for i, f := range filters {
		field := at("filters", i)
		c.oneOf(field+".name", &filters[i].Name, names...)
		c.count(field+".values", len(f.Values), 1, 1)
		for j, v := range f.Values {
			c.identifier(at(field+".values", j), v)
		}
	}
}

// consumables checks what a job takes from counted pools.
func (c *check) consumables(field string, p *ConsumableResourceProperties) {
	if p == nil {
		return
	}
	field += ".consumableResourceList"
	c.count(field, len(p.ConsumableResourceList), 0, maxNeeds)
	seen := map[string]bool{}
	for i, r := range p.ConsumableResourceList {
		name := value(r.ConsumableResource)
		c.identifier(at(field, i)+".consumableResource", name)
		c.unique(at(field, i)+".consumableResource", name[strings.LastIndexByte(name, '/')+1:], seen)
		needed(c, at(field, i)+".quantity", r.Quantity, 1, math.MaxInt64)
	}
}
