package awsfake

import "github.com/aws/aws-sdk-go-v2/service/ec2/types"

// followInstances lets the agents of EC2 instances live and die with them.
func (e *ecsState) followInstances() {
	e.w.ec2.watch(func(i *instance) {
		running := i.now().state == types.InstanceStateNameRunning
		switch {
		case running && e.machines[i.id] == nil:
			e.w.booted(machineOf(i))
		case running && !i.notice.IsZero():
			e.w.warned(i.id)
		case i.now().state == types.InstanceStateNameStopped:
			e.w.ended(i.id, "stopped")
		case !running:
			e.w.ended(i.id, "terminated")
		}
	})
}

// machineOf is an EC2 instance as the software on it sees it.
func machineOf(i *instance) *machine {
	return &machine{
		id: i.id, kind: i.kind.name, zone: i.pool.Zone, image: i.spec.image, arch: i.kind.arch, vcpus: int64(i.kind.vcpu), memory: i.kind.memory,
		gpus: i.kind.gpus, spot: i.spot(), userData: i.spec.userData, mute: i.spec.profile == "",
	}
}

// shutDown powers an instance off from within.
func (w *World) shutDown(id string) {
	if i := w.ec2.instances[id]; i != nil {
		w.ec2.powerOff(i)
		return
	}
	w.ended(id, "terminated")
}
