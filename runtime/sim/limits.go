package sim

import "time"

// micros counts microseconds of the world since it began. It never leaps; the wall clock does.
type micros int64

const (
	millisecond micros = 1000
	second             = 1000 * millisecond
)

func std(d micros) time.Duration { return time.Duration(d) * time.Microsecond }

// Limits and rhythms of the world.
const (
	// epoch is what the wall clock shows when the world begins, in milliseconds since 1970.
	epoch = 1_700_000_000_000
	// maxFactsPerRound and maxAsksPerRound bound one round of the imitated engine.
	maxFactsPerRound = 64
	maxAsksPerRound  = 16
	// censusEvery is the time between two censuses; short, so that lost reports are made good soon.
	censusEvery = 10 * second
	// worldEvery is how often the dice are asked whether the host dies, the clock leaps and so on.
	worldEvery = 2 * second
	// hostGrace is what the machine is configured with.
	hostGrace = 15 * time.Second
	// leapLength is how far the clock leaps at most.
	leapLength = 2 * 3600 * second
	// calmLimit bounds the time from the end of all faults to the end of all work, maxSteps the whole story.
	calmLimit = 30 * 60 * second
	maxSteps  = 400_000
	// equalEvery is how many rounds pass between two comparisons of the machine with one loaded from its rows.
	equalEvery = 12
	// askEvery is how many rounds pass between two moments at which the machine is asked.
	askEvery = 4
	// sharedEvery is how many seeds pass between two stories of sharing.
	sharedEvery = 2
	// pairEvery is how many seeds pass between two comparisons of a story with crashes and one without.
	pairEvery = 3
	// unfitEvery is how many seeds pass between two pairs of seeds that are told with machines that refuse starts, too.
	unfitEvery = 6
	// straysEvery is how many seeds pass between two pairs of seeds that are told with strays, too.
	straysEvery = 6
	// launchesEvery is how many seeds pass between two pairs of seeds that are told with hosts that are launched, too.
	launchesEvery = 6
	// accountsEvery is how many seeds pass between two seeds that are told with environments that are provisioned, too.
	accountsEvery = 3
	// noticeTime is how long before its end a host that is interrupted closes.
	noticeTime = 2 * second
	// launchPatience and firstPaid are what the machine is configured with in those.
	launchPatience = 12 * time.Second
	firstPaid      = 2 * time.Second
	// promptly is how soon, in a world without faults, a committed start has to have reached the host.
	promptly = 200 * millisecond
	// longestUnfit is how long a runner of a machine starts nothing at most.
	longestUnfit = 25 * second
	// longestBelief is how long a machine that is well is taken for one at fault at most: a census comes in the meantime, even if
	// it is stale.
	longestBelief = 30 * second
	// triesAtFirst and triesEachSecond bound how often a runner at fault is tried.
	triesAtFirst    = 10
	triesEachSecond = 2
	// longestGrace is how long an attempt that was told to stop goes on at most.
	longestGrace = 300 * millisecond
	// clearPatience is how long an attempt whose process has ended is held up by what it has left, and recoverPatience how long
	// the successor of a dead holder waits until what that left has gone: those of package holder.
	clearPatience   = 10 * second
	recoverPatience = 5 * second
	// longestAbsence is how long a machine has no holder at most.
	longestAbsence = 3 * second
	// firstClear and lastClear are the shortest and longest pause before it is looked again whether that has gone.
	firstClear = millisecond
	lastClear  = 100 * millisecond
	// longestStay is how long a process that was killed takes to go at most.
	longestStay = 25 * second
	// maxShrinkPlays bounds the work of making a failing story short.
	maxShrinkPlays = 300
	// storyTail is how many lines of a failing story are kept.
	storyTail = 60
)
