package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"strings"
)

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *RegisterJobDefinitionRequest) Validate() error {
	c := &check{}
	c.name("jobDefinitionName", r.JobDefinitionName)
	c.oneOf("type", &r.Type, TypeContainer, TypeMultinode)
	for i := range r.PlatformCapabilities {
		c.oneOf(at("platformCapabilities", i), &r.PlatformCapabilities[i], PlatformEC2, PlatformFargate)
	}
	c.body(r)
	c.parameters("parameters", r.Parameters)
	c.retry(r.RetryStrategy)
	c.timeout(r.Timeout)
	integer(c, "schedulingPriority", r.SchedulingPriority, 0, maxPriority)
	c.consumables("consumableResourceProperties", r.ConsumableResourceProperties)
	c.tags("tags", r.Tags)
	c.definitionExtension(r)
	without := *r
	without.Batchd = nil
	c.size("Job definition", &without, MaxDefinitionSize)
	return c.err()
}

// body checks that there is exactly one description of what to run, and that one.
func (c *check) body(r *RegisterJobDefinitionRequest) {
	given := map[string]bool{
		"containerProperties": r.ContainerProperties != nil, "ecsProperties": r.EcsProperties != nil,
		"eksProperties": r.EksProperties != nil, "nodeProperties": r.NodeProperties != nil,
	}
	var names []string
	for _, name := range sorted(given) {
		if given[name] {
			names = append(names, name)
		}
	}
	allowed := "exactly one of containerProperties, ecsProperties, eksProperties"
	if r.Type == TypeMultinode {
		allowed = "nodeProperties alone"
	}
	switch {
	case len(names) == 0:
		c.fail("containerProperties", "nothing", allowed)
	case len(names) > 1:
		c.fail(names[1], "a value beside "+names[0], allowed)
	case given["nodeProperties"] != (r.Type == TypeMultinode):
		c.fail(names[0], "a value", allowed+" for type "+r.Type)
	case r.ContainerProperties != nil:
		r.ContainerProperties.check(c, container, r.fargate())
		c.absent(container+"instanceType", r.ContainerProperties.InstanceType != nil, "for type container: only the nodes of a multi-node job choose it")
	case r.NodeProperties != nil:
		c.that(!r.fargate(), "platformCapabilities", quoted("FARGATE"), "EC2 for type multinode")
		r.NodeProperties.check(c)
	case r.EcsProperties != nil:
		r.EcsProperties.check(c, "ecsProperties", r.fargate())
	case r.EksProperties != nil:
		r.EksProperties.check(c, "eksProperties")
		c.absent("platformCapabilities", len(r.PlatformCapabilities) > 0, "with eksProperties")
		c.absent("propagateTags", value(r.PropagateTags), "with eksProperties")
	}
}

func (r *RegisterJobDefinitionRequest) fargate() bool {
	for _, p := range r.PlatformCapabilities {
		if p == "FARGATE" {
			return true
		}
	}
	return false
}

func (c *check) definitionExtension(r *RegisterJobDefinitionRequest) {
	if r.Batchd == nil {
		return
	}
	c.that(r.ContainerProperties != nil, "batchd", "a value", "nothing without containerProperties")
	if script := r.Batchd.Script; script != "" {
		c.script("batchd.script", script)
	}
	if directory := r.Batchd.WorkingDirectory; directory != "" {
		c.absolute("batchd.workingDirectory", directory)
		c.absent("batchd.workingDirectory", r.ContainerProperties != nil && value(r.ContainerProperties.Image) != "",
			"with an image: a container starts in its image's directory")
	}
}

// NamesInterpreter reports whether the first line of a script names the program that runs it: "#!/bin/sh" does, "#!" does not.
func NamesInterpreter(line string) bool {
	interpreter, found := strings.CutPrefix(line, "#!")
	return found && strings.TrimSpace(interpreter) != ""
}

