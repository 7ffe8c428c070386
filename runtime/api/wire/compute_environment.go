package wire

// Values of type, state and status of environments and queues.
const (
	Managed   = "MANAGED"
	Unmanaged = "UNMANAGED"

	Enabled  = "ENABLED"
	Disabled = "DISABLED"

	// TypeLocal is the computeResources.type that stands for the runtime's own machine.
	TypeLocal       = "LOCAL"
	TypeEC2         = "EC2"
	TypeSpot        = "SPOT"
	TypeFargate     = "FARGATE"
	TypeFargateSpot = "FARGATE_SPOT"

	Valid    = "VALID"
	Invalid  = "INVALID"
	Creating = "CREATING"
	Updating = "UPDATING"
	Deleting = "DELETING"
	Deleted  = "DELETED"
)

// CreateComputeEnvironmentRequest makes an environment.
type CreateComputeEnvironmentRequest struct {
	ComputeEnvironmentName string            `json:"computeEnvironmentName"`
	Type                   string            `json:"type"`
	State                  *string           `json:"state,omitempty"` // absent: ENABLED
	ComputeResources       *ComputeResource  `json:"computeResources,omitempty"`
	UnmanagedvCpus         *int32            `json:"unmanagedvCpus,omitempty"`
	ServiceRole            *string           `json:"serviceRole,omitempty"`
	EksConfiguration       *EksConfiguration `json:"eksConfiguration,omitempty"` // refused
	Context                *string           `json:"context,omitempty"`          // reserved by AWS; kept and described
	Tags                   map[string]string `json:"tags,omitzero"`
}

// ComputeEnvironmentResponse answers a create or an update.
type ComputeEnvironmentResponse struct {
	ComputeEnvironmentName string `json:"computeEnvironmentName"`
	ComputeEnvironmentArn  string `json:"computeEnvironmentArn"`
}

// UpdateComputeEnvironmentRequest changes what it names and leaves the rest.
type UpdateComputeEnvironmentRequest struct {
	ComputeEnvironment string                 `json:"computeEnvironment"` // name or ARN
	State              *string                `json:"state,omitempty"`
	ServiceRole        *string                `json:"serviceRole,omitempty"`
	UnmanagedvCpus     *int32                 `json:"unmanagedvCpus,omitempty"`
	UpdatePolicy       *UpdatePolicy          `json:"updatePolicy,omitempty"`
	Context            *string                `json:"context,omitempty"`
	ComputeResources   *ComputeResourceUpdate `json:"computeResources,omitempty"`
}

// DeleteComputeEnvironmentRequest ends an environment that is disabled and in no queue.
type DeleteComputeEnvironmentRequest struct {
	ComputeEnvironment string `json:"computeEnvironment"` // name or ARN
}

// DescribeComputeEnvironmentsRequest asks for the named environments, or for all.
type DescribeComputeEnvironmentsRequest struct {
	ComputeEnvironments []string `json:"computeEnvironments,omitzero"` // names or ARNs, at most 100
	MaxResults          *int32   `json:"maxResults,omitempty"`         // 1..100
	NextToken           string   `json:"nextToken,omitempty"`
}

// DescribeComputeEnvironmentsResponse is one page of environments. Unknown names are left out.
type DescribeComputeEnvironmentsResponse struct {
	ComputeEnvironments []ComputeEnvironmentDetail `json:"computeEnvironments"`
	NextToken           string                     `json:"nextToken,omitempty"`
}

