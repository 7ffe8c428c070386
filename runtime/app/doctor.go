package app

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/auth"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/engine"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// doctor looks at the runtime and its machine.
func (a *App) doctor(ctx context.Context) []wire.Check {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	// All that is said of the scheduler is of one view. The store is read after it, so it has every job of that view.
	view := a.engine.View()
	checks := []wire.Check{a.checkSpace(ctx), a.checkStore(ctx), a.checkScheduler(&view), a.checkAuth(), a.checkPrivacy(), a.checkUser(), a.checkRoles()}
	var docker wire.Check // zero if there is none to ask
	if a.machine.containers != nil {
		docker = a.checkContainers(ctx)
	}
	for _, h := range view.Hosts {
		for _, r := range h.Runners {
			checks = append(checks, checkRunner(h.ID, r, docker))
		}
	}
	if a.machine.limits != nil {
		checks = append(checks, a.checkLimits())
	}
	if a.machine.leftovers != nil {
		checks = append(checks, a.checkLeftovers())
	}
	if a.machine.containers != nil {
		checks = append(checks, docker)
	}
	return checks
}

func (a *App) checkSpace(ctx context.Context) wire.Check {
	c := wire.Check{Name: "state directory", Status: wire.CheckOK}
	if err := a.store.Check(ctx); err != nil {
		c.Status, c.Detail, c.Remedy = wire.CheckFail, err.Error(), "stop the runtime, put the files back, or a backup of the whole directory, and start it again; nothing is accepted until then"
		return c
	}
	free, err := freeBytes(a.dir.Path())
	if err != nil {
		c.Status, c.Detail, c.Remedy = wire.CheckWarn, "how much space is left is not known: "+err.Error(), "look at "+a.dir.Path()
		return c
	}
	c.Detail = fmt.Sprintf("%s, %.1f GiB free", a.dir.Path(), float64(free)/(1<<30))
	switch {
	case free < noSpace:
		c.Status, c.Remedy = wire.CheckFail, "free some space: nothing is accepted without any"
	case free < lowSpace:
		c.Status, c.Remedy = wire.CheckWarn, "free some space"
	}
	return c
}

func (a *App) checkStore(ctx context.Context) wire.Check {
	c := wire.Check{Name: "store", Status: wire.CheckOK}
	counts, err := a.store.Counts(ctx)
	if err != nil {
		c.Status, c.Detail, c.Remedy = wire.CheckFail, err.Error(), "stop the runtime and look at "+a.dir.File(storeFile)
		return c
	}
	var jobs int64
	for _, n := range counts {
		jobs += n
	}
	c.Detail = fmt.Sprintf("%d jobs on record", jobs)
	return c
}

func (a *App) checkScheduler(view *sched.View) wire.Check {
	c := wire.Check{Name: "scheduler", Status: wire.CheckOK}
	c.Detail = fmt.Sprintf("%d submissions unfinished, %d attempts live", view.Unfinished, view.Attempts)
	if h := a.engine.Health(); h.State != engine.Working {
		c.Status, c.Detail, c.Remedy = wire.CheckFail, h.Cause, "see the log of the runtime"
	}
	return c
}

func (a *App) checkAuth() wire.Check {
	if a.options.Auth == AuthOff {
		return wire.Check{
			Name: "authentication", Status: wire.CheckWarn, Detail: "off: every process of this machine may run commands as this user",
			Remedy: "serve without --auth off",
		}
	}
	return wire.Check{Name: "authentication", Status: wire.CheckOK, Detail: "requests are signed (SigV4)"}
}

func (a *App) checkPrivacy() wire.Check {
	c := wire.Check{Name: "transport", Status: wire.CheckOK, Detail: "only this machine can reach " + a.Endpoint()}
	switch {
	case a.certificate != nil:
		c.Detail = "TLS with the certificate " + a.certificate.certFile
	case !auth.IsLoopback(a.options.Listen):
		c.Status, c.Detail = wire.CheckWarn, "HTTP without TLS on "+a.options.Listen+": anybody on the network path can read parameters, results and logs"
		c.Remedy = "serve with --tls-cert and --tls-key, unless something else encrypts the connection"
	}
	return c
}

