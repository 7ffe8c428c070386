package wire

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Validate applies the rules of the members; the error is a [*FieldError]. Members that say nothing are taken away.
func (r *SubmitJobRequest) Validate() error {
	c := &check{}
	r.dropEmpty()
	c.jobName("jobName", r.JobName)
	c.identifier("jobQueue", r.JobQueue)
	c.identifier("jobDefinition", r.JobDefinition)
	if r.ArrayProperties != nil {
		// How many there may be is the runtime's to say.
		c.that(*r.ArrayProperties.Size != 0, "arrayProperties.size", "0", "2 or more; leave arrayProperties out for a single job")
	}
	c.dependencies(r.DependsOn, r.array())
	c.parameters("parameters", r.Parameters)
	if r.ContainerOverrides != nil {
		r.ContainerOverrides.check(c, "containerOverrides.")
		c.absent("containerOverrides.instanceType", r.ContainerOverrides.InstanceType != nil, "outside nodeOverrides: only the nodes of a multi-node job choose it")
	}
	if r.EcsPropertiesOverride != nil {
		r.EcsPropertiesOverride.check(c, "ecsPropertiesOverride")
	}
	if r.NodeOverrides != nil {
		c.absent("nodeOverrides", r.array(), "in an array: its children run on one machine each")
		r.NodeOverrides.check(c)
	}
	c.consumables("consumableResourcePropertiesOverride", r.ConsumableResourcePropertiesOverride)
	c.retry(r.RetryStrategy)
	c.timeout(r.Timeout)
	integer(c, "schedulingPriorityOverride", r.SchedulingPriorityOverride, 0, maxPriority)
	if r.ShareIdentifier != nil {
		c.shareIdentifier("shareIdentifier", *r.ShareIdentifier)
	}
	c.tags("tags", r.Tags)
	if r.Batchd != nil {
		r.Batchd.check(c, r)
	}
	without := *r
	without.Batchd = nil
	c.size("Job", &without, MaxJobSize)
	return c.err()
}

// dropEmpty takes away the members that AWS takes for absent when they are empty, and clients send with every job.
func (r *SubmitJobRequest) dropEmpty() {
	if r.ArrayProperties != nil && r.ArrayProperties.Size == nil {
		r.ArrayProperties = nil
	}
	if value(r.ShareIdentifier) == "" {
		r.ShareIdentifier = nil
	}
	r.EcsPropertiesOverride, r.EksPropertiesOverride = r.EcsPropertiesOverride.unlessEmpty(), r.EksPropertiesOverride.unlessEmpty()
	if r.NodeOverrides == nil {
		return
	}
	for i := range r.NodeOverrides.NodePropertyOverrides {
		o := &r.NodeOverrides.NodePropertyOverrides[i]
		o.EcsPropertiesOverride, o.EksPropertiesOverride = o.EcsPropertiesOverride.unlessEmpty(), o.EksPropertiesOverride.unlessEmpty()
	}
}

// unlessEmpty returns p, or nil if it overrides nothing.
func (p *EcsPropertiesOverride) unlessEmpty() *EcsPropertiesOverride {
	if p == nil || !slices.ContainsFunc(p.TaskProperties, func(t TaskPropertiesOverride) bool { return len(t.Containers) > 0 }) {
		return nil
	}
	return p
}

// unlessEmpty returns p, or nil if it overrides nothing.
func (p *EksPropertiesOverride) unlessEmpty() *EksPropertiesOverride {
	if p == nil || p.PodProperties == nil {
		return nil
	}
	if pod := p.PodProperties; len(pod.Containers)+len(pod.InitContainers) == 0 && pod.Metadata == nil {
		return nil
	}
	return p
}

// array reports whether r submits an array or a sweep.
func (r *SubmitJobRequest) array() bool {
	return r.ArrayProperties != nil || r.Batchd != nil && r.Batchd.Points != nil
}

func (c *check) dependencies(list []JobDependency, array bool) {
	c.count("dependsOn", len(list), 0, maxDependencies)
	for i, d := range list {
		field := at("dependsOn", i)
		if value(d.Type) != "" {
			c.oneOf(field+".type", d.Type, DependNToN, DependSequential, DependAfterAny, DependAfterFailed)
		}
		kind := value(d.Type)
		if kind == DependSequential && value(d.JobID) != "" {
			kind = "" // it waits for that job, and one job is all that there is to wait for
		}
		c.that(array || kind != DependNToN && kind != DependSequential, field+".type", quoted(kind),
			"AFTER_ANY, AFTER_FAILED or nothing without arrayProperties and batchd.points: only an array has children that wait one by one")
		if kind == DependSequential {
			continue
		}
		c.identifier(field+".jobId", value(d.JobID))
	}
}

