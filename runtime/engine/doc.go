// Package engine does what package sched decides. One goroutine owns the machine: it takes the commands
// and facts that wait, has them applied, makes the changed rows durable in one commit, and only then answers
// the callers and hands the orders to the drivers. It knows borders, never a concrete store or driver, and
// it decides nothing about jobs itself.
//
// # Words
//
//   - machine: the scheduler, a [sched.Machine]; only the loop calls it.
//   - turn: the commands, queries and facts that one round works on.
//   - round: one turn, decided, made durable, answered and handed out.
//   - letter: an order, or the request for a census, on its way to a driver.
//   - mailbox: the letters that wait for one driver, and the goroutine that calls it.
//   - verb: which method of a driver a letter is for; a verb whose call failed rests for a while.
//   - gather: to read from the store what a command or query needs, before it is given to the loop.
//   - fault: a law of the machine that was broken.
//
// # Files, in the order to read them
//
//   - engine.go: the options, Start and Stop.
//   - do.go: how a command or query comes in and how it is answered.
//   - gather.go, identify.go, upstream.go: what is read for a command: rows, content keys and results that can be taken again.
//   - loop.go: the rounds; answer.go: the queries at the end of a round.
//   - mailbox.go, orders.go, launch.go, trouble.go: orders on their way to a driver, and calls that fail.
//   - resolve.go, submission.go, cache.go: what a start order tells a driver to run.
//   - recover.go, fault.go, health.go: a commit that fails, a broken law, and what readers are told of them.
//   - clock.go: times that never go back; observe.go: what metrics and readers of the log are told.
//   - limits.go: every limit.
package engine
