package batch

// Environment is a compute environment: something queues send work to.
type Environment struct {
	Name         string
	UUID         string
	Kind         Kind
	State        State
	Health       Health
	StatusReason string
	// Max bounds what its attempts hold at once. MemoryMiB 0 means the host alone
	// bounds memory; GPUs are bounded by the host.
	Max       Shape
	CreatedAt Time
	// Body is the document of the create request with every update merged in.
	Body []byte
}

// Runs reports whether this runtime can start attempts in e.
func (e *Environment) Runs() bool {
	return e.Kind == Local && e.State == Enabled && e.Health == Valid
}

// EnvironmentOrder is one entry of a queue's environment order.
type EnvironmentOrder struct {
	Order       int32
	Environment string // its name
}

// Queue is a job queue. A queue made again under an old name has a new UUID; jobs
// belong to the UUID.
type Queue struct {
	Name         string
	UUID         string
	Priority     int32 // larger is served first
	State        State
	Health       Health
	StatusReason string
	Environments []EnvironmentOrder // ascending Order
	CreatedAt    Time
	// Body is the document of the create request with every update merged in.
	Body []byte
}

// Host is a machine that attempts run on. LOCAL has one, named [LocalHost].
type Host struct {
	ID       string
	Kind     Kind
	Name     string // what people call it: the host name
	Capacity Shape
	Ready    bool
	SeenAt   Time
}

// LocalHost is the id of the machine batchd runs on.
const LocalHost = "local"
