package why

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
)

// Prospect is what environments that launch hosts have in prospect for work that waits. The zero Prospect: they were not asked.
type Prospect struct {
	// Environment is the one in which a host is coming, or about to be ordered, that the first of the work is promised to; nil: none is.
	Environment *fleet.Environment
	Host        *fleet.Host // nil: it is about to be ordered
	// Lacks is why others of its environments get no room for it, in the order in which they are tried.
	Lacks []Lacking
}

// Lacking is why an environment gets no room for work.
type Lacking struct {
	Environment *fleet.Environment
	fleet.Lack
}

// Told adds the answer of an environment to what is known.
func (p *Prospect) Told(e *fleet.Environment, a fleet.Answer) {
	if p.Environment == nil && (a.Host != nil || a.Launches) {
		p.Environment, p.Host = e, a.Host
	}
	if a.Left > 0 {
		p.Lacks = append(p.Lacks, Lacking{e, a.Lack})
	}
}

// shortage is the code of why no host is launched; empty if that is not why the work waits.
func (p *Prospect) shortage() Code {
	is := func(cause fleet.LackCause) bool {
		return slices.ContainsFunc(p.Lacks, func(l Lacking) bool { return l.Cause == cause })
	}
	switch {
	case is(fleet.Protected):
		return Protected
	case is(fleet.PoolsRest):
		return NoHost
	default:
		return ""
	}
}

// coming is a sentence that says what host the work waits for. An example: "It waits for instance i-0a1 (m6i.xlarge, us-east-1a) of compute
// environment e, joining since 40 s." is said of a host that runs and takes no attempts yet.
func (p *Prospect) coming(at batch.Time) string {
	if p.Host == nil {
		return fmt.Sprintf("It waits for an instance of compute environment %s that is about to be asked for.", p.Environment.Row.Name)
	}
	row := p.Host.Row
	since := at.Sub(row.Launch.StageAt).Truncate(time.Second)
	return fmt.Sprintf("It waits for instance %s (%s) of compute environment %s, %s since %s.",
		cmp.Or(row.Name, row.ID), kindOf(row.Launch), p.Environment.Row.Name, stageWords[row.Launch.Stage], seconds(since))
}

// seconds renders a duration as people do: "40 s", "3m20s".
func seconds(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%d s", int(d.Seconds()))
	}
	return d.String()
}

var stageWords = map[batch.Stage]string{batch.Ordered: "asked for", batch.Launching: "starting", batch.Joining: "joining"}

// kindOf is what a host became, or may become: "m6i.xlarge, us-east-1a", or "m6i.xlarge, us-east-1a or 11 other pools".
func kindOf(l *batch.Launch) string {
	text := poolWords(l.Offer.Pool)
	if more := len(l.Offers) - 1; more > 0 {
		text += fmt.Sprintf(" or %d other pool%s", more, Plural(int64(more)))
	}
	return text
}

// poolWords renders a pool.
func poolWords(p batch.Pool) string {
	text := p.Type
	if p.Zone != "" {
		text += ", " + p.Zone
	}
	if p.Market == batch.SpotMarket {
		text += ", Spot"
	}
	return text
}

// words is why no host is launched, as a sentence for each environment.
func (p *Prospect) words() string {
	sentences := make([]string, len(p.Lacks))
	for i, l := range p.Lacks {
		sentences[i] = l.sentence()
	}
	return strings.Join(sentences, " ")
}

func (l Lacking) sentence() string {
	row := l.Environment.Row
	switch l.Cause {
	case fleet.Protected:
		return fmt.Sprintf("The last %d instances of compute environment %s did not join it, so one at a time is launched until one does.", row.NeverCame, row.Name)
	case fleet.PoolsRest:
		text := fmt.Sprintf("No instance that fits is to be had for compute environment %s until %s", row.Name, l.Until.Std().UTC().Format(time.RFC3339))
		i := slices.IndexFunc(row.Refused, func(r batch.PoolRefusal) bool { return r.Until == l.Until })
		if i >= 0 {
			text += fmt.Sprintf(" (%s: %s)", poolWords(row.Refused[i].Pool), row.Refused[i].Text)
		}
		return text + "."
	case fleet.AtMax:
		return fmt.Sprintf("Compute environment %s has, or is going to have, as many vCPUs as it may: %s.", row.Name, vcpus(row.Max.MilliCPU))
	default:
		return fmt.Sprintf("Compute environment %s has no instance type that is large enough and within its price.", row.Name)
	}
}

// unwell says why environments take no work that would otherwise; empty if they are only disabled.
func (q *Question) unwell() (text string) {
	for _, o := range q.Tried {
		if e := q.Fleet.Environments[o.Environment]; e != nil && e.Row.State == batch.Enabled && e.Row.Health != batch.Valid {
			text += fmt.Sprintf(" Compute environment %s is %s: %s.", e.Row.Name, e.Row.Health, strings.TrimSuffix(e.Row.StatusReason, "."))
		}
	}
	return text
}
