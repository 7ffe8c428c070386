// Package lane is who waits at a driver for the place of whom.
//
// A [Lane] is the live attempts of one environment, one host and one shape. When one of them ends, the driver may start the next that
// waits in its place, with no round and no commit between: the one that ends leaves exactly what the next one needs. Scheduler and driver
// agree without a message, because both let those that wait run ahead in the order in which they came.
//
// How many should wait follows from the pace of a lane, which is about how long an attempt of it runs. For example, in a lane that runs
// four attempts of one millisecond each, 600 wait, of which 256 are allowed; in one of attempts of a minute, none does. The pace follows from
// no row: it is a hint, lost in a restart, that changes no outcome.
//
// A lane is drained while more may run in it than was decided. The driver passes on places by itself, so until nothing waits there,
// too much would go on running.
//
// The package knows an attempt by identity alone; what it holds is booked by others.
package lane

import (
	"fmt"
	"slices"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

const (
	// maxAhead bounds how many attempts of one lane wait at the driver for a place.
	maxAhead = 256
	// window is how much work is kept waiting at the driver: about what a lane ends in this time. It hides a commit and a round, and is
	// short enough to be recalled without loss.
	window = 150 * time.Millisecond
	// paceWeight is how much of a lane's pace one exit replaces: 1/paceWeight.
	paceWeight = 8
	// resolution is the least that an attempt counts as having run: drivers' clocks tell no less.
	resolution = 500 * time.Microsecond
)

// Key is what attempts of a lane have in common.
type Key struct {
	Environment, Host string
	Shape             batch.Shape
	Container         bool
}

func (k Key) String() string {
	return fmt.Sprintf("%s/%d/%d/%d/%t@%s", k.Environment, k.Shape.MilliCPU, k.Shape.MemoryMiB, k.Shape.GPUs, k.Container, k.Host)
}

// Lane is the live attempts with one key.
type Lane[J comparable] struct {
	Key  Key
	Name string // the key as text
	// Holding is how many attempts hold resources.
	Holding    int
	ahead      []J // first come first served
	draining   bool
	paceMicros int64 // 0: not known
}

// Ahead are those that wait, in the order in which they will have a place.
func (l *Lane[J]) Ahead() []J { return l.ahead }

// Wait has j wait behind all others, also if it waits already.
func (l *Lane[J]) Wait(j J) {
	l.Withdraw(j)
	l.ahead = append(l.ahead, j)
}

// Withdraw takes j out of those that wait.
func (l *Lane[J]) Withdraw(j J) {
	l.ahead = slices.DeleteFunc(l.ahead, func(other J) bool { return other == j })
}

// Next takes out the first that waits. Somebody must.
func (l *Lane[J]) Next() J {
	next := l.ahead[0]
	l.ahead = l.ahead[1:]
	return next
}

// Learn takes the run time of an ended attempt into the pace.
func (l *Lane[J]) Learn(ran time.Duration) {
	micros := max(ran, resolution).Microseconds()
	if l.paceMicros == 0 {
		l.paceMicros = micros
		return
	}
	l.paceMicros += (micros - l.paceMicros) / paceWeight
}

// Lacks is how many more attempts should wait. It is negative if more do than should, and none should wait in a lane that is drained or in
// which nothing runs. A nil *Lane lacks none.
func (l *Lane[J]) Lacks() int {
	if l == nil || l.Holding == 0 || l.draining {
		return 0
	}
	depth := 0
	if l.paceMicros > 0 {
		depth = int(min(window.Microseconds()*int64(l.Holding)/l.paceMicros, maxAhead))
	}
	return depth - len(l.ahead)
}
