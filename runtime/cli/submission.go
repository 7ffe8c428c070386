package cli

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/matrix"
)

// submission is what the flags of submit and plan say.
type submission struct {
	name, queue, definition string
	array, maxConcurrency   int32
	matrix, parameters, env []string
	after, dependsOn        []string
	reuse                   bool
	input                   []string
	script                  string // path of a file
	hashArguments           bool
	onResultError           string
	attempts                int32
	vcpu, memory            string
	share                   string
	priority                *int32 // nil: not given
}

// declare adds the flags to a command.
func (s *submission) declare(command *cobra.Command) {
	flags := command.Flags()
	flags.SetInterspersed(false) // what follows the first word of the command is the command's
	flags.StringVar(&s.name, "name", "", "name of the job (default: the definition's)")
	flags.StringVar(&s.queue, "queue", defaultName, "name or ARN of the queue")
	flags.StringVar(&s.definition, "definition", defaultName, "name, name:revision or ARN of the definition")
	flags.Int32Var(&s.array, "array", 0, "submit an array of this many children")
	flags.Int32Var(&s.maxConcurrency, "max-concurrency", 0, "largest number of children that run at once (default: no limit)")
	flags.StringArrayVar(&s.matrix, "matrix", nil, "parameter of a sweep as name=value,value,…: one child for every combination (repeatable)")
	flags.StringArrayVar(&s.parameters, "param", nil, "parameter as name=value (repeatable)")
	flags.StringArrayVar(&s.env, "env", nil, "environment variable as NAME=value (repeatable)")
	flags.StringArrayVar(&s.after, "after", nil, "id of a job that must succeed first (repeatable)")
	flags.StringArrayVar(&s.dependsOn, "depends-on", nil,
		"JOB as --after does, or JOB:N_TO_N, JOB:AFTER_ANY, JOB:AFTER_FAILED, or SEQUENTIAL for each child on the one before (repeatable)")
	flags.Int32Var(&s.attempts, "attempts", 0, "largest number of attempts, 1 to 10 (default: the definition's)")
	flags.StringVar(&s.vcpu, "vcpu", "", "vCPUs, for example 0.5 (default: the definition's)")
	flags.StringVar(&s.memory, "memory", "", "memory in MiB (default: the definition's)")
	flags.StringVar(&s.share, "share", "", "share identifier, in a queue with a fair-share policy")
	flags.Func("priority", "scheduling priority within its share, 0 to 9999 (default: the definition's)", s.setPriority)
	flags.StringVar(&s.onResultError, "on-result-error", "", "what happens when a job ends with exit code 0 and leaves a result that cannot be taken: warn (default) or fail")
	flags.BoolVar(&s.reuse, "reuse", false, "reuse the results of identical jobs that succeeded: jobs with the same command, parameters, environment, resources and files")
	flags.StringVar(&s.script, "script", "", "file with a script that the job runs, with the command as its arguments; its text is sent with the job")
	flags.StringArrayVar(&s.input, "input", nil, "file that the job reads; its content is part of what makes jobs identical (repeatable)")
	flags.BoolVar(&s.hashArguments, "hash-arguments", true, "treat each argument of the command that is a file of this machine like --input")
}

func (s *submission) setPriority(text string) error {
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return fmt.Errorf("%q is not a number from 0 to 9999", text)
	}
	priority := int32(n)
	s.priority = &priority
	return nil
}

// request turns flags into a submission.
func (s *submission) request(args []string) (*wire.SubmitJobRequest, error) {
	if err := s.checkText(args); err != nil {
		return nil, err
	}
	if s.array < 0 || s.array == 1 {
		return nil, fmt.Errorf("--array is %d; give the number of children, 2 or more", s.array)
	}
	parameters, err := pairs("--param", s.parameters)
	if err != nil {
		return nil, err
	}
	q := &wire.SubmitJobRequest{
		JobName: s.name, JobQueue: s.queue, JobDefinition: s.definition, Parameters: parameters,
		Batchd: &wire.SubmitJobExtension{Reuse: s.reuse, OnResultError: s.onResultError},
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
	if q.DependsOn, err = s.dependencies(); err != nil {
		return nil, err
	}
	if s.share != "" {
		q.ShareIdentifier = &s.share
	}
	q.SchedulingPriorityOverride = s.priority
	if s.maxConcurrency != 0 {
		q.Batchd.MaxConcurrency = &s.maxConcurrency
	}
	if s.attempts != 0 {
		q.RetryStrategy = &wire.RetryStrategy{Attempts: &s.attempts}
	}
	if q.Batchd.Script, err = s.scriptText(); err != nil {
		return nil, err
	}
	if q.Batchd.Inputs, err = s.inputs(args); err != nil {
		return nil, err
	}
	q.ContainerOverrides, err = s.overrides(args)
	if err != nil {
		return nil, err
	}
	return q, q.Validate()
}

// checkText refuses bytes that are not UTF-8: a request is JSON, which would carry others in their place.
func (s *submission) checkText(command []string) error {
	for _, given := range []struct {
		what  string
		words []string
	}{
		{"--name", []string{s.name}},
		{"--queue", []string{s.queue}},
		{"--definition", []string{s.definition}},
		{"--matrix", s.matrix},
		{"--param", s.parameters},
		{"--env", s.env},
		{"--after", s.after},
		{"--depends-on", s.dependsOn},
		{"--share", []string{s.share}},
		{"--input", s.input},
		{"the command", command},
	} {
		for _, word := range given.words {
			if !utf8.ValidString(word) {
				return fmt.Errorf("%s: %q is not UTF-8; a job takes text in UTF-8 only: pass other bytes in a file", given.what, word)
			}
		}
	}
	return nil
}

// dependencies reads --after and --depends-on.
func (s *submission) dependencies() ([]wire.JobDependency, error) {
	var all []wire.JobDependency
	for _, id := range s.after {
		all = append(all, wire.JobDependency{JobID: &id})
	}
	for _, text := range s.dependsOn {
		d, err := dependency(text)
		if err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	return all, nil
}

// dependency reads JOB, JOB:TYPE or SEQUENTIAL. The id of an array's child has a colon too, before a number.
func dependency(text string) (wire.JobDependency, error) {
	if text == wire.DependSequential {
		return wire.JobDependency{Type: &text}, nil
	}
	at := strings.LastIndexByte(text, ':')
	if at < 0 || isNumber(text[at+1:]) {
		return wire.JobDependency{JobID: &text}, nil
	}
	id, kind := text[:at], text[at+1:]
	switch kind {
	case wire.DependNToN, wire.DependAfterAny, wire.DependAfterFailed:
		return wire.JobDependency{JobID: &id, Type: &kind}, nil
	default:
		return wire.JobDependency{}, fmt.Errorf("--depends-on %q: the type is %q; want JOB, JOB:%s, JOB:%s, JOB:%s or %s",
			text, kind, wire.DependNToN, wire.DependAfterAny, wire.DependAfterFailed, wire.DependSequential)
	}
}

func isNumber(text string) bool {
	_, err := strconv.ParseUint(text, 10, 31)
	return err == nil
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
		o.Environment = append(o.Environment, wire.KeyValuePair{Name: name, Value: &value})
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
