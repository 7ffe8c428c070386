package batch

import "time"

// Resources is what an environment of AWS was asked to run on: computeResources of its document as typed values, with the service role
// and the update policy. It is made from the document as a whole and never changed in place. An empty value was not given, except where a
// field says otherwise. The names of AWS's members are in the comments.
type Resources struct {
	// Strategy is how instance types are chosen (allocationStrategy); [BestFit] if EC2 or SPOT gave none, empty for the other kinds.
	Strategy Strategy `json:",omitempty"`
	// InstanceTypes are types such as "c7i.large", families such as "c7i", or sets such as "optimal".
	InstanceTypes  []string `json:",omitempty"`
	Subnets        []string `json:",omitempty"`
	SecurityGroups []string `json:",omitempty"` // securityGroupIds
	InstanceRole   string   `json:",omitempty"` // an instance profile, by name or ARN
	// Images are the kinds of machine image (ec2Configuration), at most two. Without one, the kind follows from the instance type.
	Images []Image `json:",omitempty"`
	// ImageID is an image for all instances. An entry of Images that has an ID of its own has precedence.
	ImageID        string          `json:",omitempty"`
	LaunchTemplate *LaunchTemplate `json:",omitempty"`
	// BidPercent is the largest price of a Spot instance, as a percentage of the On-Demand price; 100 if EC2 or SPOT gave none or 0.
	BidPercent     int32             `json:",omitempty"`
	SpotFleetRole  string            `json:",omitempty"` // spotIamFleetRole
	KeyPair        string            `json:",omitempty"` // ec2KeyPair
	PlacementGroup string            `json:",omitempty"`
	Tags           map[string]string `json:",omitempty"` // of the instances
	// ScaleDownDelay is how long an instance is kept after its last job (scalingPolicy.minScaleDownDelayMinutes): 20 minutes to 7 days, 0: not.
	ScaleDownDelay time.Duration `json:",omitempty"`
	// DesiredMilliCPU is what its hosts were asked to have together at first (desiredvCpus): thousandths of a vCPU.
	DesiredMilliCPU int64 `json:",omitempty"`
	// UnmanagedMilliCPU is what fair-share reservations of an UNMANAGED environment are of (unmanagedvCpus): thousandths of a vCPU.
	UnmanagedMilliCPU int64        `json:",omitempty"`
	ServiceRole       string       `json:",omitempty"`
	UpdatePolicy      UpdatePolicy // what an update that replaces instances does to their jobs

	// The members of the extension batchd.

	// NeverOver keeps the instances within [Environment].Max; otherwise they may exceed it by one, as AWS's.
	NeverOver bool `json:",omitempty"`
	// Profile and Region choose the account and the region among those of the runtime's AWS configuration; empty: its defaults.
	Profile string `json:",omitempty"`
	Region  string `json:",omitempty"`
	// ECSCluster is the name or ARN of a cluster of the user's for UNMANAGED; empty: one is made.
	ECSCluster string `json:",omitempty"`
	// HelperImage runs what an image without a shell cannot: scripts and results.
	HelperImage string `json:",omitempty"`
	// DefaultImage is the image of jobs that have none, which otherwise run on LOCAL only.
	DefaultImage string `json:",omitempty"`
	// CreateRoles has missing IAM roles made.
	CreateRoles bool `json:",omitempty"`
}

// Strategy is how the instance types of an environment are chosen.
type Strategy string

// The strategies (AWS: allocationStrategy). Those that begin with SPOT are for SPOT only.
const (
	BestFit                          Strategy = "BEST_FIT"
	BestFitProgressive               Strategy = "BEST_FIT_PROGRESSIVE"
	BestFitProgressiveOrdered        Strategy = "BEST_FIT_PROGRESSIVE_ORDERED"
	SpotCapacityOptimized            Strategy = "SPOT_CAPACITY_OPTIMIZED"
	SpotCapacityOptimizedPrioritized Strategy = "SPOT_CAPACITY_OPTIMIZED_PRIORITIZED"
	SpotPriceCapacityOptimized       Strategy = "SPOT_PRICE_CAPACITY_OPTIMIZED"
)

// Image chooses a machine image for the instance types that it fits (an entry of ec2Configuration).
type Image struct {
	Type              string // imageType, for example "ECS_AL2023" or "ECS_AL2023_NVIDIA"
	ID                string `json:",omitempty"` // imageIdOverride: this image instead of the newest of its type
	KubernetesVersion string `json:",omitempty"`
}

// LaunchTemplate is the EC2 launch template of the instances.
type LaunchTemplate struct {
	TemplateRef
	Overrides []TemplateOverride `json:",omitempty"`
}

// TemplateRef names a launch template, by its id or by its name.
type TemplateRef struct {
	ID           string `json:",omitempty"`
	Name         string `json:",omitempty"`
	Version      string `json:",omitempty"` // a number, "$Latest" or "$Default"; empty: "$Default"
	UserdataType string `json:",omitempty"` // for EKS only
}

// TemplateOverride is another launch template for some instance types.
type TemplateOverride struct {
	TemplateRef
	InstanceTypes []string `json:",omitempty"` // types or families of Resources.InstanceTypes
}

// UpdatePolicy is what an update that replaces instances does to the jobs on them.
type UpdatePolicy struct {
	TerminateJobs bool `json:",omitempty"` // terminateJobsOnUpdate: they are ended at once
	// JobTimeout is how long they may go on otherwise (jobExecutionTimeoutMinutes): a minute to 5 days.
	JobTimeout time.Duration `json:",omitempty"`
}

// Values of what an EC2 or SPOT environment does not give (AWS).
const (
	// DefaultBidPercent is bidPercentage.
	DefaultBidPercent = 100
	// DefaultUpdateJobTimeout is updatePolicy.jobExecutionTimeoutMinutes.
	DefaultUpdateJobTimeout = 30 * time.Minute
)
