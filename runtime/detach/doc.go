// Package detach starts processes that outlive the one that starts them, so that they keep nothing of it that matters
// to others: no descriptor (a lock stays taken, a pipe stays open, for as long as anyone has it), no terminal and no
// blocked signals.
package detach
