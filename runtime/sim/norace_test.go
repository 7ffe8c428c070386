//go:build !race

package sim

// defaultSeeds is how many seeds a test run plays.
const defaultSeeds = 300
