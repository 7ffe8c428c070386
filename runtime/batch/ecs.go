package batch

// ECS is what a container asks for that Amazon ECS honours and this machine does not. The names of AWS's members are in the comments.
type ECS struct {
	JobRole       string `json:"jobRole,omitempty"`       // jobRoleArn: what the job may do in the account
	ExecutionRole string `json:"executionRole,omitempty"` // executionRoleArn: what ECS may do to start it
	// RegistrySecret opens the registry of the image (repositoryCredentials.credentialsParameter).
	RegistrySecret string       `json:"registrySecret,omitempty"`
	Secrets        []Secret     `json:"secrets,omitempty"`
	FileSystems    []FileSystem `json:"fileSystems,omitempty"`
	Devices        []Device     `json:"devices,omitempty"`    // linuxParameters.devices
	Swappiness     *int32       `json:"swappiness,omitempty"` // linuxParameters.swappiness: 0..100
	// Log is where the output goes; nil: to the log group of AWS Batch.
	Log *LogConfiguration `json:"log,omitempty"`
	// ExecuteCommand lets people run commands in the container (enableExecuteCommand).
	ExecuteCommand bool `json:"executeCommand,omitempty"`

	// The members of Fargate.

	AssignPublicIP  bool   `json:"assignPublicIp,omitempty"`  // networkConfiguration.assignPublicIp
	PlatformVersion string `json:"platformVersion,omitempty"` // fargatePlatformConfiguration.platformVersion
	DiskGiB         int32  `json:"diskGiB,omitempty"`         // ephemeralStorage.sizeInGiB
	OS              string `json:"os,omitempty"`              // runtimePlatform.operatingSystemFamily
	Architecture    string `json:"architecture,omitempty"`    // runtimePlatform.cpuArchitecture
}

// OnlyECS names the first thing that c asks for and that this machine cannot give, as AWS's member; it is empty if there is nothing. What else
// is in [ECS] has no effect on this machine.
func (c *Container) OnlyECS() string {
	switch e := c.ECS; {
	case e == nil:
		return ""
	case len(e.Secrets) > 0:
		return "secrets"
	case len(e.FileSystems) > 0:
		return "volumes[].efsVolumeConfiguration or s3filesVolumeConfiguration"
	case len(e.Devices) > 0:
		return "linuxParameters.devices"
	default:
		return ""
	}
}

// Secret is a variable, or an option of a log driver, whose value is read from a secret store when the container starts.
type Secret struct {
	Name string `json:"name"`
	From string `json:"from"` // an ARN of Secrets Manager or SSM
}

// FileSystem is a file system of the network that is mounted into a container: of EFS if ID is set, else of S3 Files.
type FileSystem struct {
	ID             string `json:"id,omitempty"`  // efsVolumeConfiguration.fileSystemId
	ARN            string `json:"arn,omitempty"` // s3filesVolumeConfiguration.fileSystemArn
	Root           string `json:"root,omitempty"`
	AccessPoint    string `json:"accessPoint,omitempty"` // an id of EFS, an ARN of S3 Files
	IAM            bool   `json:"iam,omitempty"`         // of EFS: the job role is used to mount it
	TransitEncrypt bool   `json:"transitEncrypt,omitempty"`
	TransitPort    int32  `json:"transitPort,omitempty"`
	Target         string `json:"target"`
	ReadOnly       bool   `json:"readOnly,omitempty"`
}

// Device is a device of the host in a container.
type Device struct {
	Source      string   `json:"source"`
	Target      string   `json:"target,omitempty"`      // empty: as on the host
	Permissions []string `json:"permissions,omitempty"` // of READ, WRITE, MKNOD; none: all
}

// LogConfiguration is a log driver and its options.
type LogConfiguration struct {
	Driver  string            `json:"driver"`
	Options map[string]string `json:"options,omitempty"`
	Secrets []Secret          `json:"secrets,omitempty"` // secretOptions
}
