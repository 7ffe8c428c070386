// Package storetest holds the behaviour every store must have, as a test suite, and
// [Memory], a plain store that has it. It knows no store but that one.
//
// The files, in the order to read them:
//
//   - storetest.go: [Run], which names every test of the suite.
//   - rows.go, fill.go, widths.go, records.go: every field of every row, the largest numbers, and rows that are stored as records.
//   - jobs.go, nodes.go, retry.go, uses.go: jobs, arrays and multi-node jobs, and how they are found.
//   - access.go, prune.go: access keys, and the logs.
//   - together.go: answers of one moment; writer.go: one writer at a time.
//   - twin.go, twin_compare.go, difference.go: the store and Memory are told the same random stories.
//   - memory.go, memory_reader.go, memory_parts.go, memory_log.go, clone.go: Memory.
package storetest
