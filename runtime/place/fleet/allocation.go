package fleet

import "github.com/batchd/terraform-provider-batch/runtime/batch"

// Allocation is what one live attempt holds of its host and its environment, or will hold once one of those before it has ended:
// see [batch.Run.Ahead].
type Allocation struct {
	Run         *batch.Run // of the attempt; its order, and when it is expected to end
	Host        *Host      // nil once it has ended
	Environment *Environment
	Shape       batch.Shape
	Container   bool
	Needs       []batch.Need // consumable resources that it has taken
	guesses     int32        // how often it was given an expected end
	phase       Phase
}

// Runner is what runs the attempt.
func (a *Allocation) Runner() *Runner { return a.Host.Runner(a.Container) }

// Book adds what a holds to the books of its environment, its host and its runner; with sign -1 it takes it off them.
func (a *Allocation) Book(sign int64) {
	delta := a.Shape.Times(sign)
	a.Environment.Used = a.Environment.Used.Plus(delta)
	a.Host.hold(delta)
	a.Runner().Live += int(sign)
}

// Enter counts a among the attempts that are expected to end on the hosts of its pools, and Leave takes it out.
func (a *Allocation) Enter() { a.enter(1) }

// Leave is the opposite of [Allocation.Enter].
func (a *Allocation) Leave() { a.enter(-1) }

func (a *Allocation) enter(sign int) {
	for p := range a.Host.Pools {
		p.Ends.live += sign
	}
}

// Count keeps the numbers of attempts of its runner that do not run yet.
func (a *Allocation) Count(as Phase) {
	r := a.Runner()
	*r.count(a.phase)--
	*r.count(as)++
	a.phase = as
}

// Expect notes that the attempt, which holds a place, is expected to end when it has run for as long as its row says.
func (a *Allocation) Expect() { a.expect(a.Run.Began().Add(a.Run.Expected)) }

func (a *Allocation) expect(at batch.Time) {
	a.guesses++
	for p := range a.Host.Pools {
		p.Ends.add(End{At: at, Allocation: a, order: a.Run.Order, guess: a.guesses})
	}
}
