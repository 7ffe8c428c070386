package api

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// members has for each member of a container, by its path, one that has it: what a job definition may say must not be lost on the way
// to what runs it. A member that is added needs a row.
var members = map[string]string{
	"image":                `"image":"other"`,
	"command":              `"command":["x"]`,
	"environment":          `"environment":[{"name":"A","value":"1"}]`,
	"resourceRequirements": `"resourceRequirements":[{"type":"GPU","value":"1"}]`,
	"vcpus":                `"vcpus":3`,
	"memory":               `"memory":9`,
	"user":                 `"user":"nobody"`,
	"privileged":           `"privileged":true`, "readonlyRootFilesystem": `"readonlyRootFilesystem":true`,
	"volumes":                            `"volumes":[{"name":"v","host":{"sourcePath":"/x"}}],"mountPoints":[{"sourceVolume":"v","containerPath":"/v"}]`,
	"mountPoints":                        `"mountPoints":[{"sourceVolume":"w","containerPath":"/v"}]`,
	"ulimits":                            `"ulimits":[{"name":"core","softLimit":1,"hardLimit":1}]`,
	"linuxParameters.initProcessEnabled": `"linuxParameters":{"initProcessEnabled":true}`,
	"linuxParameters.devices":            `"linuxParameters":{"devices":[{"hostPath":"/dev/x"}]}`,
	"linuxParameters.sharedMemorySize":   `"linuxParameters":{"sharedMemorySize":64}`,
	"linuxParameters.maxSwap":            `"linuxParameters":{"maxSwap":0}`,
	"linuxParameters.swappiness":         `"linuxParameters":{"swappiness":0}`,
	"linuxParameters.tmpfs":              `"linuxParameters":{"tmpfs":[{"containerPath":"/t","size":1}]}`,
	"logConfiguration":                   `"logConfiguration":{"logDriver":"json-file"}`,
	"secrets":                            `"secrets":[{"name":"S","valueFrom":"arn"}]`,
	"repositoryCredentials":              `"repositoryCredentials":{"credentialsParameter":"arn"}`,
	"jobRoleArn":                         `"jobRoleArn":"r"`, "executionRoleArn": `"executionRoleArn":"r"`,
	"networkConfiguration":         `"networkConfiguration":{"assignPublicIp":"ENABLED"}`,
	"fargatePlatformConfiguration": `"fargatePlatformConfiguration":{"platformVersion":"1.4.0"}`,
	"ephemeralStorage":             `"ephemeralStorage":{"sizeInGiB":30}`,
	"runtimePlatform":              `"runtimePlatform":{"cpuArchitecture":"ARM64"}`,
	"enableExecuteCommand":         `"enableExecuteCommand":true`,
	"instanceType":                 "", // of the nodes of a multi-node job, which chooses no host yet
}

func TestEveryMemberOfAContainerReachesWhatRunsIt(t *testing.T) {
	converted := func(document string) batch.Container {
		var p wire.ContainerProperties
		if err := json.Unmarshal([]byte(document), &p); err != nil {
			t.Fatal(document, err)
		}
		c, err := containerOf(&p)
		if err != nil {
			t.Fatal(document, err)
		}
		return c
	}
	without := converted(`{}`)
	for name := range reflect.TypeFor[wire.ContainerProperties]().Fields() {
		path, _, _ := strings.Cut(name.Tag.Get("json"), ",")
		paths := []string{path}
		if path == "linuxParameters" {
			paths = nil
			for inner := range reflect.TypeFor[wire.LinuxParameters]().Fields() {
				member, _, _ := strings.Cut(inner.Tag.Get("json"), ",")
				paths = append(paths, path+"."+member)
			}
		}
		for _, path := range paths {
			document, known := members[path]
			if !known {
				t.Errorf("containerProperties.%s: nobody has said where it goes; see package taskdef for Amazon ECS", path)
			} else if document != "" && reflect.DeepEqual(converted("{"+document+"}"), without) {
				t.Errorf("containerProperties.%s is lost", path)
			}
		}
	}
}

func TestFileSystemsAreNotMountsOfTheHost(t *testing.T) {
	var p wire.ContainerProperties
	document := `{"volumes":[
		{"name":"e","efsVolumeConfiguration":{"fileSystemId":"fs-1","rootDirectory":"/r","transitEncryption":"ENABLED","transitEncryptionPort":2049,
			"authorizationConfig":{"accessPointId":"fsap-1","iam":"ENABLED"}}},
		{"name":"s","s3filesVolumeConfiguration":{"fileSystemArn":"arn","accessPointArn":"ap","rootDirectory":"/s","transitEncryptionPort":3}},
		{"name":"h","host":{"sourcePath":"/data"}}],
		"mountPoints":[{"sourceVolume":"e","containerPath":"/e"},{"sourceVolume":"s","containerPath":"/s","readOnly":true},{"sourceVolume":"h","containerPath":"/h"}]}`
	if err := json.Unmarshal([]byte(document), &p); err != nil {
		t.Fatal(err)
	}
	c, err := containerOf(&p)
	if err != nil {
		t.Fatal(err)
	}
	want := []batch.FileSystem{
		{ID: "fs-1", Root: "/r", AccessPoint: "fsap-1", IAM: true, TransitEncrypt: true, TransitPort: 2049, Target: "/e"},
		{ARN: "arn", Root: "/s", AccessPoint: "ap", TransitPort: 3, Target: "/s", ReadOnly: true},
	}
	if !slices.Equal(c.ECS.FileSystems, want) || !slices.Equal(c.Mounts, []batch.Mount{{Source: "/data", Target: "/h"}}) {
		t.Errorf("file systems %+v, mounts %+v", c.ECS.FileSystems, c.Mounts)
	}
	if c.OnlyECS() == "" {
		t.Error("a LOCAL environment is said to have file systems of AWS")
	}
}
