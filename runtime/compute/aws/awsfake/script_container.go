package awsfake

import "time"

// scriptContainer is one container of the simulation. All that it does happens in timers of the world, so it needs no lock of its own.
type scriptContainer struct {
	timers    timers
	container Container
	play      Play
	watch     Watch

	started  bool
	stopping bool
	over     bool
	cancels  []func()
}

// later runs f after d unless the container is over by then.
func (p *scriptContainer) later(d time.Duration, f func()) {
	p.cancels = append(p.cancels, p.timers.after(d, func() {
		if !p.over {
			f()
		}
	}))
}

func (p *scriptContainer) start() {
	p.watch.Pulled()
	if p.play.Fails != "" {
		p.end(Ending{Reason: p.play.Fails})
		return
	}
	p.started = true
	p.watch.Started()
	begun := time.Now()
	for _, line := range p.play.Lines {
		p.later(line.After, func() { p.watch.Line(begun.Add(line.After), line.Text) })
	}
	p.later(p.play.Runs, func() { p.end(p.byItself()) })
}

func (p *scriptContainer) byItself() Ending {
	if p.play.OutOfMemory {
		return Ending{Started: true, ExitCode: exitKilled, Reason: OutOfMemory}
	}
	return Ending{Started: true, ExitCode: p.play.ExitCode}
}

// Stop implements [Running].
func (p *scriptContainer) Stop() {
	if p.over || p.stopping {
		return
	}
	p.stopping = true
	if !p.started {
		p.later(0, func() { p.end(Ending{}) })
		return
	}
	takes, code := p.play.Term.Takes, int32(exitTerminated)
	if p.play.Term.Handled {
		code = p.play.Term.ExitCode
	}
	if p.play.Term.Ignored || takes > p.container.StopTimeout {
		takes, code = p.container.StopTimeout, exitKilled
	}
	p.later(takes, func() { p.end(Ending{Started: true, ExitCode: code}) })
}

// Kill implements [Running].
func (p *scriptContainer) Kill() {
	p.over = true
	for _, cancel := range p.cancels {
		cancel()
	}
}

func (p *scriptContainer) end(ending Ending) {
	p.Kill()
	p.watch.Ended(ending)
}