// ComputeEnvironmentDetail is what is known of an environment.
type ComputeEnvironmentDetail struct {
	ComputeEnvironmentName     string            `json:"computeEnvironmentName"`
	ComputeEnvironmentArn      string            `json:"computeEnvironmentArn"`
	UUID                       string            `json:"uuid,omitempty"`
	Type                       string            `json:"type,omitempty"`
	State                      string            `json:"state,omitempty"`
	Status                     string            `json:"status,omitempty"`
	StatusReason               string            `json:"statusReason,omitempty"`
	ComputeResources           *ComputeResource  `json:"computeResources,omitempty"`
	UnmanagedvCpus             *int32            `json:"unmanagedvCpus,omitempty"`
	ServiceRole                *string           `json:"serviceRole,omitempty"`
	EcsClusterArn              string            `json:"ecsClusterArn,omitempty"`
	EksConfiguration           *EksConfiguration `json:"eksConfiguration,omitempty"`
	ContainerOrchestrationType string            `json:"containerOrchestrationType,omitempty"`
	UpdatePolicy               *UpdatePolicy     `json:"updatePolicy,omitempty"`
	Context                    *string           `json:"context,omitempty"`
	Tags                       map[string]string `json:"tags,omitzero"`
}

// ComputeResource is what an environment runs on. That of an UNMANAGED environment has nothing but the member batchd.
type ComputeResource struct {
	Type               string                       `json:"type,omitempty"`
	MaxvCpus           *int32                       `json:"maxvCpus,omitempty"`
	MinvCpus           *int32                       `json:"minvCpus,omitempty"`
	DesiredvCpus       *int32                       `json:"desiredvCpus,omitempty"`
	AllocationStrategy *string                      `json:"allocationStrategy,omitempty"`
	InstanceTypes      []string                     `json:"instanceTypes,omitzero"`
	Subnets            []string                     `json:"subnets,omitzero"`
	SecurityGroupIds   []string                     `json:"securityGroupIds,omitzero"`
	InstanceRole       *string                      `json:"instanceRole,omitempty"`
	Ec2Configuration   []Ec2Configuration           `json:"ec2Configuration,omitzero"`
	ImageID            *string                      `json:"imageId,omitempty"`
	LaunchTemplate     *LaunchTemplateSpecification `json:"launchTemplate,omitempty"`
	BidPercentage      *int32                       `json:"bidPercentage,omitempty"`
	SpotIamFleetRole   *string                      `json:"spotIamFleetRole,omitempty"`
	Ec2KeyPair         *string                      `json:"ec2KeyPair,omitempty"`
	PlacementGroup     *string                      `json:"placementGroup,omitempty"`
	Tags               map[string]string            `json:"tags,omitzero"`
	ScalingPolicy      *ComputeScalingPolicy        `json:"scalingPolicy,omitempty"`
	Batchd             *ComputeResourceExtension    `json:"batchd,omitempty"`
}

// FillDefaults gives the members of an EC2 or SPOT environment that are absent what AWS describes them with.
func (r *ComputeResource) FillDefaults() {
	if r.Type != TypeEC2 && r.Type != TypeSpot {
		return
	}
	if r.MinvCpus == nil {
		r.MinvCpus = new(int32)
	}
	if r.DesiredvCpus == nil {
		r.DesiredvCpus = r.MinvCpus
	}
	if len(r.Ec2Configuration) == 0 {
		r.Ec2Configuration = []Ec2Configuration{{ImageType: "ECS_AL2023"}}
	}
}

// ComputeResourceUpdate is a partial [ComputeResource]: what is absent stays.
type ComputeResourceUpdate struct {
	Type                       *string                      `json:"type,omitempty"`
	MaxvCpus                   *int32                       `json:"maxvCpus,omitempty"`
	MinvCpus                   *int32                       `json:"minvCpus,omitempty"`
	DesiredvCpus               *int32                       `json:"desiredvCpus,omitempty"`
	AllocationStrategy         *string                      `json:"allocationStrategy,omitempty"`
	InstanceTypes              []string                     `json:"instanceTypes,omitzero"`
	Subnets                    []string                     `json:"subnets,omitzero"`
	SecurityGroupIds           []string                     `json:"securityGroupIds,omitzero"`
	InstanceRole               *string                      `json:"instanceRole,omitempty"`
	Ec2Configuration           []Ec2Configuration           `json:"ec2Configuration,omitzero"`
	ImageID                    *string                      `json:"imageId,omitempty"`
	LaunchTemplate             *LaunchTemplateSpecification `json:"launchTemplate,omitempty"`
	BidPercentage              *int32                       `json:"bidPercentage,omitempty"`
	Ec2KeyPair                 *string                      `json:"ec2KeyPair,omitempty"`
	PlacementGroup             *string                      `json:"placementGroup,omitempty"`
	Tags                       map[string]string            `json:"tags,omitzero"`
	ScalingPolicy              *ComputeScalingPolicy        `json:"scalingPolicy,omitempty"`
	UpdateToLatestImageVersion *bool                        `json:"updateToLatestImageVersion,omitempty"`
	Batchd                     *ComputeResourceExtension    `json:"batchd,omitempty"`
}

