// Package auth says who a request is from, with SigV4 signatures and the keys they are made
// with, keeps web pages away from a service that runs commands, and holds the rules by which
// a role or a pattern of queues lets a caller do something. Which operation asks for which
// role is the API's to say.
package auth
