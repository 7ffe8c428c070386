//go:build linux || darwin

package local

import (
	"path/filepath"
	"runtime"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute/local/process"
)

// host describes this machine.
func (d *Driver) host() batch.Host {
	return batch.Host{
		ID: batch.LocalHost, Kind: batch.Local, Name: d.options.Hostname, Capacity: capacity(), Address: loopback, Ready: true,
		SeenAt: batch.At(time.Now()), Limits: d.limits(),
	}
}

// limits is how many attempts the limits of the holder, the range of users, and the limits of this process for containers allow
// at once.
func (d *Driver) limits() (limits []batch.Limit) {
	n, reason := d.link.room()
	if users, words := d.options.RunAs.Range.Room(); users > 0 && (n <= 0 || users < n) {
		n, reason = users, words
	}
	if n > 0 {
		limits = append(limits, batch.Limit{Runner: batch.Processes, Attempts: n, Reason: reason})
	}
	if n, reason := process.ContainerRoom(); n > 0 && d.options.Containers != nil {
		limits = append(limits, batch.Limit{Runner: batch.Containers, Attempts: n, Reason: reason})
	}
	return limits
}

// loopback is where attempts of this machine reach each other: processes and containers share its network.
const loopback = "127.0.0.1"

// capacity is every core, all physical memory and every GPU there is.
func capacity() batch.Shape {
	gpus, _ := filepath.Glob("/dev/nvidia[0-9]*") // the pattern is well formed
	return batch.Shape{MilliCPU: int64(runtime.NumCPU()) * 1000, MemoryMiB: physicalMiB(), GPUs: int64(len(gpus))}
}
