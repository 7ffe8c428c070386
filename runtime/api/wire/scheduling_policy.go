package wire

import "math"

// FillDefaults gives the members that are absent the values that AWS describes them with.
func (p *FairsharePolicy) FillDefaults() {
	zero := int32(0)
	if p.ShareDecaySeconds == nil {
		p.ShareDecaySeconds = &zero
	}
	if p.ComputeReservation == nil {
		p.ComputeReservation = &zero
	}
	if p.ShareDistribution == nil {
		p.ShareDistribution = []ShareAttributes{}
	}
}

// CreateSchedulingPolicyRequest makes a policy of one of the two kinds; of neither, a fair-share policy without weights.
type CreateSchedulingPolicyRequest struct {
	Name             string            `json:"name"`
	FairsharePolicy  *FairsharePolicy  `json:"fairsharePolicy,omitempty"`
	QuotaSharePolicy *QuotaSharePolicy `json:"quotaSharePolicy,omitempty"` // stored and described only
	Tags             map[string]string `json:"tags,omitzero"`
}

// CreateSchedulingPolicyResponse names the policy.
type CreateSchedulingPolicyResponse struct {
	Name string `json:"name"`
	Arn  string `json:"arn"`
}

// UpdateSchedulingPolicyRequest replaces the policy of the kind it is of.
type UpdateSchedulingPolicyRequest struct {
	Arn              string            `json:"arn"`
	FairsharePolicy  *FairsharePolicy  `json:"fairsharePolicy,omitempty"`
	QuotaSharePolicy *QuotaSharePolicy `json:"quotaSharePolicy,omitempty"`
}

// DeleteSchedulingPolicyRequest ends a policy that no queue uses.
type DeleteSchedulingPolicyRequest struct {
	Arn string `json:"arn"`
}

// DescribeSchedulingPoliciesRequest asks for policies.
type DescribeSchedulingPoliciesRequest struct {
	Arns []string `json:"arns"` // at most 100
}

// DescribeSchedulingPoliciesResponse holds the policies that are known.
type DescribeSchedulingPoliciesResponse struct {
	SchedulingPolicies []SchedulingPolicyDetail `json:"schedulingPolicies"`
}

// SchedulingPolicyDetail is what is known of a policy.
type SchedulingPolicyDetail struct {
	Name             string            `json:"name"`
	Arn              string            `json:"arn"`
	FairsharePolicy  *FairsharePolicy  `json:"fairsharePolicy,omitempty"`
	QuotaSharePolicy *QuotaSharePolicy `json:"quotaSharePolicy,omitempty"`
	Tags             map[string]string `json:"tags,omitzero"`
}

// ListSchedulingPoliciesRequest asks for a page of all policies.
type ListSchedulingPoliciesRequest struct {
	MaxResults *int32 `json:"maxResults,omitempty"` // 1..100
	NextToken  string `json:"nextToken,omitempty"`
}

// ListSchedulingPoliciesResponse is one page of policies.
type ListSchedulingPoliciesResponse struct {
	SchedulingPolicies []SchedulingPolicyListing `json:"schedulingPolicies"`
	NextToken          string                    `json:"nextToken,omitempty"`
}

// SchedulingPolicyListing names a policy.
type SchedulingPolicyListing struct {
	Arn string `json:"arn"`
}

// FairsharePolicy divides capacity among share identifiers.
type FairsharePolicy struct {
	ShareDecaySeconds  *int32            `json:"shareDecaySeconds,omitempty"`  // 0..604800
	ComputeReservation *int32            `json:"computeReservation,omitempty"` // 0..99 per cent
	ShareDistribution  []ShareAttributes `json:"shareDistribution,omitzero"`
}

// ShareAttributes is the weight of one share identifier, or of all with a prefix.
type ShareAttributes struct {
	ShareIdentifier string   `json:"shareIdentifier"`        // a prefix if it ends in "*"
	WeightFactor    *float64 `json:"weightFactor,omitempty"` // 0.0001..999.9999; absent: 1
}

// Weight returns the weight in ten-thousandths, to the nearest.
func (a ShareAttributes) Weight() int64 {
	if a.WeightFactor == nil {
		return 10_000
	}
	return int64(math.Round(*a.WeightFactor * 10_000))
}

// QuotaSharePolicy lends what a quota share leaves idle.
type QuotaSharePolicy struct {
	IdleResourceAssignmentStrategy string `json:"idleResourceAssignmentStrategy"` // FIFO
}
