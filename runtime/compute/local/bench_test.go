//go:build linux || darwin

package local

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
)

const (
	benchWorkers = 4
	benchBatch   = 1000 // attempts in one order
)

// BenchmarkTrue runs /bin/true through driver and holder, reports and forgetting included, and, for
// comparison, in a bare loop that writes a log file for each. Run it with -benchtime=10000x.
func BenchmarkTrue(b *testing.B) {
	bare, bareCPU := bareLoop(b, b.N)
	rate, cpu := throughDriver(b, b.N)
	b.ReportMetric(bare, "bare/s")
	b.ReportMetric(rate, "driver/s")
	b.ReportMetric(rate/bare, "ratio")
	b.ReportMetric(bareCPU, "bare-ms-cpu")
	b.ReportMetric(cpu, "driver-ms-cpu")
	b.ReportMetric(0, "ns/op")
}

// bareLoop returns how many per second os/exec runs, and the milliseconds of CPU for each.
func bareLoop(b *testing.B, n int) (rate, cpu float64) {
	dir := b.TempDir()
	numbers := make(chan int)
	var workers sync.WaitGroup
	busy, began := cpuNow(b), time.Now()
	for range benchWorkers {
		workers.Go(func() {
			for i := range numbers {
				log, err := os.Create(filepath.Join(dir, fmt.Sprint(i)))
				if err != nil {
					b.Error(err)
				}
				cmd := exec.Command("/bin/true")
				cmd.Stdout, cmd.Stderr = log, log
				if err := cmd.Run(); err != nil {
					b.Error(err)
				}
				if err := log.Close(); err != nil {
					b.Error(err)
				}
			}
		})
	}
	for i := range n {
		numbers <- i
	}
	close(numbers)
	workers.Wait()
	return float64(n) / time.Since(began).Seconds(), (cpuNow(b) - busy).Seconds() * 1000 / float64(n)
}

func throughDriver(b *testing.B, n int) (rate, cpu float64) {
	d := openDriver(b, testOptions(b, b.TempDir()))
	next(b, d)
	starts := make([]compute.Start, n)
	for i := range starts {
		starts[i] = compute.Start{
			Attempt: batch.AttemptID{Job: batch.JobID("12345678-1234-1234-1234-123456789abc").Child(int32(i)), Number: 1},
			Lane:    "env/1", Ahead: i >= benchWorkers, BaseKey: "0123456789abcdef0123456789abcdef",
			Container: batch.Container{Command: []string{"/bin/true"}},
			Environment: []string{
				"AWS_BATCH_JOB_ID=12345678-1234-1234-1234-123456789abc", "AWS_BATCH_JOB_ATTEMPT=1", "AWS_BATCH_CE_NAME=env",
				"AWS_BATCH_JQ_NAME=queue", fmt.Sprint("AWS_BATCH_JOB_ARRAY_INDEX=", i), "BATCH_PARAM_STRIKE=100",
			},
			StopGrace: batch.StopGrace,
		}
	}
	if err := d.Start(b.Context(), []compute.Start{{
		Attempt: batch.AttemptID{Job: "warm", Number: 1}, Container: batch.Container{Command: []string{"/bin/true"}},
	}}); err != nil {
		b.Fatal(err)
	}
	next(b, d)
	busy, began := cpuNow(b)+holderCPU(b, d), time.Now()
	given, ended := 0, 0
	for ended < n {
		for given < n && given-ended < benchBatch {
			upTo := min(n, given+benchBatch)
			if err := d.Start(b.Context(), starts[given:upTo]); err != nil {
				b.Fatal(err)
			}
			given = upTo
		}
		var done []batch.AttemptID
		for _, r := range next(b, d) {
			if e, ok := r.(batch.AttemptExited); ok {
				if e.Exit.Code == nil || *e.Exit.Code != 0 {
					b.Fatalf("exit %+v", e.Exit)
				}
				done = append(done, e.Exit.Attempt)
			}
		}
		ended += len(done)
		if len(done) > 0 {
			if err := d.Forget(b.Context(), done); err != nil {
				b.Fatal(err)
			}
		}
	}
	return float64(n) / time.Since(began).Seconds(), (cpuNow(b) + holderCPU(b, d) - busy).Seconds() * 1000 / float64(n)
}

// cpuNow is the CPU time that this process and its children have used.
func cpuNow(b *testing.B) time.Duration {
	var total time.Duration
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if err := syscall.Getrusage(who, &u); err != nil {
			b.Fatal(err)
		}
		total += time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	return total
}

// holderCPU is the CPU time that the holder and its children have used; 0 where that is not shown.
func holderCPU(b *testing.B, d *Driver) time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", d.link.client.PID()))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	var ticks int64
	for _, f := range fields[11:15] {
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			b.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}
