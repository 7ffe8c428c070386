// Package archtest holds the laws of the house as tests: who may import whom, what the deciding packages may
// never touch, how large a file may grow. A broken law fails the build and the message says why the law is there.
// It is for rules that no linter knows; what a linter can say is left to the linter.
package archtest
