package provider

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// fieldAttributes are the members whose attribute does not follow from their name.
var fieldAttributes = map[string]string{
	"computeEnvironmentName":  "name",
	"jobQueueName":            "name",
	"jobDefinitionName":       "name",
	"jobName":                 "name",
	"computeEnvironmentOrder": "compute_environments",
	"arrayProperties":         "array_size",
	"dependsOn":               "depends_on_jobs",
	"points":                  "matrix",
}

// remedyArguments are the members that the remedies for stuck jobs name, with the arguments that stand for them.
var remedyArguments = strings.NewReplacer(
	"maxvCpus", "compute_resources.max_vcpus",
	"batchd.memoryMiB", "compute_resources.memory",
)

// inArguments is a remedy of the runtime in the names of the provider: "raise maxvCpus of a compute environment" is "raise
// compute_resources.max_vcpus of a compute environment".
func inArguments(remedy string) string { return remedyArguments.Replace(remedy) }

// requestError is why no request can be made of what is configured: nothing has been asked of the runtime.
type requestError struct{ error }

func (e *requestError) Unwrap() error { return e.error }

// capitalized is a noun at the beginning of a sentence: "job queue" is "Job queue".
func capitalized(noun string) string { return strings.ToUpper(noun[:1]) + noun[1:] }

// addInvalid reports a request that breaks a rule of the wire, at the attribute the rule is about.
func addInvalid(diags *diag.Diagnostics, err error) {
	var field *wire.FieldError
	if err == nil {
		return
	}
	if !errors.As(err, &field) {
		diags.AddError("Invalid configuration", err.Error())
		return
	}
	at := attributePath(field.Field)
	diags.AddAttributeError(at, "Invalid value", fmt.Sprintf("%s: given %s; allowed is %s.", at, field.Given, field.Allowed))
}

// invalid is [addInvalid] alone.
func invalid(err error) diag.Diagnostics {
	var diags diag.Diagnostics
	addInvalid(&diags, err)
	return diags
}

var segmentPattern = regexp.MustCompile(`^([A-Za-z0-9]+)(?:\[(\d+)\])?$`)

// beside are members of the wire's extensions, as if they stood beside AWS's, where their attributes are.
var beside = strings.NewReplacer("computeResources.batchd.memoryMiB", "computeResources.memory", "computeResources.batchd.", "computeResources.")

// attributePath returns the path of the attribute that a member stands for, as deep as the
// names can be told to be attributes and not keys of maps.
func attributePath(field string) path.Path {
	segments := strings.Split(strings.TrimPrefix(beside.Replace(field), "batchd."), ".")
	at := path.Empty()
	for i, segment := range segments {
		match := segmentPattern.FindStringSubmatch(segment)
		if match == nil || segment == "batchd" {
			break
		}
		name, known := fieldAttributes[match[1]]
		if !known || i > 0 {
			name = attributeName(match[1])
		}
		if i == 0 {
			at = path.Root(name)
		} else {
			at = at.AtName(name)
		}
		if ownForm(match[1]) {
			break
		}
		if index, err := strconv.Atoi(match[2]); err == nil {
			at = at.AtListIndex(index)
		}
	}
	return at
}

// ownForm reports whether a member's attribute has another form than the member, so that
// a path cannot go on inside it.
func ownForm(member string) bool {
	switch member {
	case "environment", "resourceRequirements", "parameters", "tags", "inputs", "arrayProperties", "dependsOn", "points":
		return true
	}
	return false
}

// isClientError reports whether the runtime refused a request, for a reason whose text
// contains phrase.
func isClientError(err error, phrase string) bool {
	var refused *wire.Error
	return errors.As(err, &refused) && refused.Code == wire.CodeClient && strings.Contains(refused.Message, phrase)
}

// creationText says why something was not made, and what to do if there is one of its name.
func creationText(err error, resourceType, name, otherwise string) string {
	if !isClientError(err, "already exists") {
		return explained(err).Error()
	}
	return fmt.Sprintf("%v\n\nTerraform does not manage it here. To do so, import it:\n\n    terraform import %s.<name of the resource> %s\n\nTo have another one beside it, %s.",
		err, resourceType, name, otherwise)
}

// explained adds to an error of the runtime what to do about it, if the runtime does not know a request or a field of one: it is
// older than this provider then, which sends only what the runtime of its own version knows.
func explained(err error) error {
	var refused *wire.Error
	if !errors.As(err, &refused) || refused.Code != wire.CodeUnknownOperation && !isClientError(err, "given an unknown field") {
		return err
	}
	return fmt.Errorf("%w\n\nThe runtime is older than this provider and does not know the request. If Terraform started it, an apply replaces it as soon as "+
		"all of its jobs have ended. To go on at once, run 'batchd stop' (with --state-dir if the provider has a state_dir): the jobs that run go on, and the next "+
		"apply starts this provider's runtime, which takes them up. If somebody else started it, it has to be upgraded there", err)
}
