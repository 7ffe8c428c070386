package detach

// Seal keeps every descriptor from 3 up from being inherited by programs that this process starts: those that it was
// started with itself are open and inheritable. Go marks its own.
func Seal() error { return sealEach("/dev/fd") }

// withoutMask calls start. Signals that are blocked stay so here.
func withoutMask(start func() error) error { return start() }
