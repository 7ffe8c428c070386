package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/batchd/terraform-provider-batch/runtime/sim/replay"
)

// shareMembers are what --queue-share may name.
var shareMembers = []string{"user", "group", "queue", "partition", "share"}

// check says what is wrong with the flags.
func (s *simulation) check() error {
	worlds := 0
	for _, given := range []bool{s.world != "", s.nodes != "", s.hosts != 0} {
		if given {
			worlds++
		}
	}
	switch {
	case s.history == (s.workload != ""):
		return errors.New("give a workload: either a file, or --history")
	case s.queue != "" && !s.history:
		return errors.New("--queue says whose history to replay; give --history too")
	case worlds != 1:
		return errors.New("say where to play it: one of --world FILE, --nodes FILE, and --hosts N with --vcpus V")
	case s.hosts != 0 && s.vcpus == "":
		return errors.New("--hosts needs --vcpus, the vCPUs of each")
	case s.hosts == 0 && (s.vcpus != "" || s.memory != 0 || s.gpus != 0):
		return errors.New("--vcpus, --memory and --gpus say what each of --hosts has; give --hosts too")
	case s.hosts < 0 || s.limit < 0 || s.memoryPerProcessor < 1:
		return errors.New("--hosts and --limit must not be negative, and --memory-per-processor must be 1 or more")
	case !slices.Contains(replay.Formats(), replay.Format(s.format)):
		return fmt.Errorf("--format is %q; auto, swf, openb and jsonl are allowed", s.format)
	case s.queueShare != "" && s.world != "":
		return errors.New("--queue-share is for worlds without a file; in --world say it with policies and routes")
	case s.queueShare != "" && !slices.Contains(shareMembers, s.queueShare):
		return fmt.Errorf("--queue-share is %q; %s are allowed", s.queueShare, strings.Join(shareMembers, ", "))
	case s.compare != "" && s.compare != "backfill":
		return fmt.Errorf("--compare is %q; backfill is allowed", s.compare)
	case s.compare != "" && s.backfill != nil:
		return errors.New("--compare backfill plays it both ways; leave --backfill out")
	}
	return nil
}

// makeWorld reads, or makes up, where the workload is played.
func (s *simulation) makeWorld() (*replay.World, error) {
	world, err := s.describedWorld()
	if err != nil {
		return nil, err
	}
	if s.backfill != nil {
		world = world.WithBackfill(*s.backfill)
	}
	return world, nil
}

func (s *simulation) describedWorld() (*replay.World, error) {
	switch {
	case s.world != "":
		text, err := os.ReadFile(s.world)
		if err != nil {
			return nil, fmt.Errorf("--world: %w", err)
		}
		world, err := replay.ParseWorld(text)
		if err != nil {
			return nil, fmt.Errorf("--world: %s: %w", s.world, err)
		}
		return world, nil
	case s.nodes != "":
		return s.openbWorld()
	}
	vcpus, err := replay.ParseMilli(s.vcpus)
	if err != nil {
		return nil, usageError{fmt.Errorf("--vcpus: %w", err)}
	}
	memory := s.memory
	if memory == 0 {
		memory = int64(vcpus) * s.memoryPerProcessor / 1000
	}
	return replay.Simple([]replay.HostSpec{{Count: s.hosts, Name: "host", VCPUs: vcpus, MemoryMiB: memory, GPUs: s.gpus}}, s.queueShare), nil
}

// openbWorld reads a list of nodes.
func (s *simulation) openbWorld() (*replay.World, error) {
	percent, err := replay.ParseMilli(s.nodesPercent)
	if err != nil {
		return nil, usageError{fmt.Errorf("--nodes-percent: %w", err)}
	}
	f, err := os.Open(s.nodes)
	if err != nil {
		return nil, fmt.Errorf("--nodes: %w", err)
	}
	defer f.Close()
	hosts, err := replay.ReadNodes(f)
	if err != nil {
		return nil, fmt.Errorf("--nodes: %s: %w", s.nodes, err)
	}
	kept := replay.Thin(hosts, percent)
	if len(kept) == 0 {
		return nil, usageError{fmt.Errorf("--nodes-percent %s of %d nodes is none; give more", s.nodesPercent, len(hosts))}
	}
	return replay.Simple(kept, s.queueShare), nil
}

// readWorkload reads what is played, and saves it if that is asked for.
func (r *root) readWorkload(c *cobra.Command, s *simulation) (*replay.Workload, error) {
	workload, err := r.openWorkload(c, s)
	if err != nil {
		return nil, err
	}
	if s.limit > 0 {
		workload = workload.Prefix(s.limit)
	}
	if s.save == "" {
		return workload, nil
	}
	f, err := os.Create(s.save)
	if err != nil {
		return nil, fmt.Errorf("--save: %w", err)
	}
	if err := errors.Join(workload.WriteLines(f), f.Close()); err != nil {
		return nil, fmt.Errorf("--save: %s: %w", s.save, err)
	}
	return workload, nil
}

func (r *root) openWorkload(c *cobra.Command, s *simulation) (*replay.Workload, error) {
	if s.history {
		return r.historyWorkload(c.Context(), s.queue)
	}
	var from io.Reader = c.InOrStdin()
	if s.workload != "-" {
		f, err := os.Open(s.workload)
		if err != nil {
			return nil, fmt.Errorf("workload: %w", err)
		}
		defer f.Close()
		from = f
	}
	workload, err := replay.Read(from, replay.ReadOptions{Format: replay.Format(s.format), MemoryPerProcessor: s.memoryPerProcessor})
	if err != nil {
		return nil, fmt.Errorf("workload %s: %w", s.workload, err)
	}
	return workload, nil
}
