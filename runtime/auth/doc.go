// Package auth says who a request is from: SigV4 signatures and the keys they are made
// with, and the checks that keep web pages away from a service that runs commands. What
// a caller may do with a resource is not decided here.
package auth
