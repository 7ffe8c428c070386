package wire

// ContainerProperties is what a job runs: a container, or a process of a LOCAL
// environment if it has no image.
type ContainerProperties struct {
	Image                        *string                       `json:"image,omitempty"`
	Command                      []string                      `json:"command,omitzero"`
	Environment                  []KeyValuePair                `json:"environment,omitzero"`
	ResourceRequirements         []ResourceRequirement         `json:"resourceRequirements,omitzero"`
	Vcpus                        *int32                        `json:"vcpus,omitempty"`  // older form of VCPU
	Memory                       *int32                        `json:"memory,omitempty"` // older form of MEMORY
	User                         *string                       `json:"user,omitempty"`
	Privileged                   *bool                         `json:"privileged,omitempty"`
	ReadonlyRootFilesystem       *bool                         `json:"readonlyRootFilesystem,omitempty"`
	Volumes                      []Volume                      `json:"volumes,omitzero"`
	MountPoints                  []MountPoint                  `json:"mountPoints,omitzero"`
	Ulimits                      []Ulimit                      `json:"ulimits,omitzero"`
	LinuxParameters              *LinuxParameters              `json:"linuxParameters,omitempty"`
	LogConfiguration             *LogConfiguration             `json:"logConfiguration,omitempty"`
	Secrets                      []Secret                      `json:"secrets,omitzero"`
	RepositoryCredentials        *RepositoryCredentials        `json:"repositoryCredentials,omitempty"`
	JobRoleArn                   *string                       `json:"jobRoleArn,omitempty"`
	ExecutionRoleArn             *string                       `json:"executionRoleArn,omitempty"`
	InstanceType                 *string                       `json:"instanceType,omitempty"` // of a node alone
	NetworkConfiguration         *NetworkConfiguration         `json:"networkConfiguration,omitempty"`
	FargatePlatformConfiguration *FargatePlatformConfiguration `json:"fargatePlatformConfiguration,omitempty"`
	EphemeralStorage             *EphemeralStorage             `json:"ephemeralStorage,omitempty"`
	RuntimePlatform              *RuntimePlatform              `json:"runtimePlatform,omitempty"`
	EnableExecuteCommand         *bool                         `json:"enableExecuteCommand,omitempty"`
}

// FillEmpty makes the lists that AWS always answers of a container empty ones where there are none.
func (p *ContainerProperties) FillEmpty() {
	fill(&p.Command)
	fill(&p.Environment)
	fill(&p.ResourceRequirements)
	fill(&p.Volumes)
	fill(&p.MountPoints)
	fill(&p.Ulimits)
	fill(&p.Secrets)
}

// fill makes a list that is not there an empty one.
func fill[T any](list *[]T) {
	if *list == nil {
		*list = []T{}
	}
}

// ContainerOverrides is what a submission changes of its definition's container.
type ContainerOverrides struct {
	Command              []string              `json:"command,omitzero"`     // replaces
	Environment          []KeyValuePair        `json:"environment,omitzero"` // merged by name
	ResourceRequirements []ResourceRequirement `json:"resourceRequirements,omitzero"`
	InstanceType         *string               `json:"instanceType,omitempty"` // of nodes alone
	// Vcpus and Memory are deprecated forms of VCPU and MEMORY. They change only what the definition says by the same members.
	Vcpus  *int32 `json:"vcpus,omitempty"`
	Memory *int32 `json:"memory,omitempty"`
}

// KeyValuePair is one variable. Without a value it is as if that were empty.
type KeyValuePair struct {
	Name  string  `json:"name"`
	Value *string `json:"value,omitempty"`
}

// ResourceRequirement is an amount of VCPU, MEMORY (MiB) or GPU.
type ResourceRequirement struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

// Volume is a directory that containers can mount.
type Volume struct {
	Name                       *string                     `json:"name,omitempty"`
	Host                       *Host                       `json:"host,omitempty"`
	EfsVolumeConfiguration     *EFSVolumeConfiguration     `json:"efsVolumeConfiguration,omitempty"`
	S3filesVolumeConfiguration *S3FilesVolumeConfiguration `json:"s3filesVolumeConfiguration,omitempty"`
}

