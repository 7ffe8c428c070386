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
		c.image(field+"image", image)
	} else {
		p.checkProcess(c, field)
	}
	needs, err := amounts(field, p.ResourceRequirements, p.Vcpus, p.Memory)
	c.add(err)
	c.words(field+"command", p.Command)
	c.environment(field+"environment", p.Environment)
	c.volumes(field+"volumes", p.Volumes, value(p.JobRoleArn) != "")
	c.mountPoints(field+"mountPoints", p.MountPoints, p.Volumes)
	c.ulimits(field, p.Ulimits)
	c.linux(field+"linuxParameters.", p.LinuxParameters)
	c.secrets(field+"secrets", p.Secrets)
	c.logConfiguration(field+"logConfiguration.", p.LogConfiguration, fargate)
	c.credentials(field, p.RepositoryCredentials)
	c.platform(field, p.EphemeralStorage, p.NetworkConfiguration, p.RuntimePlatform)
	if fargate {
		p.checkFargate(c, field, needs)
	} else {
		c.absentAll(field, map[string]bool{
			"networkConfiguration": said(p.NetworkConfiguration), "fargatePlatformConfiguration": said(p.FargatePlatformConfiguration),
			"ephemeralStorage": p.EphemeralStorage != nil, "runtimePlatform": said(p.RuntimePlatform),
		}, withoutFargate)
	}
}

// image checks the name of an image that must be there.
func (c *check) image(field, name string) {
	c.required(field, name)
	c.length(field, name, 1, maxImage)
	c.that(imagePattern.MatchString(name), field, quoted(name), "letters, digits and any of _ - : . / # @")
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
	c.absent(field+"linuxParameters", said(p.LinuxParameters), where)
}

func (c *check) words(field string, words []string) {
	for i, word := range words {
		c.noNUL(at(field, i), word)
	}
}

// environment checks names and values of variables. Of one that is given twice the last value holds.
func (c *check) environment(field string, variables []KeyValuePair) {
	for i, v := range variables {
		name := at(field, i) + ".name"
		c.required(name, v.Name)
		c.that(!strings.ContainsAny(v.Name, "=\x00"), name, quoted(v.Name), "names without = and NUL")
		c.unreserved(name, v.Name)
		c.noNUL(at(field, i)+".value", value(v.Value))
	}
}

func (c *check) unreserved(field, variable string) {
	c.that(!strings.HasPrefix(variable, "AWS_BATCH"), field, quoted(variable), "names that do not begin with AWS_BATCH: the service sets those")
}

var ulimitNames = []string{
	"core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss", "rtprio", "rttime", "sigpending", "stack",
}

func (c *check) ulimits(prefix string, limits []Ulimit) {
	for i := range limits {
		u := &limits[i]
		field := at(prefix+"ulimits", i)
		c.oneOf(field+".name", &u.Name, ulimitNames...)
		needed(c, field+".softLimit", u.SoftLimit, -1, math.MaxInt32)
		needed(c, field+".hardLimit", u.HardLimit, -1, math.MaxInt32)
	}
}

// mountOptions are those of a tmpfs; some take a value behind "=".
var mountOptions = []string{
	"defaults", "ro", "rw", "suid", "nosuid", "dev", "nodev", "exec", "noexec", "sync", "async", "dirsync", "remount", "mand", "nomand",
	"atime", "noatime", "diratime", "nodiratime", "bind", "rbind", "unbindable", "runbindable", "private", "rprivate", "shared", "rshared",
	"slave", "rslave", "relatime", "norelatime", "strictatime", "nostrictatime", "mode", "uid", "gid", "nr_inodes", "nr_blocks", "mpol",
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
		for j := range d.Permissions {
			c.oneOf(at(at(field+"devices", i)+".permissions", j), &d.Permissions[j], "READ", "WRITE", "MKNOD")
		}
	}
	for i, t := range l.Tmpfs {
		c.absolute(at(field+"tmpfs", i)+".containerPath", t.ContainerPath)
		needed(c, at(field+"tmpfs", i)+".size", t.Size, 1, math.MaxInt32)
		for j, option := range t.MountOptions {
			name, _, _ := strings.Cut(option, "=")
			rest := option[len(name):]
			c.oneOf(at(at(field+"tmpfs", i)+".mountOptions", j), &name, mountOptions...)
			t.MountOptions[j] = name + rest
		}
	}
}

// check applies the rules of what a submission changes. The names of its members begin with field.
func (o *ContainerOverrides) check(c *check, field string) {
	_, err := amounts(field, o.ResourceRequirements, nil, nil)
	c.add(err)
	_, err = amounts(field, nil, o.Vcpus, o.Memory)
	c.add(err)
	c.overridingWords(field+"command", o.Command)
	c.environment(field+"environment", o.Environment)
}

// overridingWords is words for a command that takes the place of another: AWS takes no empty word there.
func (c *check) overridingWords(field string, words []string) {
	c.words(field, words)
	for i, word := range words {
		c.that(word != "", at(field, i), quoted(word), "words that are not empty")
	}
}
