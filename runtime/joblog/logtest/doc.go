// Package logtest tests readers of logs: [Run] is the behaviour that every [joblog.Reader] must have, and [Remote] is a reader of
// streams that a service keeps, in memory. The service has what makes such streams unlike a file: its tokens mean nothing to anybody
// else, its pages are small and sometimes empty, and lines may appear late.
//
// A reader that a driver brings runs the suite over its own service, or over a double of it.
package logtest
