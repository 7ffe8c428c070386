package sched_test

import (
	"fmt"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

func describe(j batch.Job) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", j.ID, j.Status)
	if j.Array != nil {
		fmt.Fprintf(&b, " size=%d unborn=%s", j.Size, j.Array.Unborn.Status)
		for _, s := range batch.Statuses() {
			if n := j.Array.Counts[s]; n > 0 {
				fmt.Fprintf(&b, " %s=%d", strings.ToLower(s.String()), n)
			}
		}
		if n := j.Array.ResultErrors; n > 0 {
			fmt.Fprintf(&b, " result-errors=%d", n)
		}
	}
	if j.Attempt > 0 {
		fmt.Fprintf(&b, " #%d", j.Attempt)
	}
	if j.Run != nil {
		fmt.Fprintf(&b, " %s%s", j.Run.Environment, on(j.Run.Host))
		if j.Run.Held {
			b.WriteString(" held")
		}
		if j.Run.Outcome != batch.Submitted {
			fmt.Fprintf(&b, " becomes=%s", j.Run.Outcome)
		}
		if j.Run.Ahead {
			b.WriteString(" ahead")
		}
		if j.Run.Stop != batch.NotStopped {
			b.WriteString(" stopping")
		}
	}
	if j.ReusedFrom != "" {
		fmt.Fprintf(&b, " reused=%s", j.ReusedFrom)
	}
	if j.ResultError != "" {
		fmt.Fprintf(&b, " result-error=%q", j.ResultError)
	}
	if j.Joined != "" {
		fmt.Fprintf(&b, " joined=%s", j.Joined)
	}
	if c := j.Claims; c != nil {
		fmt.Fprintf(&b, " claims=%s", claims(c))
	}
	if j.StatusReason != "" {
		fmt.Fprintf(&b, " %q", j.StatusReason)
	}
	return b.String()
}

// claims says who holds a job, and "end" if somebody wants it ended.
func claims(c *batch.Claims) string {
	var all []string
	for _, held := range c.Held {
		if held.Until != 0 {
			held.Name += fmt.Sprintf("@%d", held.Until)
		}
		all = append(all, held.Name)
	}
	if c.End {
		all = append(all, "end")
	}
	return "(" + strings.Join(all, ",") + ")"
}

// on says which host, unless it is this machine.
func on(host string) string {
	if host == batch.LocalHost {
		return ""
	}
	return "@" + host
}

// aboutEnvironment says which pools are closed, and why, and what is not as usual.
func aboutEnvironment(e batch.Environment) (text string) {
	for _, r := range e.Refused {
		text += fmt.Sprintf(" %s=%s", r.Type, r.Why)
	}
	if e.Spec != "" {
		text += " spec=" + e.Spec
	}
	if e.Health == batch.Invalid {
		text += fmt.Sprintf(" %q", e.StatusReason)
	}
	return text
}

// aboutHost says what a host became, and why it closes.
func aboutHost(h batch.Host) (text string) {
	if h.Name != "" {
		text += fmt.Sprintf(" %s is %s", h.Name, h.Launch.Offer.Type)
	}
	if c := h.Closing; c != nil {
		text += fmt.Sprintf(" closing=%s", c.Why)
	}
	return text
}

// describeLaunch says which hosts of a group are launched: "e-1-0 small for e", or "e-1-0,e-1-1 of 3 small|large together for e spec=x".
func describeLaunch(o sched.LaunchHosts) string {
	types := make([]string, len(o.Offers))
	for i, offer := range o.Offers {
		types[i] = offer.Type
		if offer.Zone != "" {
			types[i] += "@" + offer.Zone
		}
	}
	text := "launch " + strings.Join(o.Hosts, ",")
	if o.Count != len(o.Hosts) {
		text += fmt.Sprintf(" of %d", o.Count)
	}
	text += " " + strings.Join(types, "|")
	if o.Together {
		text += " together"
	}
	if text += " for " + o.Environment; o.Spec != "" {
		text += " spec=" + o.Spec
	}
	return text
}

func describeOrder(o sched.Order) string {
	switch o := o.(type) {
	case sched.ProvisionEnvironment:
		text := fmt.Sprintf("provision %s revision=%d", o.Environment.Name, o.Environment.Revision)
		for _, h := range o.Hosts {
			text += fmt.Sprintf(" %s=%s", h.ID, h.Launch.Stage)
		}
		return text
	case sched.RetireEnvironment:
		return "retire " + o.Environment.Name
	case sched.LaunchHosts:
		return describeLaunch(o)
	case sched.ReleaseHost:
		return "release " + o.Host
	case sched.StartAttempt:
		ahead := ""
		if o.Ahead {
			ahead = " ahead"
		}
		if o.NodeCount > 0 {
			ahead += fmt.Sprintf(" node of %d, main %d at %q", o.NodeCount, o.MainNode, o.MainAddress)
		}
		return fmt.Sprintf("start %s %s%s%s", o.Attempt, o.Environment, on(o.Host), ahead)
	case sched.StopAttempt:
		if o.Recall {
			return fmt.Sprintf("recall %s", o.Attempt)
		}
		return fmt.Sprintf("stop %s", o.Attempt)
	case sched.ForgetAttempt:
		return fmt.Sprintf("forget %s", o.Attempt)
	}
	return fmt.Sprint(o)
}
