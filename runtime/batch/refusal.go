package batch

// RefusalCause is why a driver refused to do something.
type RefusalCause string

// The causes of refusals.
const (
	// NoCapacity: the pool asked has nothing to give at the moment.
	NoCapacity RefusalCause = "NO_CAPACITY"
	// NotPermitted: the credentials in use may not do this.
	NotPermitted RefusalCause = "NOT_PERMITTED"
	// Throttled: too many calls were made lately.
	Throttled RefusalCause = "THROTTLED"
	// NeverCame: a host was promised and did not become ready in time.
	NeverCame RefusalCause = "NEVER_CAME"
	// Reclaimed: the pool has taken a host back, and is likely to have no other.
	Reclaimed RefusalCause = "RECLAIMED"
	// Unsupported: the driver cannot do this at all.
	Unsupported RefusalCause = "UNSUPPORTED"
)
