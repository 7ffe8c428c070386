package sched_test

import (
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// cloudReport reads what a driver says of hosts that it launches and of environments that it provisions; nil if the command is another.
func (w *world) cloudReport(a arguments) batch.Report {
	in := func(key string) batch.Time {
		if s := a.number(key, 0); s > 0 {
			return batch.At(w.now.Add(time.Duration(s) * time.Second))
		}
		return 0
	}
	switch a.d.Cmd {
	case "coming":
		r := batch.HostComing{ID: a.name(), Stage: batch.Stage(a.text("stage", "LAUNCHING")), Name: a.text("is", "")}
		if offers := a.offers(); len(offers) > 0 {
			r.Offer = offers[0]
		}
		return r
	case "refused":
		r := batch.HostRefused{ID: a.name(), Why: batch.NoCapacity, Text: "nothing is left", Until: in("for")}
		for _, o := range a.offers() {
			r.Pools = append(r.Pools, o.Pool)
		}
		return r
	case "closing":
		return batch.HostClosing{ID: a.name(), Why: batch.ClosingCause(a.text("why", "INTERRUPTED")), By: in("in")}
	case "env-ready":
		return batch.EnvironmentReady{
			Name: a.name(), UUID: a.text("uuid", "uuid-"+a.name()), Revision: a.number("revision", 1), Spec: a.text("spec", ""), Offers: a.offers(),
		}
	case "env-failed":
		return batch.EnvironmentFailed{
			Name: a.name(), UUID: "uuid-" + a.name(), Revision: a.number("revision", 1), Reason: a.text("reason", "no permission"), Until: in("for"),
		}
	case "env-retired":
		return batch.EnvironmentRetired{Name: a.name(), UUID: a.text("uuid", "uuid-"+a.name())}
	default:
		return nil
	}
}

// resources reads "strategy=BEST_FIT_PROGRESSIVE delay=20 terminates=true timeout=30" in minutes; nil without a strategy.
func (a arguments) resources() *batch.Resources {
	strategy, image := batch.Strategy(a.text("strategy", "")), a.text("default-image", "")
	if strategy == "" && image == "" {
		return nil
	}
	return &batch.Resources{
		DefaultImage: image,
		Strategy:     strategy, ScaleDownDelay: time.Duration(a.number("delay", 0)) * time.Minute,
		UpdatePolicy: batch.UpdatePolicy{
			TerminateJobs: a.text("terminates", "") != "", JobTimeout: time.Duration(a.number("timeout", 0)) * time.Minute,
		},
	}
}
