package metadata

// task is what ECS tells of a task, as far as there is something to tell.
type task struct {
	Cluster       string
	TaskARN       string
	Family        string
	Revision      string
	DesiredStatus string
	KnownStatus   string
	Limits        limits
	LaunchType    string
	Containers    []container
}

// limits bounds a task, in vCPUs and MiB, or a container, in CPU units and MiB.
type limits struct {
	CPU    float64
	Memory int64 `json:",omitempty"`
}

type container struct {
	DockerID      string `json:"DockerId"`
	Name          string
	Image         string `json:",omitempty"`
	ImageID       string `json:",omitempty"`
	Labels        map[string]string
	DesiredStatus string
	KnownStatus   string
	ExitCode      *int32 `json:",omitempty"`
	Limits        limits
	CreatedAt     string `json:",omitempty"`
	StartedAt     string `json:",omitempty"`
	FinishedAt    string `json:",omitempty"`
	Type          string
	LogDriver     string
	LogOptions    map[string]string
	ContainerARN  string
	Networks      []network
}

type network struct {
	NetworkMode   string
	IPv4Addresses []string
}
