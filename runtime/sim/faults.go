package sim

import "strconv"

// Fault is a way in which the world is unkind.
type Fault uint8

// The faults.
const (
	StartLost      Fault = iota // a start order does not arrive
	OrderLost                   // a stop or forget order does not arrive
	StartRefused                // the host cannot start the attempt
	HostLost                    // the host dies with all it holds, and comes back later
	WatcherLost                 // what watches the attempts dies, and they with it
	ReportLost                  // a report does not arrive
	ReportDoubled               // a report arrives again later
	ReportLate                  // a report arrives much later
	ReportReorder               // reports of different attempts overtake one another
	CensusStale                 // a census is old when it arrives
	CommitFailed                // a commit fails; half of those have landed
	CrashBefore                 // the process dies before it commits
	CrashAfter                  // the process dies after the commit, before answers and orders leave
	NoCapacity                  // no host is to be had in the place of one that died
	ClockLeap                   // the wall clock leaps forward
	MachineUnfit                // a runner of a host starts nothing for a while
	JobRefused                  // a host refuses whatever a job tries, as one that asks for too much
	StrayLeft                   // an attempt leaves processes behind
	StrayStays                  // a process that is killed takes long to go
	HostLate                    // a host that was launched is late to be ready
	HostNever                   // a host that was launched never is
	PoolEmpty                   // a pool has no host to give
	ProvisionFails              // an environment cannot be provisioned for a while
	HostCloses                  // a host that was launched is going to end
	LaunchCut                   // a driver forgets a host of a group that it launches
	faultKinds                  // how many there are
)

// storyKinds is how many kinds every story may have; the others are of stories of their own, see [world.makeUnfit],
// [world.makeStrays], [world.makeLaunches] and [world.makeAccounts].
const storyKinds = MachineUnfit

var faultNames = [faultKinds]string{
	"start-lost", "order-lost", "start-refused", "host-lost", "watcher-lost", "report-lost", "report-doubled", "report-late",
	"report-reorder", "census-stale", "commit-failed", "crash-before", "crash-after", "no-capacity", "clock-leap",
	"machine-unfit", "job-refused", "stray-left", "stray-stays", "host-late", "host-never", "pool-empty",
	"provision-fails", "host-closes", "launch-cut",
}

// String returns the fault's name.
func (f Fault) String() string {
	if f < faultKinds {
		return faultNames[f]
	}
	return "Fault(" + strconv.Itoa(int(f)) + ")"
}

// rates say how often each fault strikes, in thousandths of its opportunities.
type rates [faultKinds]int

// Rates of a seed that is high in one kind, and of one that mixes all.
var (
	highRates  = rates{250, 300, 250, 120, 120, 300, 400, 250, 500, 500, 120, 80, 80, 800, 150}
	mixedRates = rates{40, 40, 40, 40, 40, 50, 60, 50, 150, 100, 20, 12, 12, 400, 40}
)

// ratesOf gives a quarter of the seeds no fault, half of them one kind at a high rate, the rest a mixture.
func ratesOf(d dice) (r rates) {
	switch d.between(0, 3, "profile", "") {
	case 0:
	case 1, 2:
		kind := d.between(0, int64(storyKinds)-1, "profile kind", "")
		r[kind] = highRates[kind]
		if kind == int64(NoCapacity) { // which matters only where hosts die
			r[HostLost] = highRates[HostLost]
		}
	default:
		for kind := range storyKinds {
			if d.chance(600, "profile mix", kind.String()) {
				r[kind] = mixedRates[kind]
			}
		}
	}
	return r
}

// crashRates are those of a world that is kind but for a process that keeps dying.
func crashRates() (r rates) {
	r[CommitFailed], r[CrashBefore], r[CrashAfter] = 40, 40, 40
	return r
}

// faults decides by dice which faults strike, and remembers which did.
type faults struct {
	dice  dice
	rates rates
	muted map[string]bool
	over  bool // the world has become calm
	fired []string
	tally [faultKinds]int
}

// strikes reports whether the fault strikes at the opportunity named key.
func (f *faults) strikes(kind Fault, key string) bool {
	if f.over || f.rates[kind] == 0 || !f.dice.chance(f.rates[kind], kind.String(), key) {
		return false
	}
	name := kind.String() + " " + key
	if f.muted[name] {
		return false
	}
	f.tally[kind]++
	f.fired = append(f.fired, name)
	return true
}

// none reports whether this world never has a fault.
func (f *faults) none() bool { return f.rates == rates{} }
