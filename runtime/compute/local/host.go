//go:build linux || darwin

package local

import (
	"path/filepath"
	"runtime"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// host describes this machine.
func (d *Driver) host() batch.Host {
	return batch.Host{
		ID: batch.LocalHost, Kind: batch.Local, Name: d.options.Hostname, Capacity: capacity(), Address: loopback, Ready: true,
		SeenAt: batch.At(time.Now()),
	}
}

// loopback is where attempts of this machine reach each other: processes and containers share its network.
const loopback = "127.0.0.1"

// capacity is every core, all physical memory and every GPU there is.
func capacity() batch.Shape {
	gpus, _ := filepath.Glob("/dev/nvidia[0-9]*") // the pattern is well formed
	return batch.Shape{MilliCPU: int64(runtime.NumCPU()) * 1000, MemoryMiB: physicalMiB(), GPUs: int64(len(gpus))}
}
