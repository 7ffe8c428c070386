// Package rendezvous is where a runtime of this machine and those who look for it
// meet: the state directory with its lock, endpoint, port and credentials, and the one
// rule by which a client decides whom to talk to. It starts nothing and speaks no
// protocol.
package rendezvous
