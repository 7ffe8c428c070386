package provider

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/objectvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
)

func containerPropertiesBlock() schema.Block {
	return block("What runs. May be left out if there is a `script`.", withWrongNames(attributes{
		"image":                    optionalString("Container image. Without one the job is a process of the machine (`LOCAL` only)."),
		"command":                  stringList("Program and arguments; `Ref::name` becomes the value of the parameter. Default: the image's own. The arguments of `script` if there is one."),
		"environment":              stringMap("Variables by name. Empty values are kept. Names must not begin with `AWS_BATCH`."),
		"user":                     optionalString("User in the container: a name or uid, `:` and a group may follow. Default: the image's own."),
		"privileged":               optionalBool("Whether the container has the host's privileges. Default `false`."),
		"readonly_root_filesystem": optionalBool("Whether the container's root file system is read-only. Default `false`."),
		"job_role_arn":             optionalString("IAM role that the job's code has. `LOCAL` gives no role: a plan warns of it."),
		"execution_role_arn":       optionalString("IAM role that starts the container. Required for Fargate; not used by `LOCAL`."),
	}, oldRequirements()), blocks{
		"resource_requirements": resourceRequirementsBlock("What one attempt holds while it runs. Default: 1 vCPU.", true),
		"volumes":               volumesBlock(),
		"mount_points":          mountPointsBlock(),
		"ulimits":               ulimitsBlock(),
		"linux_parameters":      linuxParametersBlock(),
		"log_configuration":     logConfigurationBlock(),
		"secrets":               secretsBlock("A variable whose value a secret store holds. " + notLocalText),
	})
}

func volumesBlock() schema.Block {
	efs := needing(block("An EFS file system. "+notLocalText, attributes{
		"file_system_id":     optionalString("Required. Id of the file system."),
		"root_directory":     optionalString("Directory of the file system to mount. Default `/`."),
		"transit_encryption": optionalWord("Whether the transfer is encrypted. Default `DISABLED`.", "ENABLED", "DISABLED"),
	}, nil), "file_system_id")
	efs.Validators = append(efs.Validators, objectvalidator.ConflictsWith(path.MatchRelative().AtParent().AtName("host")))
	return repeated("A directory that `mount_points` can mount. Containers only.", 0, attributes{
		"name": requiredString("Name: 1 to 255 letters, digits, `_` and `-`."),
	}, blocks{
		"host": needing(block("A directory of the host. Default: an anonymous volume that is removed with the container.", attributes{
			"source_path": optionalString("Required. Path on the host, absolute."),
		}, nil), "source_path"),
		"efs_volume_configuration": efs,
	})
}

func mountPointsBlock() schema.Block {
	return repeated("Where a volume appears in the container.", 0, attributes{
		"source_volume":  requiredString("Name of the volume."),
		"container_path": requiredString("Path in the container, absolute."),
		"read_only":      optionalBool("Whether it cannot be written to. Default `false`."),
	}, nil)
}

func ulimitsBlock() schema.Block {
	return repeated("A limit of the container's processes.", 0, attributes{
		"name":       requiredString("Name, for example `nofile`."),
		"soft_limit": requiredInt("What holds until a process raises it."),
		"hard_limit": requiredInt("How far it may be raised."),
	}, nil)
}

func linuxParametersBlock() schema.Block {
	return block("Settings of the kernel for the container.", attributes{
		"init_process_enabled": optionalBool("Whether an init process reaps and forwards signals. Default `false`."),
		"shared_memory_size":   optionalInt("Size of `/dev/shm` in MiB.", 1, 1<<30),
		"max_swap":             optionalInt("Swap in MiB; 0 for none. Default: twice the memory, memory included.", 0, 1<<30),
		"swappiness":           optionalInt("0 to 100: how readily memory is swapped. Default 60.", 0, 100),
	}, blocks{
		"tmpfs": repeated("A memory file system.", 0, attributes{
			"container_path": requiredString("Path in the container, absolute."),
			"size":           requiredInt("Size in MiB."),
			"mount_options":  stringList("Mount options, for example `noexec`."),
		}, nil),
		"devices": repeated("A device of the host. "+notLocalText, 0, attributes{
			"host_path":      requiredString("Path on the host."),
			"container_path": optionalString("Path in the container. Default: that of the host."),
			"permissions":    stringList("Some of `READ`, `WRITE`, `MKNOD`. Default: all."),
		}, nil),
	})
}

func logConfigurationBlock() schema.Block {
	return needing(block("Where the container's output goes. `LOCAL` keeps it in the runtime's own log whatever is said here.", attributes{
		"log_driver": optionalString("Required. Driver, for example `awslogs`."),
		"options":    stringMap("Options of the driver."),
	}, blocks{
		"secret_options": secretsBlock("An option whose value a secret store holds."),
	}), "log_driver")
}

func secretsBlock(description string) schema.Block {
	return repeated(description, 0, attributes{
		"name":       requiredString("Name."),
		"value_from": requiredString("ARN of the secret, or ARN or name of the parameter, that holds the value."),
	}, nil)
}
