package aws

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/catalogue"
)

// image is a machine image, and the SSM parameter that named it; empty if a user named it.
type image struct{ id, parameter string }

// defaultImageType is the kind of image that AWS Batch uses since January 2026, and its suffix for types with GPUs.
const (
	defaultImageType = "ECS_AL2023"
	nvidiaSuffix     = "_NVIDIA"
)

// systems are the operating systems of the kinds of image, as the names of SSM parameters contain them.
var systems = map[string]string{"ECS_AL2023": "amazon-linux-2023", "ECS_AL2": "amazon-linux-2"}

// image finds the image of instances with or without GPUs: that of the user's launch template, else imageIdOverride, else imageId, else the one
// that AWS recommends. What AWS recommended for an earlier spec stays.
func (b *builder) image(ctx context.Context, users string, a catalogue.Architecture, gpus bool, earlier map[string]string) (image, error) {
	if users != "" {
		return image{id: users}, nil
	}
	configured := b.configured(gpus)
	if id := cmp.Or(configured.ID, b.resources.ImageID); id != "" {
		return image{id: id}, nil
	}
	parameter, err := imageParameter(cmp.Or(configured.Type, defaultImageType), a, gpus)
	if err != nil {
		return image{}, err
	}
	if id := earlier[parameter]; id != "" {
		return image{id, parameter}, nil
	}
	found, err := b.account.ssm.GetParameter(ctx, &ssm.GetParameterInput{Name: aws.String(parameter)})
	if err != nil {
		return image{}, whileDoing("looking for the ECS-optimized image "+parameter, err)
	}
	return image{aws.ToString(found.Parameter.Value), parameter}, nil
}

// configured returns the entry of ec2Configuration for instances with or without GPUs; the zero Image if there is none.
func (b *builder) configured(gpus bool) batch.Image {
	for _, i := range b.resources.Images {
		if strings.HasSuffix(i.Type, nvidiaSuffix) == gpus {
			return i
		}
	}
	return batch.Image{}
}

// imageParameter is the SSM parameter in which AWS publishes the newest image of a kind.
func imageParameter(kind string, a catalogue.Architecture, gpus bool) (string, error) {
	system, known := systems[strings.TrimSuffix(kind, nvidiaSuffix)]
	if !known {
		return "", fmt.Errorf("ec2Configuration: the image type %q is not one that runs Amazon ECS tasks here; give ECS_AL2023, ECS_AL2023_NVIDIA, ECS_AL2 or ECS_AL2_NVIDIA, or an imageIdOverride", kind)
	}
	variant := ""
	switch {
	case gpus:
		variant = "gpu/"
	case a == catalogue.ARM:
		variant = "arm64/"
	}
	return "/aws/service/ecs/optimized-ami/" + system + "/" + variant + "recommended/image_id", nil
}
