package wire

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Types of a resource requirement.
const (
	ResourceVCPU   = "VCPU"
	ResourceMemory = "MEMORY"
	ResourceGPU    = "GPU"
)

// Amounts is what a container asks for. A part that is nil is not asked for.
type Amounts struct {
	MilliCPU  *int64 // thousandths of a vCPU
	MemoryMiB *int64
	GPUs      *int64
}

// Amounts returns what p asks for, in either form.
func (p *ContainerProperties) Amounts() (Amounts, error) {
	return amounts("containerProperties.", p.ResourceRequirements, p.Vcpus, p.Memory)
}

// Amounts returns what o asks for by resourceRequirements.
func (o *ContainerOverrides) Amounts() (Amounts, error) {
	return amounts("containerOverrides.", o.ResourceRequirements, nil, nil)
}

// Deprecated returns what o asks for by vcpus and memory, which override what a definition says by the same members and
// nothing that it says by resourceRequirements (API reference, ContainerOverrides).
func (o *ContainerOverrides) Deprecated() (Amounts, error) {
	return amounts("containerOverrides.", nil, o.Vcpus, o.Memory)
}

// Or returns a with the parts it lacks taken from b.
func (a Amounts) Or(b Amounts) Amounts {
	if a.MilliCPU == nil {
		a.MilliCPU = b.MilliCPU
	}
	if a.MemoryMiB == nil {
		a.MemoryMiB = b.MemoryMiB
	}
	if a.GPUs == nil {
		a.GPUs = b.GPUs
	}
	return a
}

// amounts reads the requirements and, where they are silent, the older members. The
// error is a [*FieldError] whose member begins with prefix.
func amounts(prefix string, requirements []ResourceRequirement, vcpus, memory *int32) (Amounts, error) {
	c, a := &check{}, Amounts{}
	integer(c, prefix+"vcpus", vcpus, 1, 1<<20)
	integer(c, prefix+"memory", memory, minMemoryMiB, 1<<30)
	seen := map[string]bool{}
	for i := range requirements {
		r := &requirements[i]
		field := at(prefix+"resourceRequirements", i)
		c.oneOf(field+".type", &r.Type, ResourceVCPU, ResourceMemory, ResourceGPU)
		c.unique(field+".type", r.Type, seen)
		switch r.Type {
		case ResourceVCPU:
			a.MilliCPU = c.milliCPU(field+".value", r.Value)
		case ResourceMemory:
			a.MemoryMiB = c.whole(field+".value", r.Value, minMemoryMiB, "MiB")
		case ResourceGPU:
			a.GPUs = c.whole(field+".value", r.Value, 1, "GPUs")
		}
	}
	c.that(vcpus == nil || a.MilliCPU == nil, prefix+"vcpus", "a value beside resourceRequirements", "only one of the two")
	c.that(memory == nil || a.MemoryMiB == nil, prefix+"memory", "a value beside resourceRequirements", "only one of the two")
	if vcpus != nil {
		milli := int64(*vcpus) * 1000
		a.MilliCPU = &milli
	}
	if memory != nil {
		mib := int64(*memory)
		a.MemoryMiB = &mib
	}
	return a, c.err()
}

var vcpuPattern = regexp.MustCompile(`^([0-9]{1,7})(?:\.([0-9]{1,3}))?$`)

// milliCPU reads "2", "0.25" or "1.125". AWS takes fractions for Fargate alone.
func (c *check) milliCPU(field, text string) *int64 {
	parts := vcpuPattern.FindStringSubmatch(text)
	if parts == nil {
		c.fail(field, quoted(text), "a number of vCPUs with at most three decimals, for example \"2\" or \"0.25\"")
		return nil
	}
	// The pattern leaves at most ten digits, so this cannot fail.
	milli, _ := strconv.ParseInt(parts[1]+(parts[2] + "000")[:3], 10, 64)
	c.that(milli > 0, field, quoted(text), "more than 0 vCPUs")
	return &milli
}

func (c *check) whole(field, text string, least int64, unit string) *int64 {
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil || n < least || strings.HasPrefix(text, "+") {
		c.fail(field, quoted(text), fmt.Sprintf("a whole number of %s, at least %d", unit, least))
		return nil
	}
	return &n
}
