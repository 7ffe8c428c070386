//go:build linux || darwin

package process

import (
	"runtime"
	"sync"
)

// ReserveThreads makes n threads that Go keeps and uses when it needs one. A Go program that cannot get a thread ends at
// once, so one that has to outlive a lack of processes takes its threads while there are some.
func ReserveThreads(n int) {
	var there, all sync.WaitGroup
	there.Add(n)
	for range n {
		all.Go(func() {
			runtime.LockOSThread() // no two of these share a thread
			there.Done()
			there.Wait()
			runtime.UnlockOSThread()
		})
	}
	all.Wait()
}
