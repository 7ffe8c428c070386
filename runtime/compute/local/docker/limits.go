package docker

import "time"

const (
	// startsInFlight is how many containers are created and started at once; more do not make
	// a daemon faster.
	startsInFlight = 4
	// removalsInFlight is how many containers are removed at once.
	removalsInFlight = 2
	// createTimeout, startTimeout and requestTimeout bound one request to the daemon.
	createTimeout  = 4 * time.Minute
	startTimeout   = 3 * time.Minute
	requestTimeout = 30 * time.Second
	// pingEvery is the time between two looks at a daemon that does not start anything, or that runs containers.
	pingEvery = time.Second
	// pingTimeout is how long a daemon that runs containers may take to answer a ping. One that hangs is noticed after at most
	// pingEvery and pingTimeout.
	pingTimeout = 3 * time.Second
	// firstBelief and lastBelief bound the time for which a daemon that answers and has refused a start counts as at fault.
	firstBelief = time.Second
	lastBelief  = 4 * time.Second
	// reconnectWait is the time between two tries to reach a daemon that does not answer.
	reconnectWait = time.Second
	// sweepEvery is how often the daemon's list is compared with what is known; events only hurry.
	sweepEvery = 30 * time.Second
	// drainWait is how long the output of an ended container may still come before it is read anew.
	drainWait = 5 * time.Second
	// settleWait is how long Open waits for the logs and results of containers that ended before it.
	settleWait = 10 * time.Second
	// oomWait is how long the daemon's word that memory ran out is waited for after a SIGKILL nobody here sent.
	oomWait = 500 * time.Millisecond
	// removalTries is how often it is tried again to remove a container, at growing pauses.
	removalTries = 5
	// outputTries is how often it is tried to read the rest of an ended container's output.
	outputTries = 5
	// firstLook is the first pause before a container whose output ended is looked at again; it doubles up to reconnectWait.
	firstLook = 10 * time.Millisecond
	// killAgain is the time between two SIGKILLs to a container that does not end.
	killAgain = 10 * time.Second
	// replayed is how far back from its end, in milliseconds, recorded output is asked for again; the
	// times of a container's two streams may lie apart by less.
	replayed = 1000
	// pullProgressEvery is how often a pull says in the log how far it is.
	pullProgressEvery = 5 * time.Second
	// logFileSize and logFiles bound what the daemon keeps of one container's output.
	logFileSize = "64m"
	logFiles    = "2"
	// maxFrameBytes is the longest piece of output the daemon gives at once; a longer line comes in pieces.
	maxFrameBytes = 16 << 10
	// maxFrame is the largest frame accepted of the daemon: a piece, its timestamp and some room.
	maxFrame = 1 << 20
	// minCPUShares and maxCPUShares are the kernel's bounds of a cgroup's CPU weight.
	minCPUShares = 2
	maxCPUShares = 262144
	// nameJobBytes is how much of a job's id a container's name shows.
	nameJobBytes = 8
)

// Where the service's own files lie in a container: in an anonymous volume, which is writable
// under a read-only root too.
const (
	volumePath = "/batchd"
	scriptName = "script"
	scriptPath = volumePath + "/" + scriptName
	// rootResult is where root leaves a result: the volume's directory is root's, and an archive cannot change
	// that. For others, and beside a script, a directory comes in the archive that anybody may write to.
	rootResult   = volumePath + "/result.json"
	openDir      = "result"
	sharedResult = volumePath + "/" + openDir + "/result.json"
)
