package awsfake

import (
	"fmt"
	"hash/fnv"
	"regexp"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// publicImage matches the public parameters that name the images for ECS: a release, a variant and the id of the recommended image.
var publicImage = regexp.MustCompile(`^/aws/service/ecs/optimized-ami/` +
	`(amazon-linux-2023|amazon-linux-2|amazon-linux-2/kernel-5\.10)/(arm64/|gpu/|neuron/|inf/)?recommended(/image_id)?$`)

// publicParameter returns a parameter that AWS publishes, or nil.
func (w *World) publicParameter(name string) *types.Parameter {
	found := publicImage.FindStringSubmatch(name)
	if found == nil {
		return nil
	}
	image := imageFor(found[1] + "/" + found[2])
	value := image
	if found[3] == "" {
		value = fmt.Sprintf(`{"image_id":%q,"os":"Amazon Linux","ecs_runtime_version":"Docker version 25.0.8","ecs_agent_version":"1.105.1"}`, image)
	}
	return &types.Parameter{
		ARN:  aws.String(fmt.Sprintf("arn:aws:ssm:%s::parameter%s", w.options.Region, name)),
		Name: aws.String(name), Type: types.ParameterTypeString, Value: aws.String(value), Version: 1, DataType: aws.String("text"),
		LastModifiedDate: aws.Time(time.Date(1999, 12, 1, 0, 0, 0, 0, time.UTC)), // before the first instant of a test's bubble
	}
}

// imageFor returns the id of the image of a release and variant: the same in every world.
func imageFor(variant string) string {
	sum := fnv.New64a()
	_, _ = sum.Write([]byte(variant)) // a hash takes everything
	return fmt.Sprintf("ami-0%016x", sum.Sum64())
}
