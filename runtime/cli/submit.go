package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/matrix"
)

// submission is what the flags of submit say.
type submission struct {
	name, queue, definition string
	array                   int32
	matrix, parameters, env []string
	after                   []string
	reuse, wait             bool
	attempts                int32
	vcpu, memory            string
}

func (r *root) submit() *cobra.Command {
	s := &submission{}
	command := &cobra.Command{
		Use:   "submit [flags] [-- command...]",
		Short: "Submit a job, an array or a sweep",
		Long: `Submit a job, an array (--array) or a sweep (--matrix). A command after "--" replaces the
definition's. Without --queue and --definition, a queue and a definition named "default" are used, and made
if they are not there.

  batchd submit -- echo hello
  batchd submit --matrix rate=0.1,0.2 --matrix seed=1,2,3 -- sh -c 'echo $BATCH_PARAM_RATE'`,
		RunE: func(c *cobra.Command, args []string) error {
			return r.runSubmit(c, s, args)
		},
	}
	flags := command.Flags()
	flags.StringVar(&s.name, "name", "", "name of the job (default: the definition's)")
	flags.StringVar(&s.queue, "queue", defaultName, "name or ARN of the queue")
	flags.StringVar(&s.definition, "definition", defaultName, "name, name:revision or ARN of the definition")
	flags.Int32Var(&s.array, "array", 0, "make it an array of this many children")
	flags.StringArrayVar(&s.matrix, "matrix", nil, "name=value,value,…: one child for every combination (repeatable)")
	flags.StringArrayVar(&s.parameters, "param", nil, "name=value (repeatable)")
	flags.StringArrayVar(&s.env, "env", nil, "NAME=value for the job's environment (repeatable)")
	flags.StringArrayVar(&s.after, "after", nil, "id of a job that must succeed first (repeatable)")
	flags.Int32Var(&s.attempts, "attempts", 0, "how often it may run, 1 to 10 (default: the definition's)")
	flags.StringVar(&s.vcpu, "vcpu", "", "vCPUs, for example 0.5 (default: the definition's)")
	flags.StringVar(&s.memory, "memory", "", "MiB of memory (default: the definition's)")
	flags.BoolVar(&s.reuse, "reuse", false, "take the results of identical jobs that succeeded instead of running them again")
	flags.BoolVar(&s.wait, "wait", false, "wait for the end, as 'batchd wait' does")
	return command
}

func (r *root) runSubmit(c *cobra.Command, s *submission, args []string) error {
	ctx := c.Context()
	request, err := s.request(args)
	if err != nil {
		return usageError{err}
	}
	runtime, err := r.connect(ctx)
	if err != nil {
		return err
	}
	if err := r.ensureDefaults(ctx, runtime, s); err != nil {
		return err
	}
	answer, err := runtime.SubmitJob(ctx, request)
	if err != nil {
		return err
	}
	if r.json() {
		if err := r.printJSON(answer); err != nil {
			return err
		}
	} else if _, err := fmt.Fprintln(r.stdout, answer.JobID); err != nil {
		return err
	}
	if !s.wait {
		return nil
	}
	return r.waitFor(ctx, runtime, answer.JobID)
}

// request turns flags into a submission.
func (s *submission) request(args []string) (*wire.SubmitJobRequest, error) {
	if s.array < 0 {
		return nil, fmt.Errorf("--array is %d; give the number of children, 2 or more", s.array)
	}
	parameters, err := pairs("--param", s.parameters)
	if err != nil {
		return nil, err
	}
	q := &wire.SubmitJobRequest{
		JobName: s.name, JobQueue: s.queue, JobDefinition: s.definition, Parameters: parameters,
		Batchd: &wire.SubmitJobExtension{Reuse: s.reuse},
	}
	if q.JobName == "" {
		q.JobName = jobName(s.definition)
	}
	if s.array > 0 {
		q.ArrayProperties = &wire.ArrayProperties{Size: &s.array}
	}
	if len(s.matrix) > 0 {
		if q.Batchd.Points, err = points(s.matrix); err != nil {
			return nil, err
		}
	}
	for _, id := range s.after {
		q.DependsOn = append(q.DependsOn, wire.JobDependency{JobID: &id})
	}
	if s.attempts != 0 {
		q.RetryStrategy = &wire.RetryStrategy{Attempts: &s.attempts}
	}
	q.ContainerOverrides, err = s.overrides(args)
	if err != nil {
		return nil, err
	}
	return q, q.Validate()
}

func (s *submission) overrides(args []string) (*wire.ContainerOverrides, error) {
	o := &wire.ContainerOverrides{}
	if len(args) > 0 {
		o.Command = args
	}
	for _, text := range s.env {
		name, value, ok := strings.Cut(text, "=")
		if !ok {
			return nil, fmt.Errorf("--env %q: want NAME=value", text)
		}
		o.Environment = append(o.Environment, wire.KeyValuePair{Name: name, Value: value})
	}
	if s.vcpu != "" {
		o.ResourceRequirements = append(o.ResourceRequirements, wire.ResourceRequirement{Type: wire.ResourceVCPU, Value: s.vcpu})
	}
	if s.memory != "" {
		o.ResourceRequirements = append(o.ResourceRequirements, wire.ResourceRequirement{Type: wire.ResourceMemory, Value: s.memory})
	}
	return o, nil
}

// jobName makes a name from that of a definition.
func jobName(definition string) string {
	definition = definition[strings.LastIndexByte(definition, '/')+1:]
	name, _, _ := strings.Cut(definition, ":")
	return name
}

// points expands the sweep that --matrix declares.
func points(declared []string) ([]map[string]string, error) {
	sweep := matrix.Sweep{Matrix: map[string][]string{}}
	for _, text := range declared {
		name, values, ok := strings.Cut(text, "=")
		if !ok || name == "" {
			return nil, fmt.Errorf("--matrix %q: want name=value,value,…", text)
		}
		if _, twice := sweep.Matrix[name]; twice {
			return nil, fmt.Errorf("--matrix names %q twice; give all its values at once", name)
		}
		sweep.Matrix[name] = strings.Split(values, ",")
	}
	return matrix.Expand(sweep, matrix.MaxPoints)
}

// pairs reads name=value words.
func pairs(flag string, words []string) (map[string]string, error) {
	var all map[string]string
	for _, text := range words {
		name, value, ok := strings.Cut(text, "=")
		if !ok || name == "" {
			return nil, fmt.Errorf("%s %q: want name=value", flag, text)
		}
		if all == nil {
			all = map[string]string{}
		}
		all[name] = value
	}
	return all, nil
}
