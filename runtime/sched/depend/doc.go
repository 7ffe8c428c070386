// Package depend knows the rules of dependsOn, and who waits for whom.
//
// A job waits for what it depends on as long as that has not ended. Each [batch.DependencyKind] says how it must end: [Breaks] returns
// why a job fails whose dependency ended otherwise. For example, a job that depends on another with type AFTER_FAILED fails when the
// other succeeds.
//
// A [Graph] holds three relations, each by what is waited for:
//
//   - who awaits the end of a job or child, in order of submission;
//   - which arrays are paired with an array, so that each child waits for one child there (N_TO_N), in order of submission;
//   - who follows a submission: depends on it or on a child of it, whether or not that has ended, because it may be retried.
//
// It knows its jobs as [Waiter] alone, and keeps no account of what each of them waits for. A job that stops waiting for another cause
// stays in the lists; it is passed over, and dropped when a list would have to grow.
package depend
