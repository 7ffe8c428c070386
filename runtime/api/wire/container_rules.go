package wire

import (
	"errors"
	"math"
	"regexp"
	"strings"
)

var imagePattern = regexp.MustCompile(`^[A-Za-z0-9_\-:./#@]+$`)

// container begins the members of a definition's container.
const container = "containerProperties."

// check applies the rules of what a job runs. The names of its members begin with field.
func (p *ContainerProperties) check(c *check, field string, fargate bool) {
	image := value(p.Image)
	if image != "" {
		c.length(field+"image", image, 1, maxImage)
		c.that(imagePattern.MatchString(image), field+"image", quoted(image), "letters, digits and any of _ - : . / # @")
	} else {
		p.checkProcess(c, field)
	}
	if fargate {
		c.that(image != "", field+"image", "nothing", "an image: FARGATE requires it")
		c.that(value(p.ExecutionRoleArn) != "", field+"executionRoleArn", "nothing", "a role: FARGATE requires it")
	}
	_, err := amounts(field, p.ResourceRequirements, p.Vcpus, p.Memory)
	c.add(err)
	c.words(field+"command", p.Command)
	c.environment(field+"environment", p.Environment)
	c.storage(p, field)
	c.ulimits(field, p.Ulimits)
	c.linux(field+"linuxParameters.", p.LinuxParameters)
}

// add takes over an error of other rules.
func (c *check) add(err error) {
	var e *FieldError
	if errors.As(err, &e) && c.first == nil {
		c.first = e
	}
}

// checkProcess refuses what only a container can be given.
func (p *ContainerProperties) checkProcess(c *check, field string) {
	const where = "without an image: a process of the machine cannot have it"
	c.absent(field+"privileged", value(p.Privileged), where)
	c.absent(field+"readonlyRootFilesystem", value(p.ReadonlyRootFilesystem), where)
	c.absent(field+"volumes", len(p.Volumes) > 0, where)
	c.absent(field+"mountPoints", len(p.MountPoints) > 0, where)
	c.absent(field+"ulimits", len(p.Ulimits) > 0, where)
	c.absent(field+"linuxParameters", p.LinuxParameters != nil, where)
}

func (c *check) words(field string, words []string) {
	for i, word := range words {
		c.noNUL(at(field, i), word)
	}
}

// environment checks names and values of variables.
func (c *check) environment(field string, variables []KeyValuePair) {
	seen := make(map[string]bool, len(variables))
	for i, v := range variables {
		name := at(field, i) + ".name"
		c.required(name, v.Name)
		c.that(!strings.ContainsAny(v.Name, "=\x00"), name, quoted(v.Name), "names without = and NUL")
		c.that(!strings.HasPrefix(v.Name, "AWS_BATCH"), name, quoted(v.Name), "names that do not begin with AWS_BATCH: the service sets those")
		c.unique(name, v.Name, seen)
		c.noNUL(at(field, i)+".value", v.Value)
	}
}

var volumePattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`)

func (c *check) storage(p *ContainerProperties, prefix string) {
	volumes := map[string]bool{}
	for i, v := range p.Volumes {
		field := at(prefix+"volumes", i)
		name := value(v.Name)
		c.that(volumePattern.MatchString(name), field+".name", quoted(name), "1 to 255 letters, digits, hyphens and underscores")
		c.unique(field+".name", name, volumes)
		if v.Host != nil && value(v.Host.SourcePath) != "" {
			c.absolute(field+".host.sourcePath", *v.Host.SourcePath)
		}
	}
	paths := map[string]bool{}
	for i, m := range p.MountPoints {
		field := at(prefix+"mountPoints", i)
		c.absolute(field+".containerPath", value(m.ContainerPath))
		c.unique(field+".containerPath", value(m.ContainerPath), paths)
		c.that(volumes[value(m.SourceVolume)], field+".sourceVolume", quoted(value(m.SourceVolume)), "the name of one of volumes")
	}
}

var ulimitNames = []string{
	"core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss", "rtprio", "rttime", "sigpending", "stack",
}

func (c *check) ulimits(prefix string, limits []Ulimit) {
	for i, u := range limits {
		field := at(prefix+"ulimits", i)
		c.oneOf(field+".name", u.Name, ulimitNames...)
		needed(c, field+".softLimit", u.SoftLimit, -1, math.MaxInt32)
		needed(c, field+".hardLimit", u.HardLimit, -1, math.MaxInt32)
	}
}

func (c *check) linux(field string, l *LinuxParameters) {
	if l == nil {
		return
	}
	integer(c, field+"sharedMemorySize", l.SharedMemorySize, 1, math.MaxInt32)
	integer(c, field+"maxSwap", l.MaxSwap, 0, math.MaxInt32)
	integer(c, field+"swappiness", l.Swappiness, 0, 100)
	for i, d := range l.Devices {
		c.absolute(at(field+"devices", i)+".hostPath", d.HostPath)
		for j, p := range d.Permissions {
			c.oneOf(at(at(field+"devices", i)+".permissions", j), p, "READ", "WRITE", "MKNOD")
		}
	}
	for i, t := range l.Tmpfs {
		c.absolute(at(field+"tmpfs", i)+".containerPath", t.ContainerPath)
		needed(c, at(field+"tmpfs", i)+".size", t.Size, 1, math.MaxInt32)
	}
}

// check applies the rules of what a submission changes. The names of its members begin with field.
func (o *ContainerOverrides) check(c *check, field string) {
	_, err := amounts(field, o.ResourceRequirements, o.Vcpus, o.Memory)
	c.add(err)
	c.words(field+"command", o.Command)
	c.environment(field+"environment", o.Environment)
}
