// Package holder is the small process that starts, pipes and reaps the attempts of one state
// directory, so that they outlive batchd, and the protocol by which batchd talks to it. It keeps what
// it is told: which attempts run, wait in a lane, or ended and are not forgotten. It decides nothing
// but which waiting attempt follows one that ended in the same lane, and it knows no containers.
package holder
