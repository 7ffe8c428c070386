package wire

import "regexp"

var volumePattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`)

// volumes checks what can be mounted. role tells whether the job has one, which some volumes need.
func (c *check) volumes(prefix string, volumes []Volume, role bool) {
	seen := map[string]bool{}
	for i, v := range volumes {
		field := at(prefix, i)
		name := value(v.Name)
		c.that(volumePattern.MatchString(name), field+".name", quoted(name), "1 to 255 letters, digits, hyphens and underscores")
		c.unique(field+".name", name, seen)
		of := 0
		for _, given := range []bool{v.Host != nil, v.EfsVolumeConfiguration != nil, v.S3filesVolumeConfiguration != nil} {
			if given {
				of++
			}
		}
		c.that(of <= 1, field, "more than one of host, efsVolumeConfiguration, s3filesVolumeConfiguration", "one of them")
		if v.Host != nil && value(v.Host.SourcePath) != "" {
			c.absolute(field+".host.sourcePath", *v.Host.SourcePath)
		}
		c.efs(field+".efsVolumeConfiguration.", v.EfsVolumeConfiguration, role)
		c.s3files(field+".s3filesVolumeConfiguration.", v.S3filesVolumeConfiguration)
	}
}

func (c *check) efs(field string, v *EFSVolumeConfiguration, role bool) {
	if v == nil {
		return
	}
	c.identifier(field+"fileSystemId", v.FileSystemID)
	c.lengthIf(field+"rootDirectory", v.RootDirectory, 0, maxPath)
	c.oneOfIf(field+"transitEncryption", v.TransitEncryption, Enabled, Disabled)
	integer(c, field+"transitEncryptionPort", v.TransitEncryptionPort, 0, maxPort)
	a := v.AuthorizationConfig
	if a == nil {
		return
	}
	c.oneOfIf(field+"authorizationConfig.iam", a.Iam, Enabled, Disabled)
	point, iam := value(a.AccessPointID) != "", value(a.Iam) == Enabled
	root := value(v.RootDirectory)
	c.that(!point || root == "" || root == "/", field+"rootDirectory", quoted(root), `nothing, or "/", with an access point`)
	c.that(!point && !iam || value(v.TransitEncryption) == Enabled, field+"transitEncryption", quoted(value(v.TransitEncryption)),
		"ENABLED: authorizationConfig requires it")
	c.that(!iam || role, field+"authorizationConfig.iam", quoted(Enabled), "DISABLED without a role of the job: jobRoleArn, or taskRoleArn")
}

func (c *check) s3files(field string, v *S3FilesVolumeConfiguration) {
	if v == nil {
		return
	}
	c.identifier(field+"fileSystemArn", v.FileSystemArn)
	c.lengthIf(field+"rootDirectory", v.RootDirectory, 0, maxPath)
	integer(c, field+"transitEncryptionPort", v.TransitEncryptionPort, 0, maxPort)
}

// mountPoints checks where volumes appear.
func (c *check) mountPoints(prefix string, points []MountPoint, volumes []Volume) {
	names := make(map[string]bool, len(volumes))
	for _, v := range volumes {
		names[value(v.Name)] = true
	}
	paths := map[string]bool{}
	for i, m := range points {
		field := at(prefix, i)
		c.absolute(field+".containerPath", value(m.ContainerPath))
		c.unique(field+".containerPath", value(m.ContainerPath), paths)
		c.that(names[value(m.SourceVolume)], field+".sourceVolume", quoted(value(m.SourceVolume)), "the name of one of volumes")
	}
}

func (c *check) secrets(prefix string, secrets []Secret) {
	for i, s := range secrets {
		c.required(at(prefix, i)+".name", s.Name)
		c.required(at(prefix, i)+".valueFrom", s.ValueFrom)
	}
}

func (c *check) credentials(field string, r *RepositoryCredentials) {
	if r != nil {
		c.required(field+"repositoryCredentials.credentialsParameter", r.CredentialsParameter)
	}
}

func (c *check) logConfiguration(field string, l *LogConfiguration, fargate bool) {
	if l == nil {
		return
	}
	drivers := []string{"json-file", "syslog", "journald", "gelf", "fluentd", DriverAwslogs, "splunk", "awsfirelens"}
	if fargate {
		drivers = []string{DriverAwslogs, "splunk", "awsfirelens"}
	}
	c.oneOf(field+"logDriver", &l.LogDriver, drivers...)
	if group := l.Options[OptionLogGroup]; group != "" {
		c.logGroup(field+"options."+OptionLogGroup, group)
	}
	if prefix := l.Options[OptionLogPrefix]; prefix != "" {
		c.logStream(field+"options."+OptionLogPrefix, prefix, maxLogName-logNameRoom)
	}
	c.secrets(field+"secretOptions", l.SecretOptions)
}
