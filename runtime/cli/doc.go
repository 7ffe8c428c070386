// Package cli is the commands of batchd, as a library: the standalone binary and the provider's bundled
// runtime are two doors to it. A command finds the runtime, asks it, and prints; it decides nothing.
package cli
