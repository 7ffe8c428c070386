package awsfake

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// The buckets that RunTask draws on besides that of ECS when it asks for Fargate: 20 calls a second, and 20 tasks a second of each market.
// Source: "AWS Fargate throttling quotas", Amazon ECS Developer Guide.
var (
	fargateCalls = rate{name: "fargate calls", burst: 20, perSecond: 20, cost: func(in any) float64 { return min(1, fargateTasks("")(in)) }}
	fargateUsual = rate{name: "fargate tasks", burst: 100, perSecond: 20, cost: fargateTasks(providerFargate)}
	fargateSpot  = rate{name: "fargate spot tasks", burst: 100, perSecond: 20, cost: fargateTasks(providerFargateSpot)}
)

// fargateTasks counts the tasks that a RunTask wants of a capacity provider of Fargate, or of any if it is empty.
func fargateTasks(provider string) func(in any) float64 {
	return func(in any) float64 {
		run, isRun := in.(*ecs.RunTaskInput)
		if !isRun {
			return 0
		}
		wanted := ""
		if run.LaunchType == types.LaunchTypeFargate {
			wanted = providerFargate
		}
		if len(run.CapacityProviderStrategy) > 0 {
			wanted = aws.ToString(run.CapacityProviderStrategy[0].CapacityProvider)
		}
		if wanted == "" || provider != "" && provider != wanted {
			return 0
		}
		return float64(max(aws.ToInt32(run.Count), 1))
	}
}

// tagged is a resource that has tags.
type tagged struct {
	tags    tags
	changed func()
}

// tagged finds the resource of an ARN.
func (e *ecsState) tagged(arn *string) (tagged, error) {
	parts := strings.Split(aws.ToString(arn), ":")
	if len(parts) < 6 {
		return tagged{}, refuse(invalidParameter, "Invalid resource ARN %s.", aws.ToString(arn))
	}
	path := strings.Split(strings.Join(parts[5:], ":"), "/")
	if path[0] == "task-definition" {
		d, err := e.definition(arn)
		if err != nil {
			return tagged{}, err
		}
		return tagged{d.tags, func() {}}, nil
	}
	c := e.clusters[path[min(1, len(path)-1)]]
	if c != nil && path[0] == "cluster" {
		return tagged{c.tags, func() {}}, nil
	}
	if c != nil && len(path) == 3 {
		if i := c.instances[path[2]]; i != nil && path[0] == "container-instance" {
			return tagged{i.tags, i.changed}, nil
		}
		if t := c.tasks[path[2]]; t != nil && path[0] == "task" {
			return tagged{t.tags, t.changed}, nil
		}
	}
	return tagged{}, refuse("ResourceNotFoundException", "The specified resource wasn't found.")
}

func (e *ecsState) tagResource(_ *call, in *ecs.TagResourceInput) (*ecs.TagResourceOutput, error) {
	resource, err := e.tagged(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	if err := setTags(resource.tags, in.Tags); err != nil {
		return nil, err
	}
	resource.changed()
	return &ecs.TagResourceOutput{}, nil
}

func (e *ecsState) untagResource(_ *call, in *ecs.UntagResourceInput) (*ecs.UntagResourceOutput, error) {
	resource, err := e.tagged(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	for _, key := range in.TagKeys {
		delete(resource.tags, key)
	}
	resource.changed()
	return &ecs.UntagResourceOutput{}, nil
}

// describeProviders knows the capacity providers of Fargate alone, which every account has.
func (e *ecsState) describeProviders(_ *call, in *ecs.DescribeCapacityProvidersInput) (*ecs.DescribeCapacityProvidersOutput, error) {
	out := &ecs.DescribeCapacityProvidersOutput{}
	known := []string{providerFargate, providerFargateSpot}
	wanted := in.CapacityProviders
	if len(wanted) == 0 {
		wanted = known
	}
	for _, reference := range wanted {
		name := lastPart(reference)
		if !slices.Contains(known, name) {
			out.Failures = append(out.Failures, missing(e.w.arn("ecs", "capacity-provider/"+name)))
			continue
		}
		out.CapacityProviders = append(out.CapacityProviders, types.CapacityProvider{
			Name: aws.String(name), CapacityProviderArn: aws.String(e.w.arn("ecs", "capacity-provider/"+name)), Status: types.CapacityProviderStatusActive,
		})
	}
	return out, nil
}

func (e *ecsState) putSetting(_ *call, in *ecs.PutAccountSettingInput) (*ecs.PutAccountSettingOutput, error) {
	if !slices.Contains(in.Name.Values(), in.Name) {
		return nil, refuse(invalidParameter, "Invalid setting name %s.", in.Name)
	}
	e.settings[in.Name] = aws.ToString(in.Value)
	return &ecs.PutAccountSettingOutput{Setting: e.setting(in.Name)}, nil
}

func (e *ecsState) setting(name types.SettingName) *types.Setting {
	value, set := e.settings[name]
	if !set {
		value = "enabled"
	}
	return &types.Setting{Name: name, Value: aws.String(value), PrincipalArn: aws.String(e.w.arn("iam", "root")), Type: types.SettingTypeUser}
}

// listSettings lists what was set, or with EffectiveSettings everything.
func (e *ecsState) listSettings(_ *call, in *ecs.ListAccountSettingsInput) (*ecs.ListAccountSettingsOutput, error) {
	out := &ecs.ListAccountSettingsOutput{}
	for _, name := range types.SettingName("").Values() {
		_, set := e.settings[name]
		if (in.Name == "" || in.Name == name) && (set || in.EffectiveSettings) {
			out.Settings = append(out.Settings, *e.setting(name))
		}
	}
	return out, nil
}
