package batch

import "time"

// EnvVar is one variable of a job's environment. Empty values are kept.
type EnvVar struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Mount binds a path of the host, or an anonymous volume, into a container.
type Mount struct {
	Source   string `json:"source,omitempty"` // host path; empty is an anonymous volume
	Target   string `json:"target"`           // path in the container
	ReadOnly bool   `json:"readOnly,omitempty"`
}

// Ulimit is a limit of the container's processes.
type Ulimit struct {
	Name string `json:"name"`
	Soft int64  `json:"soft"`
	Hard int64  `json:"hard"`
}

// Tmpfs is a memory file system mounted into a container.
type Tmpfs struct {
	Path    string   `json:"path"`
	SizeMiB int64    `json:"sizeMiB"`
	Options []string `json:"options,omitempty"`
}

// Container is what a job runs: a container if Image is set, else a process of
// the host. Fields after Shape matter to containers only, User to both.
type Container struct {
	Image       string   `json:"image,omitempty"`
	Command     []string `json:"command,omitempty"` // may hold Ref::name placeholders
	Environment []EnvVar `json:"environment,omitempty"`
	Shape       Shape    `json:"shape"`
	// CPURequired and MemoryRequired report that the definition says the amount by resourceRequirements, which the
	// deprecated members of containerOverrides do not change.
	CPURequired      bool     `json:"cpuRequired,omitempty"`
	MemoryRequired   bool     `json:"memoryRequired,omitempty"`
	User             string   `json:"user,omitempty"`
	Privileged       bool     `json:"privileged,omitempty"`
	ReadOnlyRoot     bool     `json:"readOnlyRoot,omitempty"`
	Mounts           []Mount  `json:"mounts,omitempty"`
	Ulimits          []Ulimit `json:"ulimits,omitempty"`
	Tmpfs            []Tmpfs  `json:"tmpfs,omitempty"`
	Init             bool     `json:"init,omitempty"`
	SharedMemoryMiB  int64    `json:"sharedMemoryMiB,omitempty"`
	MaxSwapMiB       *int64   `json:"maxSwapMiB,omitempty"`
	Script           string   `json:"script,omitempty"`           // text run with Command as its arguments
	WorkingDirectory string   `json:"workingDirectory,omitempty"` // process only; empty is a fresh directory
	// Results says that attempts leave a result wherever they run. On Amazon ECS that takes a shell of the image, which is run in the place of
	// the image's entry point, as it is for a script; elsewhere every attempt may leave one.
	Results bool `json:"results,omitempty"`
	// ECS is what only Amazon ECS can honour; nil if there is nothing of that.
	ECS *ECS `json:"ecs,omitempty"`
}

// RetryRule is one entry of evaluateOnExit. Empty patterns match anything; a
// trailing "*" matches any continuation.
type RetryRule struct {
	Retry          bool   `json:"retry"` // RETRY, else EXIT
	OnExitCode     string `json:"onExitCode,omitempty"`
	OnReason       string `json:"onReason,omitempty"`
	OnStatusReason string `json:"onStatusReason,omitempty"`
}

// Retry is how often a job may run. Attempts counts all runs, 1..MaxAttempts.
type Retry struct {
	Attempts int32       `json:"attempts"`
	Rules    []RetryRule `json:"rules,omitempty"`
}

// Definition is one revision of a job definition. It never changes but for Active.
type Definition struct {
	Name          string
	Revision      int32 // from 1, never reused
	Active        bool
	Container     Container
	Parameters    map[string]string
	Retry         Retry         // Attempts 0: not given
	Timeout       time.Duration // 0: none
	PropagateTags bool
	Priority      int32  // schedulingPriority, 0..9999
	Needs         []Need // consumable resources of one attempt
	// Nodes makes its jobs multi-node parallel; Container is then zero.
	Nodes     *DefinitionNodes
	CreatedAt Time
	// Runs is false for definitions that no environment of this runtime can run
	// (EKS, multi-container); they are stored and described only.
	Runs bool
	// Body is the registered document as the client sent it, answered by Describe.
	Body []byte
}

// DefinitionNodes is the nodeProperties of a definition. Ranges are disjoint, ascending and cover every node; where
// the registered ones overlapped, the narrower one has won.
type DefinitionNodes struct {
	Count  int32           `json:"count"`
	Main   int32           `json:"main"`
	Ranges []NodeContainer `json:"ranges"`
	// Open is the index of the range whose registered form had no end ("3:"): with another number of nodes it
	// ends with the last of them; -1 if there is none.
	Open int32 `json:"open"`
}

// Ref names d.
func (d *Definition) Ref() DefinitionRef { return DefinitionRef{Name: d.Name, Revision: d.Revision} }
