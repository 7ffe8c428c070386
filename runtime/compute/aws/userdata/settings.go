package userdata

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Settings are what our part says.
type Settings struct {
	Cluster string // name of the ECS cluster that instances join
	// Attributes are attributes of the container instances, for example "batchd.spec".
	Attributes map[string]string
	Lease      Lease
}

// Lease is the dead man's switch. The zero Lease is none.
type Lease struct {
	Parameter string // name of the SSM parameter
	Region    string
	// Limit is how long an instance runs that has never read the lease: as long as a lease is given for.
	Limit time.Duration
	// Tasks is how long tasks may go on after the lease has lapsed.
	Tasks time.Duration
}

// agent returns the settings of the ECS agent, one a line, as /etc/ecs/ecs.config has them.
func (s *Settings) agent() (string, error) {
	attributes, err := json.Marshal(s.Attributes)
	if err != nil {
		return "", fmt.Errorf("attributes: %w", err)
	}
	return strings.Join([]string{
		"ECS_CLUSTER=" + s.Cluster,
		fmt.Sprintf("ECS_RESERVED_MEMORY=%d", reservedMiB),
		"ECS_INSTANCE_ATTRIBUTES=" + string(attributes),
		`ECS_AVAILABLE_LOGGING_DRIVERS=["json-file","awslogs","none"]`,
		"ECS_ENABLE_SPOT_INSTANCE_DRAINING=true",
		"ECS_ENABLE_TASK_IAM_ROLE=true",
		"ECS_ENABLE_TASK_IAM_ROLE_NETWORK_HOST=true",
		"ECS_ENABLE_AWSLOGS_EXECUTIONROLE_OVERRIDE=true",
		"ECS_IMAGE_PULL_BEHAVIOR=once",
		"ECS_ENGINE_TASK_CLEANUP_WAIT_DURATION=" + cleanUpAfter,
	}, "\n"), nil
}

// script returns our part: a shell script that cloud-init runs as root at the first boot.
func (s *Settings) script() (string, error) {
	agent, err := s.agent()
	if err != nil {
		return "", err
	}
	text := "#!/bin/sh\nmkdir -p /etc/ecs\ncat >> /etc/ecs/ecs.config <<'BATCHD'\n" + agent + "\nBATCHD\n" +
		"if command -v nvidia-smi >/dev/null; then echo ECS_ENABLE_GPU_SUPPORT=true >> /etc/ecs/ecs.config; fi\n"
	if s.Lease.Parameter == "" {
		return text, nil
	}
	return text + s.Lease.install(), nil
}
