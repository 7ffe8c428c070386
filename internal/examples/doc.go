// Package examples tests what users read first: every example is applied with the real Terraform and the real binaries, planned again
// and destroyed, and the script of the main example is checked against the formula it estimates.
package examples
