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
	benchBatch   = 1000 // attempts ahead at most
	benchRounds  = 20
)

// BenchmarkTrue runs /bin/true through driver and holder, reports and forgetting included, and in a
// bare loop that writes a log file for each. They take turns, so that a busy machine is busy for
// both. Run it with -benchtime=10000x.
func BenchmarkTrue(b *testing.B) {
	d := openDriver(b, testOptions(b, b.TempDir()))
	next(b, d)
	throughDriver(b, d, "warm", 1)
	bareLoop(b, 1)
	var bare, driven spent
	for round := range benchRounds {
		n := (b.N*(round+1))/benchRounds - (b.N*round)/benchRounds
		bare.add(b, d, func() { bareLoop(b, n) })
		driven.add(b, d, func() { throughDriver(b, d, batch.JobID(fmt.Sprint("round-", round)), n) })
	}
	n := float64(b.N)
	b.ReportMetric(n/bare.wall.Seconds(), "bare/s")
	b.ReportMetric(n/driven.wall.Seconds(), "driver/s")
	b.ReportMetric(bare.wall.Seconds()/driven.wall.Seconds(), "ratio")
	b.ReportMetric(bare.cpu.Seconds()*1000/n, "bare-ms-cpu")
	b.ReportMetric(driven.cpu.Seconds()*1000/n, "driver-ms-cpu")
	b.ReportMetric(0, "ns/op")
}

// spent is what something took.
type spent struct{ wall, cpu time.Duration }

func (s *spent) add(b *testing.B, d *Driver, work func()) {
	busy, began := cpuNow(b)+holderCPU(b, d), time.Now()
	work()
	s.wall += time.Since(began)
	s.cpu += cpuNow(b) + holderCPU(b, d) - busy
}

// bareLoop is what any program can do with os/exec.
func bareLoop(b *testing.B, n int) {
	dir := b.TempDir()
	numbers := make(chan int)
	var workers sync.WaitGroup
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
}

func throughDriver(b *testing.B, d *Driver, job batch.JobID, n int) {
	given, ended := 0, 0
	for ended < n {
		if given < n && given-ended < benchBatch/2 {
			upTo := min(n, ended+benchBatch)
			if err := d.Start(b.Context(), benchStarts(job, given, upTo)); err != nil {
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
}

// benchStarts orders the children from..to-1 of an array, all but the first few ahead.
func benchStarts(job batch.JobID, from, to int) []compute.Start {
	starts := make([]compute.Start, 0, to-from)
	for i := from; i < to; i++ {
		starts = append(starts, compute.Start{
			Attempt: batch.AttemptID{Job: job.Child(int32(i)), Number: 1}, Lane: "env/1", Ahead: i >= benchWorkers,
			BaseKey: "0123456789abcdef0123456789abcdef", Container: batch.Container{Command: []string{"/bin/true"}},
			Environment: []string{
				"AWS_BATCH_JOB_ID=12345678-1234-1234-1234-123456789abc", "AWS_BATCH_JOB_ATTEMPT=1", "AWS_BATCH_CE_NAME=env",
				"AWS_BATCH_JQ_NAME=queue", fmt.Sprint("AWS_BATCH_JOB_ARRAY_INDEX=", i), "BATCH_PARAM_STRIKE=100",
			},
			StopGrace: batch.StopGrace,
		})
	}
	return starts
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
