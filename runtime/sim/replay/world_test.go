package replay

import (
	"fmt"
	"strings"
	"testing"
)

const smallWorld = `{
  "environments": [{"name": "small", "maxvCpus": 8}, {"name": "big", "memoryMiB": 4000}],
  "hosts": [
    {"count": 2, "name": "s", "vcpus": 4, "memoryMiB": 1000, "environments": ["small"]},
    {"name": "b", "vcpus": 16.5, "memoryMiB": 5000, "gpus": 2, "environments": ["big"]}
  ],
  "policies": [{"name": "fair", "shareDistribution": [{"shareIdentifier": "a*", "weightFactor": 0.5}]}],
  "queues": [
    {"name": "high", "priority": 10, "environments": ["big", "small"], "backfill": false},
    {"name": "low", "environments": ["small"]}
  ],
  "routes": [{"user": "root", "to": "high", "priority": 3}, {"group": "g*", "to": "low", "shareBy": "user"}]
}`

func TestParseWorld(t *testing.T) {
	w, err := ParseWorld([]byte(smallWorld))
	must(t, err)
	hosts := w.hosts()
	if len(hosts) != 3 || hosts[0].ID != "s-1" || hosts[1].ID != "s-2" || hosts[2].Capacity.MilliCPU != 16500 {
		t.Errorf("the hosts are %+v", hosts)
	}
	if c := capacity(hosts, w.environments(hosts)); c.VCPUs != 24_500 || c.MemoryMiB != 7000 || c.GPUs != 2 {
		t.Errorf("the capacity is %+v", c)
	}
	if w.backfill() != "mixed" || w.WithBackfill(false).backfill() != "off" || w.backfill() != "mixed" {
		t.Errorf("backfill is %q, want mixed, and to stay so", w.backfill())
	}
}

// TestWrongWorlds wants errors that say where and what.
func TestWrongWorlds(t *testing.T) {
	const environments, hosts, queues = `"environments":[{"name":"e"}]`, `"hosts":[{"vcpus":1,"memoryMiB":1}]`, `"queues":[{"name":"q"}]`
	for name, test := range map[string]struct{ members, want string }{
		"not JSON":               {"\n\n nonsense", "line 3"},
		"a wrong type":           {"\n\"hosts\":7", "line 2"},
		"an unknown member":      {`"speed":1`, `unknown field "speed"`},
		"no environment":         {hosts + "," + queues, "environments: there is none"},
		"no host":                {environments + "," + queues, "hosts: there is none"},
		"no queue":               {environments + "," + hosts, "queues: there is none"},
		"an unknown kind":        {`"environments":[{"name":"e","kind":"FARGATE"}],` + hosts + "," + queues, `environments[0].kind: given "FARGATE"`},
		"two kinds on a host":    {`"environments":[{"name":"e"},{"name":"f","kind":"LOCAL"}],` + hosts + "," + queues, "hosts[0].environments: it would serve"},
		"two machines":           {`"environments":[{"name":"e","kind":"LOCAL"}],"hosts":[{"count":2,"vcpus":1,"memoryMiB":1}],` + queues, "LOCAL is one machine"},
		"a host of nobody":       {environments + `,"hosts":[{"vcpus":1,"memoryMiB":1,"environments":["x"]}],` + queues, `hosts[0].environments: there is no "x"`},
		"a queue to nowhere":     {environments + "," + hosts + `,"queues":[{"name":"q","environments":["x"]}]`, `queues[0].environments: there is no "x"`},
		"a route to nowhere":     {environments + "," + hosts + "," + queues + `,"routes":[{"to":"x"}]`, `routes[0].to: there is no "x"`},
		"a share by the weather": {environments + "," + hosts + "," + queues + `,"routes":[{"to":"q","shareBy":"weather"}]`, `routes[0].shareBy is "weather"`},
		"too many hosts":         {environments + `,"hosts":[{"count":1000000,"vcpus":1,"memoryMiB":1}],` + queues, "hosts[0].count is 1000000"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseWorld(fmt.Appendf(nil, "{%s}", test.members))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got the error %v, want one with %q", err, test.want)
			}
		})
	}
}

func TestWeights(t *testing.T) {
	for text, want := range map[string]int64{"": 10_000, "1": 10_000, "0.0001": 1, "999.9999": 9_999_999, "2.5": 25_000} {
		if got, err := parseWeight(text); err != nil || got != want {
			t.Errorf("%q is %d (%v), want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"0", "1000", "0.00001", "-1", "x", "1e2"} {
		if got, err := parseWeight(text); err == nil {
			t.Errorf("%q was read as %d", text, got)
		}
	}
}

func TestRoutes(t *testing.T) {
	w, err := ParseWorld([]byte(smallWorld))
	must(t, err)
	w.Queues[1].Policy = "fair"
	r := newRouter(w)
	for _, test := range []struct {
		job  Job
		want destination
	}{
		{Job{User: "root", Priority: 1}, destination{"high", "", 3}},
		{Job{User: "a.b", Group: "g7"}, destination{"low", "ab", 0}},
		{Job{Group: "g7"}, destination{"low", unknownShare, 0}},
		{Job{Queue: "low", Share: "s", Priority: 4}, destination{"low", "s", 4}},
		{Job{Queue: "elsewhere"}, destination{"high", "", 0}},
	} {
		if got := r.of(&test.job); got != test.want {
			t.Errorf("%+v goes to %+v, want %+v", test.job, got, test.want)
		}
	}
}

// TestSeveralQueues plays a workload over queues of different priority and environments that share no hosts.
func TestSeveralQueues(t *testing.T) {
	w, err := ParseWorld([]byte(strings.Replace(smallWorld, `"policies"`, `"routes":[],"policies"`, 1)))
	must(t, err)
	w.Policies = nil
	w.Routes = []Route{{User: "a", To: "high"}, {To: "low"}}
	o := playIn(t, w, generated(3, 300, 4), Options{})
	r := o.Report
	if r.Jobs.Succeeded != 300 || len(r.Queues) != 2 || len(r.Shares) != 0 {
		t.Errorf("got %+v in %d queues with %d shares; want 300 jobs in 2 queues without shares", r.Jobs, len(r.Queues), len(r.Shares))
	}
	if part := r.Queues[0].Fraction + r.Queues[1].Fraction; part < 9_999 || part > 10_000 {
		t.Errorf("the queues used %s of what was used", part)
	}
}

// TestShares plays a fair-share queue. Its fairness is tested where it is decided.
func TestShares(t *testing.T) {
	o, err := Run(Simple(hosts(2, 8, 10_000), "user"), generated(3, 300, 4), Options{})
	if err != nil && strings.Contains(err.Error(), "is not supported") {
		t.Skip(err)
	}
	must(t, err)
	if r := o.Report; len(r.Shares) != 3 || r.Jobs.Succeeded != 300 {
		t.Errorf("got %+v with %d shares, want all jobs of 3 users", r.Jobs, len(r.Shares))
	}
}
