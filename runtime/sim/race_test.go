//go:build race

package sim

// defaultSeeds is how many seeds a test run plays; fewer, because the race detector makes each of them slow.
const defaultSeeds = 40
