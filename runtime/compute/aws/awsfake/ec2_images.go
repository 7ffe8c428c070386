package awsfake

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// image is a machine image.
type image struct{ id, name, arch, owner string }

// ecsImages returns the images for ECS that AWS publishes, one for each release and variant.
func ecsImages() map[string]*image {
	images := map[string]*image{}
	for release, short := range map[string]string{
		"amazon-linux-2023":          "al2023-ami-ecs-hvm-2023",
		"amazon-linux-2":             "amzn2-ami-ecs-hvm-2.0",
		"amazon-linux-2/kernel-5.10": "amzn2-ami-ecs-kernel-5.10-hvm-2.0",
	} {
		for _, variant := range []string{"", "arm64/", "gpu/", "neuron/", "inf/"} {
			i := &image{id: imageFor(release + "/" + variant), arch: "x86_64", owner: "amazon"}
			if variant == "arm64/" {
				i.arch = "arm64"
			}
			i.name = fmt.Sprintf("%s.19991201-%s%s", short, strings.TrimSuffix(variant, "/"), i.arch)
			images[i.id] = i
		}
	}
	return images
}

// AddImage adds an image of the account, for x86_64 or arm64.
func (w *World) AddImage(id, architecture string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ec2.images[id] = &image{id: id, name: id, arch: architecture, owner: w.options.Account}
}

var imageFilters = filters[*image]{
	"image-id":     func(i *image) []string { return []string{i.id} },
	"name":         func(i *image) []string { return []string{i.name} },
	"architecture": func(i *image) []string { return []string{i.arch} },
	"owner-alias":  func(i *image) []string { return []string{i.owner} },
	"owner-id":     func(i *image) []string { return []string{i.owner} },
	"state":        func(*image) []string { return []string{"available"} },
}

func (s *ec2State) describeImages(_ *call, in *ec2.DescribeImagesInput) (*ec2.DescribeImagesOutput, error) {
	var all []*image
	for _, id := range sorted(s.images) {
		all = append(all, s.images[id])
	}
	found, err := pick(all, in.ImageIds, func(i *image) string { return i.id }, noSuchImage)
	if err != nil {
		return nil, err
	}
	if found, err = imageFilters.apply(found, in.Filters, nil); err != nil {
		return nil, err
	}
	out := &ec2.DescribeImagesOutput{}
	for _, i := range found {
		if len(in.Owners) > 0 && !match(in.Owners, i.owner) && !(i.owner == s.world.options.Account && match(in.Owners, "self")) {
			continue
		}
		shown := types.Image{
			ImageId: aws.String(i.id), Name: aws.String(i.name), Architecture: types.ArchitectureValues(i.arch), OwnerId: aws.String(i.owner), State: types.ImageStateAvailable,
			ImageType: types.ImageTypeValuesMachine, CreationDate: aws.String("1999-12-01T00:00:00.000Z"), RootDeviceName: aws.String("/dev/xvda"),
			RootDeviceType: types.DeviceTypeEbs, VirtualizationType: types.VirtualizationTypeHvm, Public: aws.Bool(i.owner == "amazon"),
		}
		if i.owner == "amazon" {
			shown.ImageOwnerAlias = aws.String("amazon")
		}
		out.Images = append(out.Images, shown)
	}
	return out, nil
}