func (a *App) checkUser() wire.Check {
	c := wire.Check{Name: "process jobs", Status: wire.CheckOK, Detail: fmt.Sprintf("run as user %d, with all that it may do", os.Geteuid())}
	if as := a.options.RunAs; as != "" {
		c.Detail = "run as " + as + ", without further groups and new privileges; the state directory is closed to them"
		return c
	}
	if os.Geteuid() == 0 {
		c.Status, c.Remedy = wire.CheckWarn, "serve with --run-as, or run the runtime as a user of its own, unless this machine is a container or its jobs are trusted"
	}
	return c
}

// checkRoles says whether a role is a boundary: whoever runs a process as the user of the runtime can read the administrator's key.
func (a *App) checkRoles() wire.Check {
	c := wire.Check{Name: "roles", Status: wire.CheckOK, Detail: "only an administrator's key submits process jobs, privileged containers and containers with paths of this machine"}
	switch {
	case a.options.Auth == AuthOff:
		c.Detail = "without authentication there are no roles: everybody who can connect may do everything"
	case a.options.TrustJobs:
		c.Status, c.Detail = wire.CheckWarn, "--trust-jobs: whoever may submit jobs can become an administrator"
		c.Remedy = "serve without --trust-jobs, unless every key is that of somebody who may do everything"
	case a.options.RunAs != "":
		c.Detail = "only an administrator's key submits privileged containers and containers with paths of this machine"
	}
	return c
}

// checkRunner says whether a host starts attempts of one kind, and how many of them it takes at once. The scheduler hears of a daemon that
// does not answer only once containers are wanted, so what was found out about Docker counts, too.
func checkRunner(host string, r sched.RunnerView, docker wire.Check) wire.Check {
	c := wire.Check{Name: fmt.Sprintf("host %s, %s jobs", host, r.Runner), Status: wire.CheckOK, Detail: fmt.Sprintf("%d live", r.Live)}
	if r.Limit > 0 {
		c.Detail = fmt.Sprintf("%d live, at most %d at once (%s)", r.Live, r.Limit, r.LimitReason)
	}
	switch {
	case r.Fault != "":
		c.Status, c.Remedy = wire.CheckFail, "fix the cause; the jobs that wait then start by themselves, and no attempt is used up"
		c.Detail = fmt.Sprintf("nothing has been started since %s: %s", r.Since.Std().UTC().Format(time.RFC3339), r.Fault)
	case host == batch.LocalHost && r.Runner == batch.Containers && docker.Status == wire.CheckWarn:
		c.Status, c.Remedy = docker.Status, docker.Remedy
		c.Detail += "; jobs with an image wait, because Docker does not answer"
	case r.Limit > 0 && r.Live >= r.Limit:
		c.Status, c.Remedy = wire.CheckWarn, "raise that limit for the runtime, if more is to run at once"
	}
	return c
}

func (a *App) checkLimits() wire.Check {
	held, detail := a.machine.limits()
	c := wire.Check{Name: "memory limits", Status: wire.CheckOK, Detail: detail}
	if !held {
		c.Status, c.Remedy = wire.CheckWarn, "let this user make control groups (for example a systemd user session with Delegate=yes); without them memory is only counted"
	}
	return c
}

func (a *App) checkLeftovers() wire.Check {
	held, detail := a.machine.leftovers()
	c := wire.Check{Name: "leftover processes", Status: wire.CheckOK, Detail: "whatever a process job started ends with it: " + detail}
	if !held {
		c.Status, c.Detail = wire.CheckWarn, detail
		c.Remedy = "let this user make control groups of version 2 (for example a systemd user session with Delegate=yes)"
	}
	return c
}

func (a *App) checkContainers(ctx context.Context) wire.Check {
	version, err := a.machine.containers(ctx)
	if err != nil {
		return wire.Check{
			Name: "containers", Status: wire.CheckWarn, Detail: err.Error(),
			Remedy: "start Docker, or set DOCKER_HOST, to run jobs with an image; processes run without it",
		}
	}
	return wire.Check{Name: "containers", Status: wire.CheckOK, Detail: "Docker " + version}
}
