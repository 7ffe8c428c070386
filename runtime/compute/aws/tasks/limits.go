package tasks

import "time"

// How often tasks are looked at.
const (
	// lookEvery is the time between two looks at the tasks of a cluster, and lookEach what is added for each hundred of them: 50,000 tasks are
	// looked at once in a minute.
	lookEvery = time.Second
	lookEach  = 120 * time.Millisecond
	// listEvery is the time between two lists of a cluster's tasks, for those that nobody knows.
	listEvery = time.Minute
	// settle is how long after the start the first list is made: what was started before it is seen by then.
	settle = 5 * time.Second
	// forgottenAfter is how long a task must not have been seen, and missesUntilForgotten how many looks in a row, before ECS has forgotten it.
	forgottenAfter       = time.Minute
	missesUntilForgotten = 3
	// rememberFor is how long tasks that are of no interest any more are remembered, and refusals: longer than ECS shows a stopped task.
	rememberFor = 2 * time.Hour
)

// What is done at once.
const (
	// callsInFlight is how many RunTask calls are made for one cluster at once.
	callsInFlight = 64
	// perCall is how many tasks a call lists or describes at most (Amazon ECS API reference), and how many logs one reads (CloudWatch Logs).
	perCall = 100
	// describedOfFamily is how many revisions of a family are looked at for one that has the content wanted.
	describedOfFamily = 10
)

// How long things may take.
const (
	// callTimeout bounds one call. What it did if it takes longer is not known.
	callTimeout = 30 * time.Second
	// firstWait and longestWait bound the pause before a call that failed is made again.
	firstWait   = time.Second
	longestWait = 20 * time.Second
	// stopAgain is how often StopTask is called for a task that does not stop.
	stopAgain = time.Minute
	// resultWait is how long the last lines of a log are waited for after the end of a task, and killedWait if its wrapper may have been killed,
	// too: CloudWatch Logs shows lines seconds after they were written.
	resultWait = 45 * time.Second
	killedWait = 10 * time.Second
	// resultGiveUp is how long a log is tried to be read that cannot be.
	resultGiveUp = 10 * time.Minute
	// resultEvery is the time between two looks at a log for them.
	resultEvery = time.Second
	// printedBefore is how long before the end of its task a wrapper may have printed its lines.
	printedBefore = 10 * time.Minute
)
