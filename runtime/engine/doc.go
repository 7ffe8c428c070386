// Package engine does what package sched decides. One goroutine owns the machine: it takes the commands
// and facts that wait, has them applied, makes the changed rows durable in one commit, and only then answers
// the callers and hands the orders to the drivers. It knows borders, never a concrete store or driver, and
// it decides nothing about jobs itself.
package engine