var claimPattern = regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`)

func (c *check) claim(field, name string) {
	c.that(claimPattern.MatchString(name), field, quoted(Brief(name)), "1 to 64 letters, digits and hyphens")
}

var digestPattern = regexp.MustCompile(`^[0-9a-f]{64}$`)

func (e *SubmitJobExtension) check(c *check, r *SubmitJobRequest) {
	c.length("batchd.clientToken", e.ClientToken, 0, maxToken)
	c.printable("batchd.clientToken", e.ClientToken)
	integer(c, "batchd.maxConcurrency", e.MaxConcurrency, 1, maxArray)
	c.absent("batchd.maxConcurrency", e.MaxConcurrency != nil && !r.array(), "without arrayProperties or batchd.points: it bounds the children of an array")
	if e.OnResultError != "" {
		c.oneOf("batchd.onResultError", &e.OnResultError, OnResultErrorWarn, OnResultErrorFail)
	}
	c.count("batchd.inputs", len(e.Inputs), 0, maxInputs)
	for _, name := range sorted(e.Inputs) {
		c.length("batchd.inputs", name, 1, maxPath)
		c.that(digestPattern.MatchString(e.Inputs[name]), "batchd.inputs."+Brief(name), quoted(e.Inputs[name]), "a SHA-256 in 64 lower-case hex digits")
	}
	c.count("batchd.triggers", len(e.Triggers), 0, maxInputs)
	for _, name := range sorted(e.Triggers) {
		c.length("batchd.triggers", name, 1, maxPath)
		c.secret("batchd.triggers."+Brief(name), e.Triggers[name], maxParameter)
	}
	if e.Script != "" {
		c.script("batchd.script", e.Script)
	}
	if e.Claim != "" {
		c.claim("batchd.claim", e.Claim)
	}
	c.that(!e.Adopt || e.Claim != "" && e.Reuse, "batchd.adopt", "true", "false without batchd.claim and batchd.reuse: adopting a job adds a claim to it and takes its results")
	if e.Points == nil {
		return
	}
	c.count("batchd.points", len(e.Points), 1, maxArray)
	if r.ArrayProperties != nil {
		c.that(int(value(r.ArrayProperties.Size)) == len(e.Points), "arrayProperties.size", fmt.Sprint(value(r.ArrayProperties.Size)),
			fmt.Sprintf("nothing, or the number of points, %d", len(e.Points)))
	}
	if c.first == nil {
		c.points(e.Points)
	}
}

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *CancelJobRequest) Validate() error { return endJob(r.JobID, r.Reason) }

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *TerminateJobRequest) Validate() error { return endJob(r.JobID, r.Reason) }

func endJob(id, reason string) error {
	c := &check{}
	c.identifier("jobId", id)
	c.reason(reason)
	return c.err()
}

// reason checks why jobs are ended.
func (c *check) reason(text string) {
	c.required("reason", text)
	c.characters("reason", text, 1, maxReason)
}

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *DescribeJobsRequest) Validate() error {
	c := &check{}
	c.count("jobs", len(r.Jobs), 1, maxDescribe)
	for i, id := range r.Jobs {
		c.identifier(at("jobs", i), id)
	}
	return c.err()
}

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *ListJobsRequest) Validate() error {
	c := &check{}
	of := 0
	for _, member := range []struct{ field, value string }{
		{"jobQueue", r.JobQueue}, {"arrayJobId", r.ArrayJobID}, {"multiNodeJobId", r.MultiNodeJobID},
	} {
		if member.value != "" {
			of++
			c.identifier(member.field, member.value)
		}
	}
	c.that(of == 1, "jobQueue", fmt.Sprintf("%d of jobQueue, arrayJobId, multiNodeJobId", of), "exactly one of them")
	if r.JobStatus != "" {
		c.oneOf("jobStatus", &r.JobStatus, JobStatuses()...)
	}
	c.count("filters", len(r.Filters), 0, 1)
	most := int32(maxListJobs)
	for i := range r.Filters {
		c.filter(at("filters", i), &r.Filters[i])
		most = maxFilteredJobs
	}
	integer(c, "maxResults", r.MaxResults, 1, most)
	return c.err()
}

func (c *check) filter(field string, f *KeyValuesPair) {
	c.oneOf(field+".name", &f.Name, FilterJobName, FilterJobDefinition, FilterBeforeCreatedAt, FilterAfterCreatedAt, FilterShareIdentifier)
	c.count(field+".values", len(f.Values), 1, 1)
	for i, v := range f.Values {
		c.identifier(at(field+".values", i), v)
		c.that(f.Name != FilterJobDefinition || !strings.HasPrefix(v, "arn:") || !strings.HasSuffix(v, "*"), at(field+".values", i), quoted(v),
			"a name, the beginning of one and *, or the ARN of one revision")
		if strings.HasSuffix(f.Name, "_CREATED_AT") {
			_, err := strconv.ParseUint(v, 10, 63)
			c.that(err == nil, at(field+".values", i), quoted(v), "milliseconds since 1970 in decimal digits")
		}
	}
}

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *ResultsRequest) Validate() error {
	c := &check{}
	c.identifier("jobId", r.JobID)
	integer(c, "maxResults", r.MaxResults, 1, MaxResults)
	return c.err()
}

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *LogsRequest) Validate() error {
	c := &check{}
	c.identifier("jobId", r.JobID)
	integer(c, "attempt", r.Attempt, 1, maxAttempts)
	integer(c, "limit", r.Limit, 1, MaxLogEvents)
	c.absent("tail", r.Tail && r.NextToken != "", "beside nextToken")
	return c.err()
}

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *TagResourceRequest) Validate() error {
	c := &check{}
	c.count("tags", len(r.Tags), 1, maxTags)
	c.tags("tags", r.Tags)
	return c.err()
}

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *UntagResourceRequest) Validate() error {
	c := &check{}
	c.count("tagKeys", len(r.TagKeys), 1, maxTags)
	for i, key := range r.TagKeys {
		c.characters(at("tagKeys", i), key, 1, maxTagKey)
	}
	return c.err()
}
