package engine

import (
	"slices"
	"strconv"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/parameter"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// Variables that every job gets. The service's win over a definition's of the same name.
const (
	variableJob       = "AWS_BATCH_JOB_ID"
	variableAttempt   = "AWS_BATCH_JOB_ATTEMPT"
	variableQueue     = "AWS_BATCH_JQ_NAME"
	variableCompute   = "AWS_BATCH_CE_NAME"
	variableIndex     = "AWS_BATCH_JOB_ARRAY_INDEX"
	variableSize      = "AWS_BATCH_JOB_ARRAY_SIZE"
	variableExecution = "AWS_EXECUTION_ENV"
	variableMetadata  = "ECS_CONTAINER_METADATA_URI_V4"
	variableResult    = "BATCH_RESULT_FILE" // its value is the driver's

	// Of the nodes of a multi-node job only; the last one not of its main node.
	variableNode        = "AWS_BATCH_JOB_NODE_INDEX"
	variableMainNode    = "AWS_BATCH_JOB_MAIN_NODE_INDEX"
	variableNodes       = "AWS_BATCH_JOB_NUM_NODES"
	variableMainAddress = "AWS_BATCH_JOB_MAIN_NODE_PRIVATE_IPV4_ADDRESS"

	// executionEnvironment is what AWS gives to jobs on EC2; workflow tools look at it to know that they run in a job.
	executionEnvironment = "AWS_ECS_EC2"
)

// serviceVariables is how many variables [submission.start] and its caller add at most.
const serviceVariables = 11

// submission is a specification made ready, so that a child costs little.
type submission struct {
	spec batch.Spec
	keys *batch.Keys
	// container is that of the spec, with the command of a child without a point. Its variables are in fixed.
	container batch.Container
	fixed     []string          // "NAME=value": the definition's, without what the service sets
	own       map[string]string // the definition's variables that are named like those of a parameter
	shared    []string          // fixed and the parameters of a child without a point
	nodes     []nodes           // of a multi-node job; the fields above are then not used
}

// nodes are the nodes of a multi-node job that run the same.
type nodes struct {
	from, to int32
	runs     *submission
}

// newSubmission makes a specification ready.
func newSubmission(spec batch.Spec) *submission {
	if len(spec.Nodes) == 0 {
		return newRun(spec)
	}
	s := &submission{}
	for _, n := range spec.Nodes {
		alike := spec
		alike.Nodes, alike.Container = nil, n.Container
		s.nodes = append(s.nodes, nodes{from: n.From, to: n.To, runs: newRun(alike)})
	}
	return s
}

// of returns what job id of the submission runs: s itself, or what its node does; nil if there is no such node.
func (s *submission) of(id batch.JobID) *submission {
	_, index, isNode := id.SplitNode()
	if isNode != (s.nodes != nil) {
		return nil
	}
	if !isNode {
		return s
	}
	for _, n := range s.nodes {
		if index >= n.from && index <= n.to {
			return n.runs
		}
	}
	return nil
}

func newRun(spec batch.Spec) *submission {
	s := &submission{spec: spec, keys: batch.NewKeys(&spec), container: spec.Container, own: map[string]string{}}
	s.container.Command = parameter.Resolve(spec.Container.Command, spec.Parameters)
	s.container.Environment = nil
	values := map[string]string{}
	var names []string
	for _, v := range spec.Container.Environment {
		if _, again := values[v.Name]; !again {
			names = append(names, v.Name)
		}
		values[v.Name] = v.Value
	}
	for _, name := range names {
		switch {
		case isServiceVariable(name):
		case strings.HasPrefix(name, parameter.VariablePrefix):
			s.own[name] = values[name]
		default:
			s.fixed = append(s.fixed, name+"="+values[name])
		}
	}
	s.shared = s.withParameters(spec.Parameters)
	return s
}

func isServiceVariable(name string) bool {
	switch name {
	case variableJob, variableAttempt, variableQueue, variableCompute, variableIndex, variableSize, variableExecution, variableMetadata, variableResult,
		variableNode, variableMainNode, variableNodes, variableMainAddress:
		return true
	default:
		return false
	}
}

// withParameters returns the fixed variables and one for each parameter, with room for the service's. Parameters that would
// be in one variable are in none: nobody could tell whose value it has.
func (s *submission) withParameters(parameters map[string]string) []string {
	all := make([]string, len(s.fixed), len(s.fixed)+len(s.own)+len(parameters)+serviceVariables)
	copy(all, s.fixed)
	from := len(all)
	for name, value := range parameters {
		all = append(all, parameter.Variable(name)+"="+value)
	}
	slices.Sort(all[from:])
	all = append(all[:from], withoutShared(all[from:])...)
	if len(s.own) == 0 {
		return all
	}
	taken := make(map[string]bool, len(parameters))
	for _, variable := range all[from:] {
		taken[nameOf(variable)] = true
	}
	for name, value := range s.own {
		if !taken[name] {
			all = append(all, name+"="+value)
		}
	}
	slices.Sort(all[from:])
	return all
}

// withoutShared takes out of sorted variables, in place, those whose name is there more than once.
func withoutShared(variables []string) []string {
	kept := variables[:0]
	for i := 0; i < len(variables); {
		name, end := nameOf(variables[i])+"=", i+1
		for end < len(variables) && strings.HasPrefix(variables[end], name) {
			end++
		}
		if end == i+1 {
			kept = append(kept, variables[i])
		}
		i = end
	}
	return kept
}

// nameOf returns the name of a variable "NAME=value".
func nameOf(variable string) string {
	name, _, _ := strings.Cut(variable, "=")
	return name
}

// start returns what to run for one attempt; point is nil for a job without parameters of its own.
func (s *submission) start(o sched.StartAttempt, point map[string]string) compute.Start {
	_, index, isChild := o.Attempt.Job.Split()
	if !isChild {
		index = -1
	}
	container := s.container
	var environment []string
	if point == nil {
		environment = append(make([]string, 0, len(s.shared)+serviceVariables), s.shared...)
	} else {
		parameters := s.spec.EffectiveParameters(point)
		container.Command = parameter.Resolve(s.spec.Container.Command, parameters)
		environment = s.withParameters(parameters)
	}
	environment = append(environment,
		variableJob+"="+string(o.Attempt.Job),
		variableAttempt+"="+strconv.Itoa(int(o.Attempt.Number)),
		variableQueue+"="+o.QueueName,
		variableCompute+"="+o.Environment,
		variableExecution+"="+executionEnvironment,
	)
	if isChild {
		environment = append(environment, variableIndex+"="+strconv.Itoa(int(index)), variableSize+"="+strconv.Itoa(int(o.ArraySize)))
	}
	start := compute.Start{
		Attempt: o.Attempt, Host: o.Host, Lane: o.Lane, Ahead: o.Ahead, Container: container, Environment: environment,
		DefinitionName: s.spec.Definition.Name, StopGrace: batch.StopGrace,
	}
	if _, node, isNode := o.Attempt.Job.SplitNode(); isNode {
		// It has no key: what it leaves depends on the other nodes, so it is never taken again.
		start.Environment = append(start.Environment, nodeVariables(o, node)...)
		return start
	}
	start.BaseKey = s.keys.Base(point, index)
	return start
}

// nodeVariables tell a node which one it is and where the main node is.
func nodeVariables(o sched.StartAttempt, index int32) []string {
	variables := []string{
		variableNode + "=" + strconv.Itoa(int(index)),
		variableMainNode + "=" + strconv.Itoa(int(o.MainNode)),
		variableNodes + "=" + strconv.Itoa(int(o.NodeCount)),
	}
	if index != o.MainNode && o.MainAddress != "" {
		variables = append(variables, variableMainAddress+"="+o.MainAddress)
	}
	return variables
}
