// Package governor keeps the calls to an AWS account within its documented budgets. AWS gives each account and region a token bucket
// for each API, or for a group of them, and refuses what exceeds it. The governor holds a bucket of the same size less a
// reserve on this side, so that calls wait here, in an order that we choose, and are rarely refused there.
//
// A [Governor] belongs to one account and region. [Governor.Attach] puts it into the options of an SDK client; each attempt of a
// call, a retry too, then waits for its tokens. Calls that wait for one bucket are served by [Lane], and within a lane in the order in which they came:
//
//	ctx = governor.In(ctx, governor.Stop)
//	_, err := client.StopTask(ctx, input)
//
// A call that is refused nevertheless halves the rate of its bucket, which then recovers within a minute: another program may
// use the same account.
package governor
