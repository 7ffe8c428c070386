package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// What a LOCAL compute environment does not give a job. The service registers a definition that asks for it, and refuses its
// jobs; a configuration that says nothing of AWS is refused before.

const (
	notLocalRemedy = " A job of this definition would be refused. Remove it; or, if the definition is for AWS alone, say so by platform_capabilities."
	notLocalText   = "Not given by `LOCAL`: refused in a plan unless `platform_capabilities` says that the definition is for AWS."
)

// validateLocal refuses what LOCAL does not give, unless m is declared for AWS.
func (m *jobDefinitionModel) validateLocal(diags *diag.Diagnostics) {
	if !m.PlatformCapabilities.IsNull() {
		return
	}
	at, container := path.Root("container_properties"), m.ContainerProperties.Attributes()
	refuse := func(at path.Path, sentence string) {
		diags.AddAttributeError(at, "Not given by LOCAL compute environments", sentence+notLocalRemedy)
	}
	if len(blocksOf(container["secrets"])) > 0 {
		refuse(at.AtName("secrets"), "A LOCAL compute environment has no secret store. Let the job read a file, or set the variable in environment.")
	}
	if kernel, ok := container["linux_parameters"].(types.Object); ok && len(blocksOf(kernel.Attributes()["devices"])) > 0 {
		refuse(at.AtName("linux_parameters").AtName("devices"), "A LOCAL compute environment gives a job no devices of the host.")
	}
	for i, volume := range blocksOf(container["volumes"]) {
		if efs, ok := volume.Attributes()["efs_volume_configuration"]; ok && !efs.IsNull() {
			refuse(at.AtName("volumes").AtListIndex(i).AtName("efs_volume_configuration"),
				"A LOCAL compute environment mounts no EFS file system. Mount it on the host, and name the directory in a block host.")
		}
	}
	if role, ok := container["job_role_arn"]; ok && !role.IsNull() {
		diags.AddAttributeWarning(at.AtName("job_role_arn"), "A LOCAL compute environment gives a job no role",
			"The job has the credentials that it finds in its environment and files, and those of the role only if they are there.")
	}
}

// blocksOf returns the blocks of a list that is known.
func blocksOf(list attr.Value) []types.Object {
	var all []types.Object
	if list, ok := list.(types.List); ok {
		for _, element := range list.Elements() {
			if object, ok := element.(types.Object); ok {
				all = append(all, object)
			}
		}
	}
	return all
}
