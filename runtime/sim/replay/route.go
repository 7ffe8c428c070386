package replay

import "strings"

// destination is where a job goes.
type destination struct {
	queue, share string
	priority     int32
}

// router sends jobs to queues.
type router struct {
	routes   []Route
	queues   map[string]bool // of the world; true: it has a policy
	fallback string
	shares   map[string]string // identifiers made fit, by what they were made of
}

func newRouter(w *World) *router {
	r := &router{routes: w.Routes, queues: map[string]bool{}, fallback: w.Queues[0].Name, shares: map[string]string{}}
	for _, q := range w.Queues {
		r.queues[q.Name] = q.Policy != ""
	}
	return r
}

// of returns where j goes. Only a queue with a policy has shares.
func (r *router) of(j *Job) destination {
	d := destination{queue: r.fallback, share: j.Share, priority: j.Priority}
	if _, named := r.queues[j.Queue]; named {
		d.queue = j.Queue
	}
	for i := range r.routes {
		if route := &r.routes[i]; route.matches(j) {
			d = route.destination(j)
			break
		}
	}
	if !r.queues[d.queue] {
		d.share = ""
		return d
	}
	d.share = r.identifier(d.share)
	return d
}

func (r *Route) matches(j *Job) bool {
	return matches(r.User, j.User) && matches(r.Group, j.Group) && matches(r.Queue, j.Queue) && matches(r.Partition, j.Partition)
}

func (r *Route) destination(j *Job) destination {
	d := destination{queue: r.To, share: r.Share, priority: j.Priority}
	if r.Priority != nil {
		d.priority = *r.Priority
	}
	if d.share != "" {
		return d
	}
	switch r.ShareBy {
	case "user":
		d.share = j.User
	case "group":
		d.share = j.Group
	case "queue":
		d.share = j.Queue
	case "partition":
		d.share = j.Partition
	default:
		d.share = j.Share
	}
	return d
}

// unknownShare is the share of jobs whose log does not say whose they are.
const unknownShare = "unknown"

// identifier makes a share identifier of what a log calls somebody: letters and digits.
func (r *router) identifier(name string) string {
	if fit, ok := r.shares[name]; ok {
		return fit
	}
	fit := strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
			return c
		}
		return -1
	}, name)
	if fit == "" {
		fit = unknownShare
	}
	r.shares[name] = fit
	return fit
}

// matches compares a pattern with a value.
func matches(pattern, value string) bool {
	if prefix, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(value, prefix)
	}
	return pattern == "" || pattern == value
}
