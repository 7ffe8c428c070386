package replay

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// World is where a workload is played: what a description file says.
type World struct {
	Environments []EnvironmentSpec `json:"environments"`
	Hosts        []HostSpec        `json:"hosts"`
	Policies     []PolicySpec      `json:"policies,omitempty"`
	Queues       []QueueSpec       `json:"queues"`
	// Routes say which job goes where; the first that matches counts. A job that none matches goes to the queue
	// that has the name of the job's own, else to the first queue.
	Routes []Route `json:"routes,omitempty"`
}

// EnvironmentSpec is a compute environment.
type EnvironmentSpec struct {
	Name string `json:"name"`
	// Kind is EC2 (empty too), SPOT or LOCAL. The vCPUs of a LOCAL environment are bounded by maxvCpus alone, which may exceed the host's.
	Kind     string `json:"kind,omitempty"`
	MaxVCPUs Milli  `json:"maxvCpus,omitempty"` // 0: what its hosts have
	// MemoryMiB bounds what its attempts hold at once; 0: its hosts alone do.
	MemoryMiB int64 `json:"memoryMiB,omitempty"`
}

// HostSpec is a number of equal hosts.
type HostSpec struct {
	Count     int    `json:"count,omitempty"` // 0 is 1
	Name      string `json:"name,omitempty"`  // of more than one: what their names begin with
	VCPUs     Milli  `json:"vcpus"`
	MemoryMiB int64  `json:"memoryMiB"`
	GPUs      int64  `json:"gpus,omitempty"`
	// Environments are those that may use it, all of one kind; none: all.
	Environments []string `json:"environments,omitempty"`
}

// PolicySpec is a fair-share policy, in the words of the AWS Batch API.
type PolicySpec struct {
	Name string `json:"name"`
	// ShareDecaySeconds is the window in which past use counts; 0 stands for the default.
	ShareDecaySeconds  int64       `json:"shareDecaySeconds,omitempty"`
	ComputeReservation int32       `json:"computeReservation,omitempty"` // 0..99
	ShareDistribution  []ShareSpec `json:"shareDistribution,omitempty"`
}

// ShareSpec is the weight of a share, or of those with a prefix.
type ShareSpec struct {
	ShareIdentifier string      `json:"shareIdentifier"`
	WeightFactor    json.Number `json:"weightFactor,omitempty"` // 0.0001..999.9999; empty: 1
}

// QueueSpec is a job queue.
type QueueSpec struct {
	Name         string   `json:"name"`
	Priority     int32    `json:"priority,omitempty"`
	Environments []string `json:"environments,omitempty"` // in the order in which they are tried; none: all
	Policy       string   `json:"policy,omitempty"`
	Backfill     *bool    `json:"backfill,omitempty"` // absent: true
}

// Route sends jobs to a queue. Patterns that are not given match anything; one that ends in "*" matches what begins so.
type Route struct {
	User      string `json:"user,omitempty"`
	Group     string `json:"group,omitempty"`
	Queue     string `json:"queue,omitempty"` // of the job
	Partition string `json:"partition,omitempty"`

	To string `json:"to"` // name of a queue of the world
	// Share is the share identifier its jobs get; ShareBy names the member that is taken for it: "user", "group", "queue",
	// "partition", or "share" (empty too) for the job's own.
	Share   string `json:"share,omitempty"`
	ShareBy string `json:"shareBy,omitempty"`
	// Priority among the jobs of the share, 0..9999; absent: the job's own.
	Priority *int32 `json:"priority,omitempty"`
}

// Members that a share identifier may be taken from.
var shareMembers = []string{"", "share", "user", "group", "queue", "partition"}

// Names that a world made by [Simple] uses.
const (
	simpleEnvironment = "cluster"
	simpleQueue       = "default"
	simplePolicy      = "fair-share"
)

// Simple is a world of those hosts with one environment and one queue. shareBy is as in [Route]; if it is not empty, the
// queue has a fair-share policy of equal weights.
func Simple(hosts []HostSpec, shareBy string) *World {
	w := &World{
		Environments: []EnvironmentSpec{{Name: simpleEnvironment}}, Hosts: hosts,
		Queues: []QueueSpec{{Name: simpleQueue, Priority: 1}}, Routes: []Route{{To: simpleQueue, ShareBy: shareBy}},
	}
	if shareBy != "" {
		w.Policies = []PolicySpec{{Name: simplePolicy}}
		w.Queues[0].Policy = simplePolicy
	}
	return w
}

// ParseWorld reads a description file.
func ParseWorld(text []byte) (*World, error) {
	w := &World{}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(w); err != nil {
		return nil, fmt.Errorf("%s%w", lineOf(text, err), err)
	}
	if decoder.More() {
		return nil, errors.New("there is more than one JSON document; describe one world")
	}
	return w, w.Check()
}

// lineOf says on which line of text err is, if it tells.
func lineOf(text []byte, err error) string {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	at := int64(0)
	switch {
	case errors.As(err, &syntax):
		at = syntax.Offset
	case errors.As(err, &kind):
		at = kind.Offset
	default:
		return ""
	}
	return fmt.Sprintf("line %d: ", 1+bytes.Count(text[:min(at, int64(len(text)))], []byte("\n")))
}

