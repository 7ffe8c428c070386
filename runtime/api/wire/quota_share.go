package wire

// Strategies of a [ResourceSharing].
const (
	ShareReserve       = "RESERVE"
	ShareLend          = "LEND"
	ShareLendAndBorrow = "LEND_AND_BORROW"
)

// CreateQuotaShareRequest makes a quota share of a queue. Quota shares are stored and described; jobs are not
// yet scheduled by them.
type CreateQuotaShareRequest struct {
	QuotaShareName               string                `json:"quotaShareName"`
	JobQueue                     string                `json:"jobQueue"`                // name or ARN
	CapacityLimits               []CapacityLimit       `json:"capacityLimits,omitzero"` // 1..5
	ResourceSharingConfiguration *ResourceSharing      `json:"resourceSharingConfiguration,omitempty"`
	PreemptionConfiguration      *QuotaSharePreemption `json:"preemptionConfiguration,omitempty"`
	State                        *string               `json:"state,omitempty"` // absent: ENABLED
	Tags                         map[string]string     `json:"tags,omitzero"`
}

// QuotaShareResponse answers a create or an update.
type QuotaShareResponse struct {
	QuotaShareName string `json:"quotaShareName"`
	QuotaShareArn  string `json:"quotaShareArn"`
}

// UpdateQuotaShareRequest changes what it names; each member replaces the one before.
type UpdateQuotaShareRequest struct {
	QuotaShareArn                string                `json:"quotaShareArn"`
	CapacityLimits               []CapacityLimit       `json:"capacityLimits,omitzero"`
	ResourceSharingConfiguration *ResourceSharing      `json:"resourceSharingConfiguration,omitempty"`
	PreemptionConfiguration      *QuotaSharePreemption `json:"preemptionConfiguration,omitempty"`
	State                        *string               `json:"state,omitempty"`
}

// DeleteQuotaShareRequest ends a quota share.
type DeleteQuotaShareRequest struct {
	QuotaShareArn string `json:"quotaShareArn"`
}

// DescribeQuotaShareRequest asks for one quota share.
type DescribeQuotaShareRequest struct {
	QuotaShareArn string `json:"quotaShareArn"`
}

// ListQuotaSharesRequest asks for a page of the quota shares of a queue.
type ListQuotaSharesRequest struct {
	JobQueue   string `json:"jobQueue"`             // name or ARN
	MaxResults *int32 `json:"maxResults,omitempty"` // 1..100
	NextToken  string `json:"nextToken,omitempty"`
}

// ListQuotaSharesResponse is one page of quota shares. They are listed without their tags.
type ListQuotaSharesResponse struct {
	QuotaShares []QuotaShareDetail `json:"quotaShares"`
	NextToken   string             `json:"nextToken,omitempty"`
}

// QuotaShareDetail is what is known of a quota share.
type QuotaShareDetail struct {
	QuotaShareName               string                `json:"quotaShareName"`
	QuotaShareArn                string                `json:"quotaShareArn"`
	JobQueueArn                  string                `json:"jobQueueArn"`
	CapacityLimits               []CapacityLimit       `json:"capacityLimits,omitzero"`
	ResourceSharingConfiguration *ResourceSharing      `json:"resourceSharingConfiguration,omitempty"`
	PreemptionConfiguration      *QuotaSharePreemption `json:"preemptionConfiguration,omitempty"`
	State                        string                `json:"state"`
	Status                       string                `json:"status"`
	Tags                         map[string]string     `json:"tags,omitzero"`
}

// CapacityLimit is how much of a unit the jobs of a share may have without borrowing.
type CapacityLimit struct {
	MaxCapacity  *int32 `json:"maxCapacity,omitempty"` // required
	CapacityUnit string `json:"capacityUnit"`
}

// ResourceSharing is what becomes of the capacity that a share leaves idle.
type ResourceSharing struct {
	Strategy    string `json:"strategy"`
	BorrowLimit *int32 `json:"borrowLimit,omitempty"` // per cent of its limits; -1, or absent: no bound
}

// QuotaSharePreemption says whether jobs of a share may end one another.
type QuotaSharePreemption struct {
	InSharePreemption string `json:"inSharePreemption"` // ENABLED or DISABLED
}