// ComputeResourceExtension is what an environment has that AWS's do not. Each member is for some types only; all but memoryMiB are for those of
// AWS.
type ComputeResourceExtension struct {
	// MemoryMiB bounds the memory that the attempts of a LOCAL environment hold together; absent or 0: the
	// machine alone does.
	MemoryMiB *int64 `json:"memoryMiB,omitempty"`
	// NeverOver keeps the instances of EC2 and SPOT within maxvCpus; absent: they may exceed it by one instance, as AWS's.
	NeverOver *bool `json:"neverOver,omitempty"`
	// Profile and Region choose among the credentials and regions that the runtime's AWS configuration has; absent or empty: its defaults.
	Profile *string `json:"profile,omitempty"`
	Region  *string `json:"region,omitempty"`
	// EcsCluster is the name or ARN of a cluster that exists, for UNMANAGED; absent or empty: one is made.
	EcsCluster *string `json:"ecsCluster,omitempty"`
	// HelperImage is an image with a shell, which runs the scripts and reads the results of images without one.
	HelperImage *string `json:"helperImage,omitempty"`
	// DefaultImage is the image of jobs that have none, which otherwise run in LOCAL environments only.
	DefaultImage *string `json:"defaultImage,omitempty"`
	// CreateRoles has the IAM roles made that are missing. Then instanceRole may be absent.
	CreateRoles *bool `json:"createRoles,omitempty"`
}

// Ec2Configuration chooses a machine image.
type Ec2Configuration struct {
	ImageType              string  `json:"imageType"`
	ImageIDOverride        *string `json:"imageIdOverride,omitempty"`
	ImageKubernetesVersion *string `json:"imageKubernetesVersion,omitempty"`
	BatchImageStatus       *string `json:"batchImageStatus,omitempty"` // read only
}

// LaunchTemplateSpecification names an EC2 launch template.
type LaunchTemplateSpecification struct {
	LaunchTemplateID   *string                  `json:"launchTemplateId,omitempty"`
	LaunchTemplateName *string                  `json:"launchTemplateName,omitempty"`
	Version            *string                  `json:"version,omitempty"`
	UserdataType       *string                  `json:"userdataType,omitempty"`
	Overrides          []LaunchTemplateOverride `json:"overrides,omitzero"`
}

// LaunchTemplateOverride names the launch template of some instance types.
type LaunchTemplateOverride struct {
	LaunchTemplateID    *string  `json:"launchTemplateId,omitempty"`
	LaunchTemplateName  *string  `json:"launchTemplateName,omitempty"`
	Version             *string  `json:"version,omitempty"`
	UserdataType        *string  `json:"userdataType,omitempty"`
	TargetInstanceTypes []string `json:"targetInstanceTypes,omitzero"`
}

// ComputeScalingPolicy delays scaling down.
type ComputeScalingPolicy struct {
	MinScaleDownDelayMinutes *int32 `json:"minScaleDownDelayMinutes,omitempty"` // 0 or 20..10080
}

// UpdatePolicy is what an update that replaces instances does to running jobs.
type UpdatePolicy struct {
	TerminateJobsOnUpdate      *bool  `json:"terminateJobsOnUpdate,omitempty"`
	JobExecutionTimeoutMinutes *int64 `json:"jobExecutionTimeoutMinutes,omitempty"` // 1..7200
}

// EksConfiguration names the cluster of an EKS environment.
type EksConfiguration struct {
	EksClusterArn       string `json:"eksClusterArn"`
	KubernetesNamespace string `json:"kubernetesNamespace"`
}
