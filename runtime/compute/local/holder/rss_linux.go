package holder

// maxRSSUnit is how much of rusage's peak memory makes a KiB.
const maxRSSUnit = 1
