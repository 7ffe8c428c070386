// Package bench measures the real binary against the limits of the machine it runs on: each figure has a
// reference that is measured in the same run, so that a busy machine does not decide. "make bench" prints
// one line per measure: name, value, unit, and the ratio to the reference.
package bench
