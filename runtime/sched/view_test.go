package sched_test

import (
	"fmt"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// TestViewOfManyHosts: of hosts in a cloud the view names those at fault alone, and an environment the first of them.
func TestViewOfManyHosts(t *testing.T) {
	w := newWorld()
	w.do(t, "env fleet kind=EC2 vcpus=100")
	for i := range 8 {
		w.tell(t, sched.Reported{Report: batch.HostReady{Host: batch.Host{ID: fmt.Sprint("i-", i), Kind: batch.EC2, Capacity: batch.Shape{MilliCPU: 4000, MemoryMiB: 4096}}}})
	}
	if v := w.m.View(); len(v.Hosts) != 0 || v.Environments[0].Fault != "" {
		t.Errorf("without a fault the view has %+v and %q", v.Hosts, v.Environments[0].Fault)
	}
	for i := range 5 {
		w.tell(t, sched.Reported{Report: batch.HostFault{Host: fmt.Sprint("i-", i), Runner: batch.Containers, Reason: "Docker is gone"}})
	}
	v := w.m.View()
	if len(v.Hosts) != 5 || v.Hosts[0].ID != "i-0" || v.Hosts[4].ID != "i-4" {
		t.Errorf("the view has %+v, want the 5 hosts at fault", v.Hosts)
	}
	const want = "HOST_FAULT - Host i-0 cannot start containers: Docker is gone; host i-1 cannot start containers: Docker is gone; " +
		"host i-2 cannot start containers: Docker is gone; and 2 more."
	if v.Environments[0].Fault != want {
		t.Errorf("the environment says %q, want %q", v.Environments[0].Fault, want)
	}
	for i := range 5 {
		w.tell(t, sched.Reported{Report: batch.HostGone{ID: fmt.Sprint("i-", i)}})
	}
	if v := w.m.View(); len(v.Hosts) != 0 || v.Environments[0].Fault != "" {
		t.Errorf("once they are gone the view has %+v and %q", v.Hosts, v.Environments[0].Fault)
	}
	if err := w.m.Check(); err != nil {
		t.Error(err)
	}
}
