package wire

import (
	"fmt"
	"regexp"
	"strings"
)

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *CreateSchedulingPolicyRequest) Validate() error {
	c := &check{}
	c.name("name", r.Name)
	c.policy(r.FairsharePolicy, r.QuotaSharePolicy)
	c.tags("tags", r.Tags)
	return c.err()
}

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *UpdateSchedulingPolicyRequest) Validate() error {
	c := &check{}
	c.identifier("arn", r.Arn)
	c.policy(r.FairsharePolicy, r.QuotaSharePolicy)
	return c.err()
}

// policy checks that there is one policy at most, and that one. One that has only a name is a fair-share policy without weights.
func (c *check) policy(fair *FairsharePolicy, quota *QuotaSharePolicy) {
	switch {
	case fair == nil && quota == nil:
	case fair != nil && quota != nil:
		c.fail("quotaSharePolicy", "a value beside fairsharePolicy", "only one of fairsharePolicy and quotaSharePolicy")
	case quota != nil:
		c.oneOf("quotaSharePolicy.idleResourceAssignmentStrategy", &quota.IdleResourceAssignmentStrategy, "FIFO")
	default:
		integer(c, "fairsharePolicy.shareDecaySeconds", fair.ShareDecaySeconds, 0, maxDecay)
		integer(c, "fairsharePolicy.computeReservation", fair.ComputeReservation, 0, maxReservation)
		c.shares("fairsharePolicy.shareDistribution", fair.ShareDistribution)
	}
}

var sharePattern = regexp.MustCompile(`^[A-Za-z0-9]*[A-Za-z0-9*]$`)

func (c *check) shareIdentifier(field, text string) {
	c.length(field, text, 1, maxShare)
	c.that(sharePattern.MatchString(text), field, quoted(text), "letters and digits, and * at the end")
}

func (c *check) shares(field string, shares []ShareAttributes) {
	c.count(field, len(shares), 0, maxShares)
	for i, s := range shares {
		c.shareIdentifier(at(field, i)+".shareIdentifier", s.ShareIdentifier)
		w := float32(Or(s.WeightFactor, 1)) // AWS's type: some clients send what is nearest to 0.0001 as one
		c.that(w >= minWeight && w <= maxWeight, at(field, i)+".weightFactor", fmt.Sprint(value(s.WeightFactor)), "0.0001 to 999.9999")
		for j := 0; j < i && c.first == nil; j++ {
			if other := shares[j].ShareIdentifier; overlap(s.ShareIdentifier, other) {
				c.fail(at(field, i)+".shareIdentifier", fmt.Sprintf("%s, which overlaps with %s", quoted(s.ShareIdentifier), quoted(other)),
					"identifiers and prefixes of which none begins with another that ends in *")
			}
		}
	}
}

// overlap reports whether some share identifier is meant by both entries.
func overlap(a, b string) bool {
	a, manyA := strings.CutSuffix(a, "*")
	b, manyB := strings.CutSuffix(b, "*")
	return a == b || manyA && strings.HasPrefix(b, a) || manyB && strings.HasPrefix(a, b)
}

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *DeleteSchedulingPolicyRequest) Validate() error {
	c := &check{}
	c.identifier("arn", r.Arn)
	return c.err()
}

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *DescribeSchedulingPoliciesRequest) Validate() error {
	c := &check{}
	c.count("arns", len(r.Arns), 1, maxDescribe)
	for i, arn := range r.Arns {
		c.identifier(at("arns", i), arn)
	}
	return c.err()
}

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *ListSchedulingPoliciesRequest) Validate() error {
	c := &check{}
	integer(c, "maxResults", r.MaxResults, 1, maxDescribe)
	return c.err()
}
