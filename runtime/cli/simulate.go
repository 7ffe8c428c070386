package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"github.com/batchd/terraform-provider-batch/runtime/sim/replay"
)

// simulation is what the flags of simulate say.
type simulation struct {
	workload string // file, "-" for standard input; empty with history
	format   string
	history  bool
	queue    string
	limit    int
	save     string
	// memoryPerProcessor is in MiB.
	memoryPerProcessor int64

	world, nodes string // files
	nodesPercent string // decimal
	hosts        int
	vcpus        string
	memory, gpus int64
	queueShare   string
	backfill     *bool // nil: as the world says

	compare string
	options replay.Options
}

func (r *root) simulate() *cobra.Command {
	s, backfill := &simulation{}, false
	command := &cobra.Command{
		Use:   "simulate [WORKLOAD]",
		Short: "Simulate a workload",
		Long: `Replay a workload through the scheduler of this version, on simulated hosts and in virtual time, and report
makespan, waits, utilisation and use per queue and share. Nothing runs, and no runtime is needed.

The workload is a file, plain or gzip: a log in the Standard Workload Format, the pods of the openb GPU traces (CSV), or
one JSON object per line; "-" reads standard input. With --history the workload is the ended jobs of a runtime.

  batchd simulate log.swf.gz --hosts 63 --vcpus 32
  batchd simulate --history --queue high --world world.json --compare backfill
  batchd simulate pods.csv --nodes nodes.csv --nodes-percent 2.5 --compare backfill`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usageError{fmt.Errorf("batchd simulate takes one workload, was given %d arguments", len(args))}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			s.workload = strings.Join(args, "")
			if c.Flags().Changed("backfill") {
				s.backfill = &backfill
			}
			return r.runSimulation(c, s)
		},
	}
	flags := command.Flags()
	flags.StringVar(&s.format, "format", string(replay.Auto), "format of the workload: auto, swf, openb or jsonl")
	flags.Int64Var(&s.memoryPerProcessor, "memory-per-processor", replay.DefaultMemoryPerProcessor, "MiB per processor, for a log without memory")
	flags.BoolVar(&s.history, "history", false, "replay the ended jobs of a runtime")
	flags.StringVar(&s.queue, "queue", "", "with --history: name or ARN of one queue (default: all)")
	flags.IntVar(&s.limit, "limit", 0, "number of submissions to replay, from the first (0: all)")
	flags.StringVar(&s.save, "save", "", "file to write the workload to, one JSON object per line")
	flags.StringVar(&s.world, "world", "", "file that describes environments, hosts, queues, policies and routes (JSON)")
	flags.StringVar(&s.nodes, "nodes", "", "file with the nodes of the openb traces (CSV), instead of --world")
	flags.StringVar(&s.nodesPercent, "nodes-percent", "100", "percentage of the nodes to use, evenly chosen")
	flags.IntVar(&s.hosts, "hosts", 0, "number of equal hosts, instead of --world")
	flags.StringVar(&s.vcpus, "vcpus", "", "vCPUs of each host")
	flags.Int64Var(&s.memory, "memory", 0, "MiB of each host (default: --memory-per-processor for each vCPU)")
	flags.Int64Var(&s.gpus, "gpus", 0, "GPUs of each host")
	flags.StringVar(&s.queueShare, "queue-share", "", "without --world: what fair shares are made by: user, group, queue, partition or share (default: first in, first out)")
	flags.BoolVar(&backfill, "backfill", true, "whether queues backfill (default: as --world says, else yes)")
	flags.StringVar(&s.compare, "compare", "", "what to compare: backfill replays the workload with and without backfilling and shows the difference")
	flags.BoolVar(&s.options.Exact, "exact", false, "tell the scheduler how long every job will run")
	flags.IntVar(&s.options.JitterPercent, "jitter", 0, "percentage by which run times vary at random")
	flags.Int64Var(&s.options.Seed, "seed", 1, "seed of --jitter")
	return command
}

func (r *root) runSimulation(c *cobra.Command, s *simulation) error {
	if err := s.check(); err != nil {
		return usageError{err}
	}
	world, err := s.makeWorld()
	if err != nil {
		return err
	}
	workload, err := r.readWorkload(c, s)
	if err != nil {
		return err
	}
	begin := time.Now()
	show := &simulationProgress{r: r}
	s.options.Progress = func(ended, total int) error {
		show.update(ended, total)
		return c.Context().Err()
	}
	defer func() { show.end() }()
	starts := int64(0)
	var answer any
	if s.compare != "" {
		both, err := replay.CompareBackfill(world, workload, s.options)
		if err != nil {
			return simulationError(err)
		}
		starts, answer = both.With.Starts+both.Without.Starts, both
	} else {
		one, err := replay.Run(world, workload, s.options)
		if err != nil {
			return simulationError(err)
		}
		starts, answer = one.Report.Starts, &one.Report
	}
	show.end()
	took := time.Since(begin)
	fmt.Fprintf(r.stderr, "batchd: simulated in %s, %.0f decisions per second\n", took.Round(time.Millisecond), float64(starts)/took.Seconds())
	if r.json() {
		return r.printJSON(answer)
	}
	return r.printSimulation(answer)
}

func simulationError(err error) error {
	if errors.Is(err, context.Canceled) {
		return errors.New("interrupted; a simulation changes nothing and leaves nothing behind")
	}
	return fmt.Errorf("simulate: %w", err)
}

// simulationProgress is a bar on a terminal, and nothing elsewhere.
type simulationProgress struct {
	r   *root
	bar *progressbar.ProgressBar
}

func (p *simulationProgress) update(ended, total int) {
	if !isTerminal(p.r.stderr) {
		return
	}
	if p.bar == nil {
		p.bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(p.r.stderr), progressbar.OptionSetWidth(30),
			progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetItsString("jobs"),
			progressbar.OptionSetPredictTime(true), progressbar.OptionThrottle(100*time.Millisecond))
	}
	_ = p.bar.Set(ended) // it only draws
}

func (p *simulationProgress) end() {
	if p.bar != nil {
		_ = p.bar.Exit() // it only draws
		fmt.Fprintln(p.r.stderr)
		p.bar = nil
	}
}
