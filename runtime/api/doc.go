// Package api serves the wire: it routes requests, verifies their callers, decodes them strictly, turns them
// into commands and queries, and renders the answers in AWS's shapes. It has no rules of its own: rules of one
// field are in package wire, and rules between objects in package sched.
package api
