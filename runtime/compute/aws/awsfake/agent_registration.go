package awsfake

import (
	"encoding/json"
	"strconv"
)

// registerAgent registers the instance of an agent. While its cluster does not exist it tries again.
func (e *ecsState) registerAgent(m *machine) {
	if m.gone {
		return
	}
	c := e.clusters[nameOr(m.settings.pointer("ECS_CLUSTER"), defaultCluster)]
	if c == nil || !c.active {
		e.w.after(agentRetry, func() { e.registerAgent(m) })
		return
	}
	m.on = c.enlist(e, m.id, m.total(), m.attributes(), tags{})
	switch flaps := e.options.Agents.Flaps; {
	case m.deaf:
		e.w.after(deafAfter, func() { m.on.connect(false) })
	case flaps.Max > 0:
		e.flap(m, 1)
	}
}

// flap lets the agent lose its connection now and then; n counts the losses.
func (e *ecsState) flap(m *machine, n int) {
	luck := m.id + " " + strconv.Itoa(n)
	e.w.after(e.w.draw(e.options.Agents.Flaps, "flap", luck), func() {
		if m.gone {
			return
		}
		m.on.connect(false)
		e.w.after(e.w.draw(e.options.Agents.Away, "away", luck), func() {
			if !m.gone {
				m.on.connect(true)
				e.flap(m, n+1)
			}
		})
	})
}

// attributes are those that the agent registers.
func (m *machine) attributes() map[string]string {
	a := map[string]string{
		"ecs.instance-type": m.kind, attributeZone: m.zone, "ecs.ami-id": m.image, "ecs.os-type": "linux", "ecs.cpu-architecture": m.arch,
		"ecs.os-family": "LINUX", "com.amazonaws.ecs.capability.docker-remote-api.1.44": "",
	}
	for _, driver := range m.settings.list("ECS_AVAILABLE_LOGGING_DRIVERS", "json-file", "awslogs", "none") {
		a[capabilityLogDriver+driver] = ""
	}
	if m.settings["ECS_ENABLE_TASK_IAM_ROLE"] != "false" {
		a[capabilityTaskRole] = ""
	}
	if m.settings["ECS_ENABLE_AWSLOGS_EXECUTIONROLE_OVERRIDE"] == "true" {
		a["ecs.capability.execution-role-awslogs"] = ""
	}
	var own map[string]string
	if json.Unmarshal([]byte(m.settings["ECS_INSTANCE_ATTRIBUTES"]), &own) == nil {
		for name, value := range own {
			a[name] = value
		}
	}
	return a
}

// total is what the agent registers: less memory than EC2 says, since the kernel keeps some, and less what it was told to reserve.
func (m *machine) total() capacity {
	c := capacity{cpu: m.vcpus * unitsPerCPU, memory: m.memory*registeredPerMille/1000 - m.settings.number("ECS_RESERVED_MEMORY")}
	for i := range m.gpus {
		c.gpus = append(c.gpus, "GPU-"+m.id+"-"+string(rune('a'+i)))
	}
	return c
}
