// Package cli is the commands of batchd as a library. The standalone binary and the provider's bundled runtime
// both call [Main]. A command finds the runtime, asks it, and prints the answer; it makes no decisions of its own.
//
// Every command is a method of root, which holds the flags that all commands share. The errors of main.go become
// exit codes: a usageError is 2, a runtime that cannot be reached is 3. Text goes through output.go, which escapes
// characters that control a terminal and makes tables fit it.
//
// # Words
//
//   - target: the endpoint and credentials of the runtime that a command talks to.
//   - submission: what the flags of submit and plan describe.
//   - history: a workload that is made of the ended jobs of a runtime.
//
// # Files, in the order to read them
//
//   - main.go: Main, the root command, errors and exit codes.
//   - connect.go: finding the runtime.
//   - output.go: tables, JSON and escaping.
//   - submit.go, submission.go, inputs.go, defaults.go: submit; its flags, the files that it hashes, and the
//     default queue and definition.
//   - plan.go, explain.go, hosts.go, retry.go: the commands of these names.
//   - wait.go, pace.go, ending.go, failures.go, reused.go: waiting for a job, the time left, and how a job is said
//     to have ended.
//   - jobs.go: jobs, cancel and terminate.
//   - describe.go, logs.go, events.go: the commands of these names.
//   - key.go, audit.go: access keys and the audit log.
//   - serve.go, logfile.go: serve, holder, stop and version; the log file that is rotated.
//   - env.go: env and doctor.
//   - simulate.go, simulate_input.go, simulate_history.go, simulate_report.go: simulate; what it reads and what it
//     prints.
package cli