// Host is a path of the host; absent: an anonymous volume.
type Host struct {
	SourcePath *string `json:"sourcePath,omitempty"`
}

// EFSVolumeConfiguration is an EFS file system.
type EFSVolumeConfiguration struct {
	FileSystemID          string                  `json:"fileSystemId"`
	RootDirectory         *string                 `json:"rootDirectory,omitempty"`
	TransitEncryption     *string                 `json:"transitEncryption,omitempty"`
	TransitEncryptionPort *int32                  `json:"transitEncryptionPort,omitempty"`
	AuthorizationConfig   *EFSAuthorizationConfig `json:"authorizationConfig,omitempty"`
}

// EFSAuthorizationConfig is how an EFS file system is reached.
type EFSAuthorizationConfig struct {
	AccessPointID *string `json:"accessPointId,omitempty"`
	Iam           *string `json:"iam,omitempty"`
}

// S3FilesVolumeConfiguration is an S3 Files file system.
type S3FilesVolumeConfiguration struct {
	FileSystemArn         string  `json:"fileSystemArn"`
	AccessPointArn        *string `json:"accessPointArn,omitempty"`
	RootDirectory         *string `json:"rootDirectory,omitempty"`
	TransitEncryptionPort *int32  `json:"transitEncryptionPort,omitempty"`
}

// MountPoint is where a volume appears in a container.
type MountPoint struct {
	ContainerPath *string `json:"containerPath,omitempty"`
	ReadOnly      *bool   `json:"readOnly,omitempty"`
	SourceVolume  *string `json:"sourceVolume,omitempty"`
}

// Ulimit is a limit of a container's processes.
type Ulimit struct {
	Name      string `json:"name"`
	SoftLimit *int32 `json:"softLimit,omitempty"` // required
	HardLimit *int32 `json:"hardLimit,omitempty"` // required
}

// LinuxParameters are settings of the kernel for a container.
type LinuxParameters struct {
	InitProcessEnabled *bool    `json:"initProcessEnabled,omitempty"`
	Devices            []Device `json:"devices,omitzero"`
	SharedMemorySize   *int32   `json:"sharedMemorySize,omitempty"` // MiB
	MaxSwap            *int32   `json:"maxSwap,omitempty"`          // MiB
	Swappiness         *int32   `json:"swappiness,omitempty"`       // 0..100
	Tmpfs              []Tmpfs  `json:"tmpfs,omitzero"`
}

// Device is a device of the host in a container.
type Device struct {
	HostPath      string   `json:"hostPath"`
	ContainerPath *string  `json:"containerPath,omitempty"`
	Permissions   []string `json:"permissions,omitzero"`
}

// Tmpfs is a memory file system in a container.
type Tmpfs struct {
	ContainerPath string   `json:"containerPath"`
	Size          *int32   `json:"size,omitempty"` // MiB; required
	MountOptions  []string `json:"mountOptions,omitzero"`
}

// LogConfiguration is where a container's output goes.
type LogConfiguration struct {
	LogDriver     string            `json:"logDriver"`
	Options       map[string]string `json:"options,omitzero"`
	SecretOptions []Secret          `json:"secretOptions,omitzero"`
}

// Secret is a variable whose value a secret store holds.
type Secret struct {
	Name      string `json:"name"`
	ValueFrom string `json:"valueFrom"`
}

// RepositoryCredentials names the secret that opens an image registry.
type RepositoryCredentials struct {
	CredentialsParameter string `json:"credentialsParameter"`
}

// NetworkConfiguration is a Fargate job's network.
type NetworkConfiguration struct {
	AssignPublicIP *string `json:"assignPublicIp,omitempty"`
}

// FargatePlatformConfiguration is a Fargate job's platform.
type FargatePlatformConfiguration struct {
	PlatformVersion *string `json:"platformVersion,omitempty"`
}

// EphemeralStorage is a Fargate job's disk.
type EphemeralStorage struct {
	SizeInGiB *int32 `json:"sizeInGiB,omitempty"`
}

// RuntimePlatform is a Fargate job's operating system and processor.
type RuntimePlatform struct {
	OperatingSystemFamily *string `json:"operatingSystemFamily,omitempty"`
	CPUArchitecture       *string `json:"cpuArchitecture,omitempty"`
}