func (c *check) script(field, text string) {
	c.that(len(text) <= MaxScript, field, fmt.Sprintf("%d bytes", len(text)), fmt.Sprintf("at most %d bytes", MaxScript))
	line, _, _ := strings.Cut(text, "\n")
	c.that(NamesInterpreter(line), field, quoted(line)+" as its first line", "a first line that names the interpreter, for example #!/bin/sh")
	c.noNUL(field, text)
}

func (c *check) absolute(field, directory string) {
	c.that(path.IsAbs(directory), field, quoted(directory), "an absolute path")
	c.length(field, directory, 1, maxPath)
	c.noNUL(field, directory)
}

func (c *check) retry(r *RetryStrategy) {
	if r == nil {
		return
	}
	integer(c, "retryStrategy.attempts", r.Attempts, 1, maxAttempts)
	c.count("retryStrategy.evaluateOnExit", len(r.EvaluateOnExit), 0, maxEvaluate)
	c.that(len(r.EvaluateOnExit) == 0 || r.Attempts != nil, "retryStrategy.attempts", "nothing", "1 to 10: evaluateOnExit requires it")
	for i := range r.EvaluateOnExit {
		e := &r.EvaluateOnExit[i]
		field := at("retryStrategy.evaluateOnExit", i)
		c.oneOf(field+".action", &e.Action, ActionRetry, ActionExit)
		c.pattern(field+".onExitCode", e.OnExitCode, exitCodePattern, "digits, and * at the end")
		c.pattern(field+".onReason", e.OnReason, reasonPattern, "letters, digits, periods, colons and spaces, and * at the end")
		c.pattern(field+".onStatusReason", e.OnStatusReason, reasonPattern, "letters, digits, periods, colons and spaces, and * at the end")
	}
}

var (
	exitCodePattern = regexp.MustCompile(`^[0-9]*\*?$`)
	revisionPattern = regexp.MustCompile(`^[1-9][0-9]*$`)
	reasonPattern   = regexp.MustCompile(`^[\pL\pN.:\s]*\*?$`)
)

func (c *check) pattern(field string, text *string, allowed *regexp.Regexp, words string) {
	if text == nil {
		return
	}
	c.that(allowed.MatchString(*text), field, quoted(*text), words)
	c.characters(field, *text, 1, maxPattern)
}

func (c *check) timeout(t *JobTimeout) {
	if t != nil {
		integer(c, "timeout.attemptDurationSeconds", t.AttemptDurationSeconds, minTimeout, 1<<31-1)
	}
}

// size bounds a document as JSON, in bytes.
func (c *check) size(what string, document any, limit int) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	// Requests are strings, numbers and collections of them, which always encode.
	_ = encoder.Encode(document)
	n := text.Len() - 1 // a line ends what is encoded
	c.that(n <= limit, what+" size", fmt.Sprintf("%d bytes", n), fmt.Sprintf("at most %d bytes of JSON, of which the member batchd does not count", limit))
}

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *DeregisterJobDefinitionRequest) Validate() error {
	c := &check{}
	c.identifier("jobDefinition", r.JobDefinition)
	at := strings.LastIndexByte(r.JobDefinition, ':')
	c.that(at > 0 && revisionPattern.MatchString(r.JobDefinition[at+1:]), "jobDefinition", quoted(r.JobDefinition), "name:revision or an ARN that ends in a revision")
	return c.err()
}

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *DescribeJobDefinitionsRequest) Validate() error {
	c := &check{}
	c.page("jobDefinitions", r.JobDefinitions, r.MaxResults)
	if len(r.JobDefinitions) > 0 {
		c.absent("jobDefinitionName", r.JobDefinitionName != "", "beside jobDefinitions")
		c.absent("status", r.Status != "", "beside jobDefinitions")
		c.absent("maxResults", r.MaxResults != nil, "beside jobDefinitions")
		c.absent("nextToken", r.NextToken != "", "beside jobDefinitions")
	}
	if r.Status != "" {
		c.oneOf("status", &r.Status, Active, Inactive)
	}
	return c.err()
}
