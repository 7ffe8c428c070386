// Package ending says how an attempt ended, from what Amazon ECS says of its stopped task. It is pure: a task goes in, a [batch.Exit]
// comes out. It makes no calls, and it does not read logs: results and usage are added by its caller.
//
// The reasons are AWS's own words, because the retry rules of users match them. For example, the rule {RETRY, onStatusReason:
// "Host EC2*"} must see the text of ECS for an instance that was reclaimed, and {EXIT, onReason: "CannotPullContainerError*"} that for
// an image that does not exist.
//
// # Rules
//
// A task says why it stopped by a code and by a text. Both are looked at, because older tasks have no code, and because the text of a
// lost host is better known than its code. See the table in table.go. What is not in it is a lost attempt: whether the job ran
// to its end is then not known.
//
//   - An exit code of the container decides where there is one and the task was not lost.
//   - A task that could not be placed ends as [batch.Refused]: nothing ran, and the attempt is tried again under its number.
//   - A task that was stopped by this driver before it started ends as [batch.Recalled]. The driver marks its own stops; see [StopReason].
//   - A job that ended with exit code 0 has succeeded, even if its host was being taken away. The notice is kept in the reason.
package ending
