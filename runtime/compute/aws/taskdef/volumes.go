package taskdef

import (
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// volumes are the volumes of a task and where its container has them. Each mount has a volume of its own: whoever mounts a directory
// twice gets it twice.
func volumes(c *batch.Container) ([]types.Volume, []types.MountPoint) {
	var all []types.Volume
	var points []types.MountPoint
	add := func(v types.Volume, target string, readOnly bool) {
		name := "volume-" + strconv.Itoa(len(all))
		v.Name = &name
		all = append(all, v)
		point := types.MountPoint{SourceVolume: &name, ContainerPath: aws.String(target)}
		if readOnly {
			point.ReadOnly = aws.Bool(true)
		}
		points = append(points, point)
	}
	for _, m := range c.Mounts {
		add(types.Volume{Host: &types.HostVolumeProperties{SourcePath: given(m.Source)}}, m.Target, m.ReadOnly)
	}
	for _, f := range ecsOf(c).FileSystems {
		add(fileSystem(f), f.Target, f.ReadOnly)
	}
	return all, points
}

func fileSystem(f batch.FileSystem) types.Volume {
	var port *int32
	if f.TransitPort > 0 {
		port = aws.Int32(f.TransitPort)
	}
	if f.ID == "" {
		return types.Volume{S3filesVolumeConfiguration: &types.S3FilesVolumeConfiguration{
			FileSystemArn: aws.String(f.ARN), AccessPointArn: given(f.AccessPoint), RootDirectory: given(f.Root), TransitEncryptionPort: port,
		}}
	}
	v := &types.EFSVolumeConfiguration{FileSystemId: aws.String(f.ID), RootDirectory: given(f.Root), TransitEncryptionPort: port}
	if f.TransitEncrypt {
		v.TransitEncryption = types.EFSTransitEncryptionEnabled
	}
	if f.AccessPoint != "" || f.IAM {
		v.AuthorizationConfig = &types.EFSAuthorizationConfig{AccessPointId: given(f.AccessPoint)}
	}
	if f.IAM {
		v.AuthorizationConfig.Iam = types.EFSAuthorizationConfigIAMEnabled
	}
	return types.Volume{EfsVolumeConfiguration: v}
}
