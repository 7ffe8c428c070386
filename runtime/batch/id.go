package batch

import (
	"fmt"
	"strconv"
	"strings"
)

// JobID names a job: a UUID, "<uuid>:<index>" for the child of an array, or "<uuid>#<index>" for the node of a
// multi-node job.
type JobID string

// Child returns the id of the child at index of array id.
func (id JobID) Child(index int32) JobID {
	return id + JobID(":"+strconv.Itoa(int(index)))
}

// Split returns the array and index of a child's id; ok is false for any other id.
func (id JobID) Split() (parent JobID, index int32, ok bool) {
	at := strings.LastIndexByte(string(id), ':')
	if at < 0 {
		return id, 0, false
	}
	n, err := strconv.ParseInt(string(id[at+1:]), 10, 32)
	if err != nil || n < 0 || id[:at].Child(int32(n)) != id {
		return id, 0, false
	}
	return id[:at], int32(n), true
}

// Node returns the id of node index of multi-node job id.
func (id JobID) Node(index int32) JobID {
	return id + JobID("#"+strconv.Itoa(int(index)))
}

// SplitNode returns the multi-node job and index of a node's id; ok is false for any other id.
func (id JobID) SplitNode() (parent JobID, index int32, ok bool) {
	at := strings.LastIndexByte(string(id), '#')
	if at < 0 {
		return id, 0, false
	}
	n, err := strconv.ParseInt(string(id[at+1:]), 10, 32)
	if err != nil || n < 0 || id[:at].Node(int32(n)) != id {
		return id, 0, false
	}
	return id[:at], int32(n), true
}

// Part returns the submission and index of a child or of a node.
func (id JobID) Part() (root JobID, index int32, ok bool) {
	if root, index, ok = id.Split(); ok {
		return root, index, true
	}
	return id.SplitNode()
}

// Root returns the submission that id belongs to: the array of a child, the multi-node job of a node, else id itself.
func (id JobID) Root() JobID {
	root, _, _ := id.Part()
	return root
}

// AttemptID names one run of a job. Numbers count from 1.
type AttemptID struct {
	Job    JobID
	Number int32
}

// String returns "<job>/<number>".
func (a AttemptID) String() string { return string(a.Job) + "/" + strconv.Itoa(int(a.Number)) }

// ParseAttemptID is the inverse of [AttemptID.String].
func ParseAttemptID(s string) (AttemptID, error) {
	at := strings.LastIndexByte(s, '/')
	if at < 1 {
		return AttemptID{}, fmt.Errorf("attempt id %q: want <job>/<number>", s)
	}
	n, err := strconv.ParseInt(s[at+1:], 10, 32)
	if err != nil || n < 1 {
		return AttemptID{}, fmt.Errorf("attempt id %q: the number must be 1 or more", s)
	}
	return AttemptID{Job: JobID(s[:at]), Number: int32(n)}, nil
}

// MarshalText implements [encoding.TextMarshaler].
func (a AttemptID) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (a *AttemptID) UnmarshalText(text []byte) error {
	id, err := ParseAttemptID(string(text))
	*a = id
	return err
}
