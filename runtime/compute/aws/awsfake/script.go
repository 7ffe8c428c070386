package awsfake

import (
	"time"
)

// Script says how each container plays. It is called when the container is asked for, with the world locked, so it must not call the world.
type Script func(Container) Play

// Play is what a container does in the simulation. The zero value starts after a drawn pull, runs for [usualRun] and exits with 0.
type Play struct {
	// Pull is the time to get the image; 0 means that it is drawn.
	Pull time.Duration
	// Fails is the reason with which it does not start after the pull, for example "CannotPullContainerError: …"; empty if it starts.
	Fails string
	// Runs is how long it runs by itself; 0 means usualRun, [Forever] that it does not end by itself.
	Runs     time.Duration
	ExitCode int32
	// OutOfMemory ends it as the kernel does, with exit code 137.
	OutOfMemory bool
	Lines       []Line
	// Term says what SIGTERM does.
	Term Term
}

// Forever is the duration of a container that does not end by itself.
const Forever = 100 * 365 * 24 * time.Hour

// Line is a line of output.
type Line struct {
	After time.Duration // since the start
	Text  string
}

// Term is how a container takes SIGTERM. The zero value ends at once, with exit code 143.
type Term struct {
	Ignored bool          // it ends by SIGKILL, with exit code 137
	Takes   time.Duration // from the signal to its end; longer than the stop timeout, SIGKILL ends it
	Handled bool          // it ends with ExitCode in place of 143
	// ExitCode is that of a container which handles the signal.
	ExitCode int32
}

// timers is what the simulated engine needs of the world: it runs f after d.
type timers interface {
	after(d time.Duration, f func()) (cancel func())
	// pull draws how long an image takes to come for a task.
	pull(task string) time.Duration
}

// scriptEngine is the engine that plays scripts.
type scriptEngine struct {
	timers timers
	script Script
}

// Run implements [Engine].
func (t scriptEngine) Run(c Container, watch Watch) Running {
	var play Play
	if t.script != nil {
		play = t.script(c)
	}
	if play.Pull == 0 {
		play.Pull = t.timers.pull(c.Task)
	}
	if play.Runs == 0 {
		play.Runs = usualRun
	}
	p := &scriptContainer{timers: t.timers, play: play, container: c, watch: watch}
	p.later(play.Pull, p.start)
	return p
}
