package api

import (
	"reflect"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// ecsOf returns what a container asks of Amazon ECS alone; nil if there is nothing of that.
func ecsOf(p *wire.ContainerProperties) *batch.ECS {
	e := batch.ECS{
		JobRole: wire.Or(p.JobRoleArn, ""), ExecutionRole: wire.Or(p.ExecutionRoleArn, ""), Secrets: secretsOf(p.Secrets), FileSystems: fileSystems(p),
		Log: logOf(p.LogConfiguration), ExecuteCommand: wire.Or(p.EnableExecuteCommand, false),
	}
	if r := p.RepositoryCredentials; r != nil {
		e.RegistrySecret = r.CredentialsParameter
	}
	if l := p.LinuxParameters; l != nil {
		e.Swappiness = l.Swappiness
		for _, d := range l.Devices {
			e.Devices = append(e.Devices, batch.Device{Source: d.HostPath, Target: wire.Or(d.ContainerPath, ""), Permissions: d.Permissions})
		}
	}
	if n := p.NetworkConfiguration; n != nil {
		e.AssignPublicIP = strings.EqualFold(wire.Or(n.AssignPublicIP, ""), wire.Enabled)
	}
	if f := p.FargatePlatformConfiguration; f != nil {
		e.PlatformVersion = wire.Or(f.PlatformVersion, "")
	}
	if d := p.EphemeralStorage; d != nil {
		e.DiskGiB = wire.Or(d.SizeInGiB, 0)
	}
	if r := p.RuntimePlatform; r != nil {
		e.OS, e.Architecture = wire.Or(r.OperatingSystemFamily, ""), wire.Or(r.CPUArchitecture, "")
	}
	if reflect.ValueOf(e).IsZero() {
		return nil
	}
	return &e
}

func secretsOf(list []wire.Secret) []batch.Secret {
	var all []batch.Secret
	for _, s := range list {
		all = append(all, batch.Secret{Name: s.Name, From: s.ValueFrom})
	}
	return all
}

func logOf(l *wire.LogConfiguration) *batch.LogConfiguration {
	if l == nil {
		return nil
	}
	return &batch.LogConfiguration{Driver: l.LogDriver, Options: l.Options, Secrets: secretsOf(l.SecretOptions)}
}

// fileSystems are the volumes of p that are file systems of the network, each where it is mounted.
func fileSystems(p *wire.ContainerProperties) []batch.FileSystem {
	named := map[string]batch.FileSystem{}
	for _, v := range p.Volumes {
		if f, ok := fileSystemOf(v); ok {
			named[wire.Or(v.Name, "")] = f
		}
	}
	var all []batch.FileSystem
	for _, m := range p.MountPoints {
		if f, ok := named[wire.Or(m.SourceVolume, "")]; ok {
			f.Target, f.ReadOnly = wire.Or(m.ContainerPath, ""), wire.Or(m.ReadOnly, false)
			all = append(all, f)
		}
	}
	return all
}

func fileSystemOf(v wire.Volume) (f batch.FileSystem, ok bool) {
	if s := v.S3filesVolumeConfiguration; s != nil {
		return batch.FileSystem{
			ARN: s.FileSystemArn, AccessPoint: wire.Or(s.AccessPointArn, ""), Root: wire.Or(s.RootDirectory, ""), TransitPort: wire.Or(s.TransitEncryptionPort, 0),
		}, true
	}
	e := v.EfsVolumeConfiguration
	if e == nil {
		return f, false
	}
	f = batch.FileSystem{
		ID: e.FileSystemID, Root: wire.Or(e.RootDirectory, ""), TransitPort: wire.Or(e.TransitEncryptionPort, 0),
		TransitEncrypt: strings.EqualFold(wire.Or(e.TransitEncryption, ""), wire.Enabled),
	}
	if a := e.AuthorizationConfig; a != nil {
		f.AccessPoint, f.IAM = wire.Or(a.AccessPointID, ""), strings.EqualFold(wire.Or(a.Iam, ""), wire.Enabled)
	}
	return f, true
}