// WithBackfill returns w with backfill on or off in every queue.
func (w *World) WithBackfill(on bool) *World {
	changed := *w
	changed.Queues = slices.Clone(w.Queues)
	for i := range changed.Queues {
		changed.Queues[i].Backfill = &on
	}
	return &changed
}

// Check says what is wrong with w; what only the machine can know it says itself when the world is made.
func (w *World) Check() error {
	switch {
	case len(w.Environments) == 0:
		return errors.New("environments: there is none; describe at least one")
	case len(w.Hosts) == 0:
		return errors.New("hosts: there is none; describe at least one")
	case len(w.Queues) == 0:
		return errors.New("queues: there is none; describe at least one")
	}
	for i, e := range w.Environments {
		if _, err := e.kind(); err != nil {
			return fmt.Errorf("environments[%d].kind: %w", i, err)
		}
		if e.Name == "" || e.MemoryMiB < 0 || e.MemoryMiB > maxAmount {
			return fmt.Errorf("environments[%d]: name is %q and memoryMiB %d; a name, and 0 to %d, are needed", i, e.Name, e.MemoryMiB, maxAmount)
		}
	}
	if err := w.checkHosts(); err != nil {
		return err
	}
	for i, q := range w.Queues {
		if err := known(w.environmentNames(), q.Environments); err != nil {
			return fmt.Errorf("queues[%d].environments: %w", i, err)
		}
	}
	for i, r := range w.Routes {
		if err := known(w.queueNames(), []string{r.To}); err != nil {
			return fmt.Errorf("routes[%d].to: %w", i, err)
		}
		if !slices.Contains(shareMembers, r.ShareBy) {
			return fmt.Errorf("routes[%d].shareBy is %q; %s are allowed", i, r.ShareBy, strings.Join(shareMembers[1:], ", "))
		}
		if r.Priority != nil && (*r.Priority < 0 || *r.Priority > 9999) {
			return fmt.Errorf("routes[%d].priority is %d; 0 to 9999 are allowed", i, *r.Priority)
		}
	}
	return nil
}

func (w *World) checkHosts() error {
	total := 0
	for i, h := range w.Hosts {
		switch {
		case h.Count < 0 || h.Count > maxHosts:
			return fmt.Errorf("hosts[%d].count is %d; 1 to %d are allowed", i, h.Count, maxHosts)
		case h.MemoryMiB < 0 || h.MemoryMiB > maxAmount, h.GPUs < 0 || h.GPUs > maxAmount:
			return fmt.Errorf("hosts[%d]: memoryMiB is %d and gpus %d; 0 to %d are allowed", i, h.MemoryMiB, h.GPUs, maxAmount)
		}
		if err := known(w.environmentNames(), h.Environments); err != nil {
			return fmt.Errorf("hosts[%d].environments: %w", i, err)
		}
		kind, err := w.kindOf(h)
		if err != nil {
			return fmt.Errorf("hosts[%d].environments: %w", i, err)
		}
		if kind == batch.Local && (w.locals() > 1 || h.Count > 1) {
			return fmt.Errorf("hosts[%d]: LOCAL is one machine, so one host of count 1 may be of that kind; use EC2 for many", i)
		}
		total += max(h.Count, 1)
	}
	if total > maxHosts {
		return fmt.Errorf("hosts: there are %d; at most %d are allowed", total, maxHosts)
	}
	return nil
}

// locals is how many entries of hosts are of kind LOCAL.
func (w *World) locals() (n int) {
	for _, h := range w.Hosts {
		if kind, _ := w.kindOf(h); kind == batch.Local {
			n++
		}
	}
	return n
}

// kindOf is the kind of a host: that of its environments.
func (w *World) kindOf(h HostSpec) (kind batch.Kind, err error) {
	for _, e := range w.Environments {
		if len(h.Environments) > 0 && !slices.Contains(h.Environments, e.Name) {
			continue
		}
		k, _ := e.kind()
		if kind != "" && k != kind {
			return "", fmt.Errorf("it would serve environments of kind %s and %s; name those of one kind", kind, k)
		}
		kind = k
	}
	return kind, nil
}

func (e *EnvironmentSpec) kind() (batch.Kind, error) {
	switch kind := batch.Kind(e.Kind); kind {
	case "":
		return batch.EC2, nil
	case batch.Local, batch.EC2, batch.Spot:
		return kind, nil
	default:
		return "", fmt.Errorf("given %q; EC2, SPOT and LOCAL are allowed", e.Kind)
	}
}

func (w *World) environmentNames() (all []string) {
	for _, e := range w.Environments {
		all = append(all, e.Name)
	}
	return all
}

func (w *World) queueNames() (all []string) {
	for _, q := range w.Queues {
		all = append(all, q.Name)
	}
	return all
}

// known says which of named is not among all.
func known(all, named []string) error {
	for _, name := range named {
		if !slices.Contains(all, name) {
			return fmt.Errorf("there is no %q; there are %q", name, all)
		}
	}
	return nil
}
