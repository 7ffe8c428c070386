// Package sched decides. [Machine] is told commands and facts and answers with rounds: the
// rows that changed, the orders to give, the notes to pass on. It does no I/O, reads no
// clock, draws no dice, takes no lock and writes no log, so the same story told twice gives
// the same answers, and a simulator can tell it any story.
package sched
