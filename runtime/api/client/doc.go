// Package client is the typed client of the wire that the provider and the command line
// use: it signs, retries, pages and waits. It decides nothing about what to submit, and
// starts no runtime.
package client
