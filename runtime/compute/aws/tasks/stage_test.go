package tasks_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/awsfake"
	"github.com/batchd/terraform-provider-batch/runtime/compute/computetest"
)

// stage runs containers whose command is a [computetest.Behaviour], and prints what the wrapper would of the results that they leave. It notices
// if an attempt is run twice at once.
type stage struct {
	t    *testing.T
	over chan struct{} // closed at the end of the test
	mute bool          // wrappers print nothing
	run  sync.WaitGroup

	mu      sync.Mutex
	playing map[string]*act // by startedBy
	runs    map[string]int  // how often each was started
}

// act is a container on the stage.
type act struct {
	finish chan int32 // the code to end with
	term   chan struct{}
	kill   chan struct{}
	once   sync.Once
	gone   sync.Once
}

func newStage(t *testing.T) *stage {
	return &stage{t: t, over: make(chan struct{}), playing: map[string]*act{}, runs: map[string]int{}}
}

// Run implements [awsfake.Engine].
func (s *stage) Run(c awsfake.Container, watch awsfake.Watch) awsfake.Running {
	a := &act{finish: make(chan int32, 1), term: make(chan struct{}), kill: make(chan struct{})}
	s.run.Go(func() { s.play(c, watch, a) })
	return a
}

// Stop implements [awsfake.Running].
func (a *act) Stop() { a.once.Do(func() { close(a.term) }) }

// Kill implements [awsfake.Running].
func (a *act) Kill() { a.gone.Do(func() { close(a.kill) }) }

func (s *stage) play(c awsfake.Container, watch awsfake.Watch, a *act) {
	var b computetest.Behaviour
	if len(c.Command) == 2 {
		if err := json.Unmarshal([]byte(c.Command[1]), &b); err != nil {
			s.t.Error(err)
		}
	}
	watch.Pulled()
	if b.Refuse != "" {
		watch.Ended(awsfake.Ending{Reason: "CannotStartContainerError: " + b.Refuse})
		return
	}
	s.enter(c.StartedBy, a)
	watch.Started()
	for line := range strings.Lines(b.Output) {
		watch.Line(time.Now(), strings.TrimSuffix(line, "\n"))
	}
	code, alive := s.lasts(b, a)
	s.leave(c.StartedBy, a)
	if !alive {
		return
	}
	if len(c.EntryPoint) > 0 && !s.mute { // the wrapper
		for _, line := range wrapped(c, b.Result, code) {
			watch.Line(time.Now(), line)
		}
	}
	watch.Ended(awsfake.Ending{Started: true, ExitCode: code})
}

// lasts waits until the container ends, and returns its code. alive is false if its host is gone.
func (s *stage) lasts(b computetest.Behaviour, a *act) (code int32, alive bool) {
	after := time.After(b.After)
	if b.Manual {
		after = nil
	}
	select {
	case <-after:
		return b.Code, true
	case code := <-a.finish:
		return code, true
	case <-a.term:
		return 143, true
	case <-a.kill:
	case <-s.over:
	}
	return 0, false
}

func (s *stage) enter(attempt string, a *act) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.playing[attempt] != nil {
		s.t.Errorf("%s runs twice at once", attempt)
	}
	s.playing[attempt] = a
	s.runs[attempt]++
}

func (s *stage) leave(attempt string, a *act) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.playing[attempt] == a {
		delete(s.playing, attempt)
	}
}

// find returns what plays an attempt, nil if it does not run.
func (s *stage) find(attempt string) *act {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.playing[attempt]
}

// ran returns how often an attempt was started.
func (s *stage) ran(attempt string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.runs[attempt]
}

func (s *stage) close() {
	close(s.over)
	s.run.Wait()
}

// wrapped are the lines of the wrapper of a container that left a result.
func wrapped(c awsfake.Container, result string, code int32) []string {
	marker := "::batchd:" + attemptIn(c.Environment) + ":"
	usage := `{"cpu_stats":{"cpu_usage":{"total_usage":7000000}},"memory_stats":{"usage":2048}}`
	lines := []string{
		fmt.Sprintf("%susage size %d %x", marker, len(usage), sha256.Sum256([]byte(usage))), fmt.Sprintf("%susage 0 %x", marker, usage),
	}
	if result != "" {
		lines = append(lines,
			fmt.Sprintf("%sresult size %d %x", marker, len(result), sha256.Sum256([]byte(result))), fmt.Sprintf("%sresult 0 %x", marker, result))
	}
	return append(lines, fmt.Sprintf("%send %d", marker, code))
}

// attemptIn finds the id of an attempt in its environment.
func attemptIn(environment []string) string {
	for _, variable := range environment {
		if value, ok := strings.CutPrefix(variable, computetest.AttemptVariable+"="); ok {
			return strings.ReplaceAll(value, ".", "/")
		}
	}
	return ""
}
