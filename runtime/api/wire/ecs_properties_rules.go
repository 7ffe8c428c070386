package wire

// Conditions of a [TaskContainerDependency].
const (
	ContainerStart    = "START"
	ContainerComplete = "COMPLETE"
	ContainerSuccess  = "SUCCESS"
)

// check applies the rules of a job of several containers. The names of its members begin with field.
func (p *EcsProperties) check(c *check, field string, fargate bool) {
	c.count(field+".taskProperties", len(p.TaskProperties), 1, 1)
	for i, t := range p.TaskProperties {
		t.check(c, at(field+".taskProperties", i)+".", fargate)
	}
}

func (t *EcsTaskProperties) check(c *check, field string, fargate bool) {
	c.count(field+"containers", len(t.Containers), 1, maxContainers)
	c.oneOfIf(field+"ipcMode", t.IpcMode, "host", "task", "none")
	c.oneOfIf(field+"pidMode", t.PidMode, "host", "task")
	c.volumes(field+"volumes", t.Volumes, value(t.TaskRoleArn) != "")
	c.platform(field, t.EphemeralStorage, t.NetworkConfiguration, t.RuntimePlatform)
	if fargate {
		t.checkFargate(c, field)
	} else {
		c.absentAll(field, map[string]bool{
			"networkConfiguration": said(t.NetworkConfiguration), "platformVersion": t.PlatformVersion != nil,
			"ephemeralStorage": t.EphemeralStorage != nil, "runtimePlatform": said(t.RuntimePlatform),
		}, withoutFargate)
	}
	essential := map[string]bool{} // by name: each that there is, and whether it is essential
	some := false
	for i, each := range t.Containers {
		each.check(c, at(field+"containers", i)+".", t.Volumes, fargate)
		if name := value(each.Name); name != "" {
			_, again := essential[name]
			c.that(!again, at(field+"containers", i)+".name", quoted(name)+" again", "each name once")
			essential[name] = Or(each.Essential, true)
		}
		some = some || Or(each.Essential, true)
	}
	c.that(some, field+"containers", "none that is essential", "at least one that is")
	for i, each := range t.Containers {
		c.containerOrder(at(field+"containers", i)+".dependsOn", each.DependsOn, essential)
	}
}

func (c *check) containerOrder(prefix string, list []TaskContainerDependency, essential map[string]bool) {
	for i, d := range list {
		name := value(d.ContainerName)
		must, known := essential[name]
		c.that(known, at(prefix, i)+".containerName", quoted(name), "the name of one of the containers")
		c.that(d.Condition != nil, at(prefix, i)+".condition", "nothing", "a value: it is required")
		c.oneOfIf(at(prefix, i)+".condition", d.Condition, ContainerStart, ContainerComplete, ContainerSuccess)
		c.that(!must || value(d.Condition) == ContainerStart, at(prefix, i)+".condition", quoted(value(d.Condition)),
			"START: "+quoted(name)+" is essential, and its end is that of the job")
	}
}

func (p *TaskContainerProperties) check(c *check, field string, volumes []Volume, fargate bool) {
	c.image(field+"image", p.Image)
	needs, err := amounts(field, p.ResourceRequirements, nil, nil)
	c.add(err)
	c.words(field+"command", p.Command)
	c.environment(field+"environment", p.Environment)
	c.mountPoints(field+"mountPoints", p.MountPoints, volumes)
	c.ulimits(field, p.Ulimits)
	c.linux(field+"linuxParameters.", p.LinuxParameters)
	c.secrets(field+"secrets", p.Secrets)
	c.logConfiguration(field+"logConfiguration.", p.LogConfiguration, fargate)
	c.credentials(field, p.RepositoryCredentials)
	most := int32(1<<31 - 1)
	if fargate {
		most = maxContainerWait
		c.linuxOnFargate(field, p.LinuxParameters)
		c.absentAll(field, map[string]bool{"privileged": value(p.Privileged), "ulimits": len(p.Ulimits) > 0}, onFargate)
		c.absent(field+"resourceRequirements", needs.GPUs != nil, "of type GPU "+onFargate)
	}
	integer(c, field+"startTimeout", p.StartTimeout, minContainerWait, most)
	integer(c, field+"stopTimeout", p.StopTimeout, minContainerWait, most)
	if f := p.FirelensConfiguration; f != nil {
		c.oneOf(field+"firelensConfiguration.type", &f.Type, "fluentd", "fluentbit")
	}
}

// check applies the rules of what a submission changes of a job of several containers.
func (p *EcsPropertiesOverride) check(c *check, field string) {
	c.count(field+".taskProperties", len(p.TaskProperties), 0, 1)
	for i, t := range p.TaskProperties {
		for j, o := range t.Containers {
			field := at(at(field+".taskProperties", i)+".containers", j) + "."
			_, err := amounts(field, o.ResourceRequirements, nil, nil)
			c.add(err)
			c.overridingWords(field+"command", o.Command)
			c.environment(field+"environment", o.Environment)
		}
	}
}
