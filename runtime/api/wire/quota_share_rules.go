package wire

import (
	"fmt"
	"math"
)

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *CreateQuotaShareRequest) Validate() error {
	c := &check{}
	c.name("quotaShareName", r.QuotaShareName)
	c.identifier("jobQueue", r.JobQueue)
	c.capacityLimits(r.CapacityLimits)
	c.that(r.ResourceSharingConfiguration != nil, "resourceSharingConfiguration", "nothing", "an object: it is required")
	c.that(r.PreemptionConfiguration != nil, "preemptionConfiguration", "nothing", "an object: it is required")
	c.sharing(r.ResourceSharingConfiguration, r.PreemptionConfiguration)
	c.oneOfIf("state", r.State, Enabled, Disabled)
	c.tags("tags", r.Tags)
	return c.err()
}

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *UpdateQuotaShareRequest) Validate() error {
	c := &check{}
	c.identifier("quotaShareArn", r.QuotaShareArn)
	if r.CapacityLimits != nil {
		c.capacityLimits(r.CapacityLimits)
	}
	c.sharing(r.ResourceSharingConfiguration, r.PreemptionConfiguration)
	c.oneOfIf("state", r.State, Enabled, Disabled)
	return c.err()
}

func (c *check) capacityLimits(limits []CapacityLimit) {
	const field = "capacityLimits"
	c.count(field, len(limits), 1, maxCapacityLimits)
	seen := map[string]bool{}
	for i, l := range limits {
		needed(c, at(field, i)+".maxCapacity", l.MaxCapacity, 0, math.MaxInt32)
		c.identifier(at(field, i)+".capacityUnit", l.CapacityUnit)
		c.unique(at(field, i)+".capacityUnit", l.CapacityUnit, seen)
	}
}

// sharing checks what is given of how a share lends and what it may end.
func (c *check) sharing(r *ResourceSharing, p *QuotaSharePreemption) {
	if r != nil {
		const field = "resourceSharingConfiguration."
		c.oneOf(field+"strategy", &r.Strategy, ShareReserve, ShareLend, ShareLendAndBorrow)
		integer(c, field+"borrowLimit", r.BorrowLimit, -1, math.MaxInt32)
		c.that(r.BorrowLimit == nil || *r.BorrowLimit == -1 || r.Strategy == ShareLendAndBorrow, field+"borrowLimit",
			fmt.Sprint(value(r.BorrowLimit)), "nothing for strategy "+r.Strategy+": only "+ShareLendAndBorrow+" borrows")
	}
	if p != nil {
		c.oneOf("preemptionConfiguration.inSharePreemption", &p.InSharePreemption, Enabled, Disabled)
	}
}

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *DeleteQuotaShareRequest) Validate() error { return oneQuotaShare(r.QuotaShareArn) }

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *DescribeQuotaShareRequest) Validate() error { return oneQuotaShare(r.QuotaShareArn) }

func oneQuotaShare(arn string) error {
	c := &check{}
	c.identifier("quotaShareArn", arn)
	return c.err()
}

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *ListQuotaSharesRequest) Validate() error {
	c := &check{}
	c.identifier("jobQueue", r.JobQueue)
	integer(c, "maxResults", r.MaxResults, 1, maxDescribe)
	return c.err()
}
