package bundled

import (
	"context"
	"os"
	"time"
)

// parent is the process that started this one, as early as it can be known.
var parent = os.Getppid()

// AwaitOrphaned waits until the process that started this one has ended or ctx is done, and reports whether that process has ended.
// Terraform may go without ending its providers, as when the reader of its output was interrupted: then nobody is left to
// hear an answer, and a lease must not outlive that. PR_SET_PDEATHSIG would not do: its signal comes when the thread that
// started this process ends, which may be long before the parent does.
func AwaitOrphaned(ctx context.Context) bool {
	look := time.NewTicker(parentInterval)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return os.Getppid() != parent
		case <-look.C:
		}
		if os.Getppid() != parent { // an orphan gets another parent
			return true
		}
	}
}
