// Package sched decides which job runs next, and what becomes of a job whose attempt has ended.
//
// # Contract
//
// A [Machine] is told two kinds of [Event]. A [Command] comes from a client, may be refused, and has then changed nothing. A
// [Fact] comes from a driver or from the clock and cannot be refused. Once in a round the machine is asked to place work, and
// then for what it has decided:
//
//	m := sched.Load(snapshot, config)
//	for {
//		reply, err := m.Apply(now, event) // as many as there are
//		m.Dispatch(now)
//		r := m.Take()
//		// Commit r.Delta, in one transaction. Only then answer with reply, and give r.Orders to the drivers.
//		// Come back for the next event, or at r.WakeAt.
//	}
//
// The package does no I/O, reads no clock, draws no random numbers, takes no locks and writes no log. The same events at the
// same times give the same rounds, byte for byte, so a simulator can play any story against the machine that runs in
// production. One goroutine owns a Machine.
//
// Rows are the truth: Load of the rows that a machine has written gives a machine that decides as that one would have. What is
// lost with the process is called a hint, and changes no outcome.
//
// A command is a struct that embeds [Caller] and has an apply method. It checks everything first and changes the machine
// afterwards. Some commands need rows that are not in memory, for example the definition that a submission names. They say so
// with [Needs], and carry what [Gather] has read as [Given]. What may have changed since is checked again, and [batch.ErrStale] asks for another
// reading.
//
// A [Query] asks why a job waits, what would become of a submission, or what is placed next. It changes nothing.
//
// Orders are named by attempt and may be given again. Reports may be lost, late or repeated. What a [Census] lists is the truth.
//
// # Example
//
// A client submits an array of three children to a queue over an environment of two vCPUs; each child asks for one. Apply puts
// one row for the whole array into the delta and a class with one entry into the queue's line. Dispatch places two children: each
// is born, which means that it gets a row of its own, and two orders leave. The third has no room, so its class is marked as
// blocked at the present stamp and is not looked at again until the stamp changes. When the report of the first exit comes, the
// job succeeds, the stamp changes, and the next Dispatch starts the third child.
//
// # Words
//
//	submission   what one SubmitJob makes: a single job, an array or a multi-node job
//	job          in code: a submission, a child with a row, or a node of a multi-node job
//	unborn       a child of an array that has no row yet; the array's row speaks for all of them
//	attempt      one run of a job; Run is the part of a row that is about the live attempt
//	order        something that a driver is to do (StartAttempt); Run.Order is the number of a start
//	gang         a multi-node job, whose nodes are placed all at once or not at all
//	held         a node that has its place and waits until the main node runs
//	line, class  the work that waits in a queue, and the work in it that asks for the same (package line)
//	head         the work that is served first in its queue or class
//	stamp        a number that changes whenever work that did not fit may fit now (mayFit)
//	closed       a queue whose work was all found not to fit, at the stamp that is noted
//	kept         the place that a blocked head is expected to take (a reservation, package fleet)
//	aside        work that can never be placed as things are; other work does not wait for it
//	parked       work kept back because its array has as many live children as maxConcurrency allows
//	lane         the live attempts of one environment, host and shape, and those that wait at the driver (package lane)
//	ahead        an attempt that waits at the driver for the place of one in its lane
//	gate         what lets the children of an array run one by one (SEQUENTIAL, N_TO_N; package array)
//	flight       the points of several submissions that are the same work, of which one runs (package flight)
//	joined       work that waits for the live attempt of its flight
//	claim        a client's hold on a submission, which is ended early only when the last claim is given up
//	set back     work that a host refused, behind what was refused less often
//	hint         what no row holds, and whose loss changes no outcome
//
// # Packages below
//
// What can be understood without jobs and queues is in packages of its own. The machine calls them and decides:
//
//	array          the children of an array: which have rows, wait, may run or must fail
//	depend         the rules of dependencies, and who waits for whom
//	flight         which points of submissions are the same work, and who runs it
//	lane           who waits at a driver for the place of whom
//	deadline       what is due when
//	outcome        what an attempt that has ended makes of its job
//
// What is asked for, submit; how long attempts run, place/history; in what order and where work is placed, place/line and
// place/fleet; why it waits, place/why; what is only kept, registry.
//
// # Files, in the order in which to read them
//
// Each group rests on the ones before it, and in a group each file on the ones before it, as far as decisions about jobs do not call for
// one another.
//
// What is said and what is remembered:
//
//	limits.go      every limit, and the reasons that clients read
//	event.go       events, commands and facts; the round that comes back, orders, notes
//	query.go       questions and their answers; the view that is published
//	machine.go     the Machine: all that it remembers; Take
//	job.go         a job and a queue in memory, and how they are found
//	deadline.go    the timers of a job: its timeout, the limit of its waiting, the lapse of its claims
//	rows.go        what commands about documents have in common: names, rows, tags
//
// Jobs, from their submission to their end:
//
//	waiting.go     a job as the work that waits in a line, or is kept from it
//	move.go        the transition table; the only place in which a status changes, and what it entails
//	dependency.go  what becomes of a job when what it waits for ends; children that run one by one
//	flight.go      points that several submissions share, and results that are taken
//	end.go         CancelJob and TerminateJob; what ends a job: its dependencies, its claims, its timers
//	submit.go      SubmitJob, and the claims of clients on a submission
//	reopen.go      RetryJob
//	gather.go      what such commands have to be given from the store, and how that is read
//
// Attempts, from their start to their end:
//
//	attempt.go     starts, stops and records; what an attempt holds, and who inherits it
//	gang.go        multi-node jobs
//	report.go      starts and exits
//	host.go        hosts; faults of their runners
//	scale.go       which hosts are launched and released
//	arrival.go     what becomes of launched hosts, and of the pools that give them
//	closing.go     hosts that take no more attempts
//	provision.go   environments whose drivers make what they need
//	census.go      what drivers report: one thing, or all at once
//
// Documents:
//
//	policy.go      scheduling policies
//	shares.go      shares of queues with a fair-share policy
//	environment.go compute environments
//	queue.go       job queues
//	definition.go  job definitions
//	consumable.go  consumable resources, and what attempts take of them
//
// Placing:
//
//	blocked.go     why the head of a queue waits, in its row; work that is set aside
//	ahead.go       work that runs ahead at the driver, or joins what runs already
//	dispatch.go    one pass over all queues
//
// Questions:
//
//	outlook.go     what is placed next, and when work will start
//	explain.go     why a job waits
//	inventory.go   which hosts there are, and what runs on them
//	answer.go      the answers; what would become of a submission
//
// The rest:
//
//	load.go        a machine from rows
//	check.go       the laws of a machine's state, and its state as text, for tests and simulations
package sched
