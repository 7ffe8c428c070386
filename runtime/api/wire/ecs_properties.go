package wire

// EcsProperties is a job of several containers.
type EcsProperties struct {
	TaskProperties []EcsTaskProperties `json:"taskProperties,omitzero"`
}

// EcsTaskProperties is the one task of [EcsProperties].
type EcsTaskProperties struct {
	Containers           []TaskContainerProperties `json:"containers,omitzero"`
	ExecutionRoleArn     *string                   `json:"executionRoleArn,omitempty"`
	TaskRoleArn          *string                   `json:"taskRoleArn,omitempty"`
	PlatformVersion      *string                   `json:"platformVersion,omitempty"`
	EphemeralStorage     *EphemeralStorage         `json:"ephemeralStorage,omitempty"`
	IpcMode              *string                   `json:"ipcMode,omitempty"`
	PidMode              *string                   `json:"pidMode,omitempty"`
	NetworkConfiguration *NetworkConfiguration     `json:"networkConfiguration,omitempty"`
	RuntimePlatform      *RuntimePlatform          `json:"runtimePlatform,omitempty"`
	Volumes              []Volume                  `json:"volumes,omitzero"`
	EnableExecuteCommand *bool                     `json:"enableExecuteCommand,omitempty"`
}

// TaskContainerProperties is one container of a task.
type TaskContainerProperties struct {
	Image                  string                    `json:"image"`
	Name                   *string                   `json:"name,omitempty"`
	Command                []string                  `json:"command,omitzero"`
	Environment            []KeyValuePair            `json:"environment,omitzero"`
	Essential              *bool                     `json:"essential,omitempty"`
	DependsOn              []TaskContainerDependency `json:"dependsOn,omitzero"`
	LinuxParameters        *LinuxParameters          `json:"linuxParameters,omitempty"`
	LogConfiguration       *LogConfiguration         `json:"logConfiguration,omitempty"`
	FirelensConfiguration  *FirelensConfiguration    `json:"firelensConfiguration,omitempty"`
	MountPoints            []MountPoint              `json:"mountPoints,omitzero"`
	Privileged             *bool                     `json:"privileged,omitempty"`
	ReadonlyRootFilesystem *bool                     `json:"readonlyRootFilesystem,omitempty"`
	RepositoryCredentials  *RepositoryCredentials    `json:"repositoryCredentials,omitempty"`
	ResourceRequirements   []ResourceRequirement     `json:"resourceRequirements,omitzero"`
	Secrets                []Secret                  `json:"secrets,omitzero"`
	StartTimeout           *int32                    `json:"startTimeout,omitempty"`
	StopTimeout            *int32                    `json:"stopTimeout,omitempty"`
	Ulimits                []Ulimit                  `json:"ulimits,omitzero"`
	User                   *string                   `json:"user,omitempty"`
}

// FillEmpty makes the lists that AWS always answers of a task and its containers empty ones where there are none.
func (t *EcsTaskProperties) FillEmpty() {
	fill(&t.Volumes)
	for i := range t.Containers {
		p := &t.Containers[i]
		fill(&p.Command)
		fill(&p.DependsOn)
		fill(&p.Environment)
		fill(&p.ResourceRequirements)
		fill(&p.MountPoints)
		fill(&p.Ulimits)
		fill(&p.Secrets)
	}
}

// TaskContainerDependency orders two containers of a task.
type TaskContainerDependency struct {
	ContainerName *string `json:"containerName,omitempty"`
	Condition     *string `json:"condition,omitempty"`
}

// FirelensConfiguration makes a container the log router of its task.
type FirelensConfiguration struct {
	Type    string            `json:"type"`
	Options map[string]string `json:"options,omitzero"`
}

// EcsPropertiesOverride is what a submission changes of [EcsProperties].
type EcsPropertiesOverride struct {
	TaskProperties []TaskPropertiesOverride `json:"taskProperties,omitzero"`
}

// TaskPropertiesOverride is what a submission changes of a task.
type TaskPropertiesOverride struct {
	Containers []TaskContainerOverrides `json:"containers,omitzero"`
}

// TaskContainerOverrides is what a submission changes of the container with that name.
type TaskContainerOverrides struct {
	Name                 *string               `json:"name,omitempty"`
	Command              []string              `json:"command,omitzero"`
	Environment          []KeyValuePair        `json:"environment,omitzero"`
	ResourceRequirements []ResourceRequirement `json:"resourceRequirements,omitzero"`
}
