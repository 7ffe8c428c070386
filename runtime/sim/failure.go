package sim

import (
	"fmt"
	"time"
)

// Failure is a law that a story broke.
type Failure struct {
	Seed     uint64
	Law      string // which of the nets caught it
	Detail   string
	At       time.Duration // since the story began
	Scenario string        // the shortest story found that breaks the same law, as text
}

// Error implements error.
func (f *Failure) Error() string {
	return fmt.Sprintf("seed %d broke the law %q after %s: %s\n%s", f.Seed, f.Law, f.At, f.Detail, f.Scenario)
}
