// Package api is the wire: it routes requests, verifies who asks, decodes them strictly, turns them into
// commands and queries, and renders what comes back in AWS's shapes. It decides nothing: rules of one
// field are package wire's, rules between objects package sched's.
package api
