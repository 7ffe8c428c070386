package taskdef

import (
	"cmp"
	"maps"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// The log driver of CloudWatch Logs and its options.
const (
	awslogs      = string(types.LogDriverAwslogs)
	optionGroup  = "awslogs-group"
	optionRegion = "awslogs-region"
	optionPrefix = "awslogs-stream-prefix"
)

// logPlace is where the output of a job goes. Without a prefix its streams are not known.
type logPlace struct {
	configuration *types.LogConfiguration
	group, prefix string
}

// logConfiguration is what l says, with AWS Batch's defaults: the group /aws/batch/job, and the name of the job definition before those
// of its streams.
func logConfiguration(definition string, l *batch.LogConfiguration, p Place) logPlace {
	if l == nil {
		l = &batch.LogConfiguration{Driver: awslogs}
	}
	configuration := &types.LogConfiguration{LogDriver: types.LogDriver(l.Driver), Options: l.Options, SecretOptions: secrets(l.Secrets)}
	if l.Driver != awslogs {
		return logPlace{configuration: configuration}
	}
	options := maps.Clone(l.Options)
	if options == nil {
		options = map[string]string{}
	}
	options[optionGroup] = cmp.Or(options[optionGroup], DefaultLogGroup)
	options[optionRegion] = cmp.Or(options[optionRegion], p.Region)
	options[optionPrefix] = cmp.Or(options[optionPrefix], definition[:min(len(definition), maxStreamPrefix)])
	configuration.Options = options
	return logPlace{configuration, options[optionGroup], options[optionPrefix]}
}
