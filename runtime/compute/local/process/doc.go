// Package process starts processes of this machine, each in a process group of its own with one
// pipe for its output, and reaps them. It knows what a command, a script, a user and a memory limit are;
// it knows nothing of attempts, lanes or logs. One process of the system uses it: the
// reaper takes every child of the caller.
package process
