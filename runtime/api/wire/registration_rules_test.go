package wire_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

func TestContainerRules(t *testing.T) {
	with := func(more string) string {
		return `{"jobDefinitionName":"d","type":"container","containerProperties":{"image":"alpine","command":["true"]` + more + `}}`
	}
	efs := func(more string) string {
		return with(`,"volumes":[{"name":"v","efsVolumeConfiguration":{"fileSystemId":"fs-1"` + more + `}}]`)
	}
	const volume = `containerProperties.volumes[0].efsVolumeConfiguration.`
	run(t, func() validator { return &wire.RegisterJobDefinitionRequest{} }, []rule{
		{"efs", efs(``), ""},
		{"efs without an id", with(`,"volumes":[{"name":"v","efsVolumeConfiguration":{}}]`), volume + `fileSystemId: given nothing`},
		{"efs and host", with(`,"volumes":[{"name":"v","host":{},"efsVolumeConfiguration":{"fileSystemId":"fs-1"}}]`), `containerProperties.volumes[0]: given more than one`},
		{"efs port", efs(`,"transitEncryptionPort":65536`), volume + `transitEncryptionPort: given 65536; allowed is 0 to 65535`},
		{"efs encryption", efs(`,"transitEncryption":"ON"`), volume + `transitEncryption: given "ON"`},
		{"access point without encryption", efs(`,"authorizationConfig":{"accessPointId":"p"}`), volume + `transitEncryption: given ""; allowed is ENABLED`},
		{"access point with a directory", efs(`,"rootDirectory":"/a","transitEncryption":"ENABLED","authorizationConfig":{"accessPointId":"p"}`), volume + `rootDirectory: given "/a"`},
		{"iam without a role", efs(`,"transitEncryption":"ENABLED","authorizationConfig":{"iam":"ENABLED"}`), volume + `authorizationConfig.iam: given "ENABLED"`},
		{"s3 files", with(`,"volumes":[{"name":"v","s3filesVolumeConfiguration":{"fileSystemArn":"arn:a"}}]`), ""},
		{"s3 files without an ARN", with(`,"volumes":[{"name":"v","s3filesVolumeConfiguration":{}}]`), `containerProperties.volumes[0].s3filesVolumeConfiguration.fileSystemArn: given nothing`},
		{"secret", with(`,"secrets":[{"name":"a","valueFrom":"arn:b"}]`), ""},
		{"secret without a value", with(`,"secrets":[{"name":"a"}]`), `containerProperties.secrets[0].valueFrom: given nothing`},
		{"log", with(`,"logConfiguration":{"logDriver":"awslogs","options":{"awslogs-group":""}}`), ""},
		{"log names", with(`,"logConfiguration":{"logDriver":"awslogs","options":{"awslogs-group":"/my/group_1.a#b","awslogs-stream-prefix":"team a/x"}}`), ""},
		{"log group", with(`,"logConfiguration":{"logDriver":"awslogs","options":{"awslogs-group":"a group"}}`), `containerProperties.logConfiguration.options.awslogs-group: given "a group"; allowed is 1 to 512 letters, digits`},
		{"long log group", with(`,"logConfiguration":{"logDriver":"awslogs","options":{"awslogs-group":"` + strings.Repeat("x", 513) + `"}}`), `containerProperties.logConfiguration.options.awslogs-group: given "xxx`},
		{"log prefix", with(`,"logConfiguration":{"logDriver":"awslogs","options":{"awslogs-stream-prefix":"a:b"}}`), `containerProperties.logConfiguration.options.awslogs-stream-prefix: given "a:b"; allowed is names without : and *`},
		{"log driver", with(`,"logConfiguration":{"logDriver":"paper"}`), `containerProperties.logConfiguration.logDriver: given "paper"`},
		{"log secret", with(`,"logConfiguration":{"logDriver":"splunk","secretOptions":[{"name":"a"}]}`), `containerProperties.logConfiguration.secretOptions[0].valueFrom`},
		{"credentials", with(`,"repositoryCredentials":{}`), `containerProperties.repositoryCredentials.credentialsParameter: given nothing`},
		{"tmpfs options", with(`,"linuxParameters":{"tmpfs":[{"containerPath":"/t","size":1,"mountOptions":["noexec","mode=1777"]}]}`), ""},
		{"tmpfs size", with(`,"linuxParameters":{"tmpfs":[{"containerPath":"/t","size":1,"mountOptions":["size=1g"]}]}`), `containerProperties.linuxParameters.tmpfs[0].mountOptions[0]: given "size"`},
		{"tmpfs option", with(`,"linuxParameters":{"tmpfs":[{"containerPath":"/t","size":1,"mountOptions":["fast"]}]}`), `containerProperties.linuxParameters.tmpfs[0].mountOptions[0]: given "fast"`},
		{"disk", with(`,"ephemeralStorage":{"sizeInGiB":21}`), `containerProperties.ephemeralStorage: given a value; allowed is nothing without platformCapabilities FARGATE`},
		{"processor", with(`,"runtimePlatform":{"cpuArchitecture":"ARM64"}`), `containerProperties.runtimePlatform: given a value; allowed is nothing without platformCapabilities FARGATE`},
		{"network of EC2", with(`,"networkConfiguration":{"assignPublicIp":"ENABLED"}`), `containerProperties.networkConfiguration: given a value; allowed is nothing without platformCapabilities FARGATE`},
		{"first letter", `{"jobDefinitionName":"_d-","type":"container","containerProperties":{}}`, ""},
	})
}

func TestFargateRules(t *testing.T) {
	with := func(vcpu, memory, more string) string {
		return `{"jobDefinitionName":"d","type":"container","platformCapabilities":["FARGATE"],"containerProperties":{"image":"a","executionRoleArn":"r",
			"resourceRequirements":[{"type":"VCPU","value":"` + vcpu + `"},{"type":"MEMORY","value":"` + memory + `"}]` + more + `}}`
	}
	const needs = `containerProperties.resourceRequirements: given `
	run(t, func() validator { return &wire.RegisterJobDefinitionRequest{} }, []rule{
		{"smallest", with("0.25", "512", ``), ""},
		{"smallest, most", with("0.25", "2048", ``), ""},
		{"smallest, between", with("0.25", "1536", ``), needs + `MEMORY 1536; allowed is 512, 1024 or 2048 MiB with 0.25 vCPUs`},
		{"largest", with("16", "122880", `,"networkConfiguration":{"assignPublicIp":"ENABLED"},"fargatePlatformConfiguration":{"platformVersion":"LATEST"}`), ""},
		{"step", with("8", "17408", ``), needs + `MEMORY 17408; allowed is 16384 to 61440 MiB in steps of 4096 with 8 vCPUs`},
		{"over", with("2", "17408", ``), needs + `MEMORY 17408; allowed is 4096 to 16384`},
		{"vCPUs", with("3", "8192", ``), needs + `VCPU 3; allowed is on FARGATE one of 0.25, 0.5, 1, 2, 4, 8, 16`},
		{"privileged", with("1", "2048", `,"privileged":true`), `containerProperties.privileged: given a value; allowed is nothing for platformCapabilities FARGATE`},
		{"not privileged", with("1", "2048", `,"privileged":false`), ""},
		{"ulimits", with("1", "2048", `,"ulimits":[{"name":"core","softLimit":1,"hardLimit":1}]`), `containerProperties.ulimits: given a value`},
		{"swap", with("1", "2048", `,"linuxParameters":{"maxSwap":1}`), `containerProperties.linuxParameters.maxSwap: given a value`},
		{"init", with("1", "2048", `,"linuxParameters":{"initProcessEnabled":true}`), ""},
		{"host volume", with("1", "2048", `,"volumes":[{"name":"v","host":{"sourcePath":"/a"}}]`), `containerProperties.volumes[0].host: given a value`},
		{"disk", with("1", "2048", `,"ephemeralStorage":{"sizeInGiB":200}`), ""},
		{"small disk", with("1", "2048", `,"ephemeralStorage":{"sizeInGiB":20}`), `containerProperties.ephemeralStorage.sizeInGiB: given 20; allowed is 21 to 200`},
		{"processor", with("1", "2048", `,"runtimePlatform":{"cpuArchitecture":"Z80"}`), `containerProperties.runtimePlatform.cpuArchitecture: given "Z80"`},
		{"platform", with("1", "2048", `,"fargatePlatformConfiguration":{"platformVersion":"1.4.0"}`), ""},
		{"another platform", with("1", "2048", `,"fargatePlatformConfiguration":{"platformVersion":"2"}`), `containerProperties.fargatePlatformConfiguration.platformVersion: given "2"; allowed is one of LATEST, 1.3.0, 1.4.0`},
		{"windows", with("1", "2048", `,"runtimePlatform":{"operatingSystemFamily":"WINDOWS_SERVER_2022_CORE"}`), ""},
		{"windows as another user", with("1", "2048", `,"user":"a","runtimePlatform":{"operatingSystemFamily":"WINDOWS_SERVER_2022_CORE"}`), `containerProperties.user: given a value; allowed is nothing for Windows`},
		{"linux on windows", with("1", "2048", `,"linuxParameters":{"initProcessEnabled":true},"runtimePlatform":{"operatingSystemFamily":"WINDOWS_SERVER_2019_FULL"}`), `containerProperties.linuxParameters: given a value; allowed is nothing for Windows`},
		{"read-only windows", with("1", "2048", `,"readonlyRootFilesystem":true,"runtimePlatform":{"operatingSystemFamily":"WINDOWS_SERVER_2019_FULL"}`), `containerProperties.readonlyRootFilesystem: given a value; allowed is nothing for Windows`},
		{"efs on windows", with("1", "2048", `,"volumes":[{"name":"v","efsVolumeConfiguration":{"fileSystemId":"fs-1"}}],"runtimePlatform":{"operatingSystemFamily":"WINDOWS_SERVER_2019_FULL"}`), `containerProperties.volumes[0].efsVolumeConfiguration: given a value; allowed is nothing for Windows`},
		{"nodes", `{"jobDefinitionName":"d","type":"multinode","platformCapabilities":["FARGATE"],"nodeProperties":{"numNodes":1,"mainNode":0,"nodeRangeProperties":[{"targetNodes":":","container":{"image":"a"}}]}}`, `platformCapabilities: given "FARGATE"; allowed is EC2 for type multinode`},
		{"journal", with("1", "2048", `,"logConfiguration":{"logDriver":"journald"}`), `containerProperties.logConfiguration.logDriver: given "journald"; allowed is one of awslogs, splunk`},
	})
}

func TestNodeRules(t *testing.T) {
	gang := func(ranges string) string {
		return `{"jobDefinitionName":"d","type":"multinode","nodeProperties":{"numNodes":3,"mainNode":0,"nodeRangeProperties":[` + ranges + `]}}`
	}
	run(t, func() validator { return &wire.RegisterJobDefinitionRequest{} }, []rule{
		{"one kind of instance", gang(`{"targetNodes":"0","container":{"instanceType":"m5.large"}},{"targetNodes":"1","instanceTypes":["m5.large"],"container":{}},{"targetNodes":"2","container":{}}`), ""},
		{"two kinds of instance", gang(`{"targetNodes":"0","container":{"instanceType":"m5.large"}},{"targetNodes":"1:","instanceTypes":["c5.large"],"container":{}}`), `nodeProperties.nodeRangeProperties[1]: given instance type "c5.large"; allowed is "m5.large", as for the other nodes`},
		{"two kinds in one range", gang(`{"targetNodes":":","instanceTypes":["c5.large"],"container":{"instanceType":"m5.large"}}`), `nodeProperties.nodeRangeProperties[0]: given instance type "m5.large"`},
		{"main node", `{"jobDefinitionName":"d","type":"multinode","nodeProperties":{"numNodes":3,"mainNode":3,"nodeRangeProperties":[{"targetNodes":":","container":{}}]}}`, `nodeProperties.mainNode: given 3; allowed is 0 to 2`},
		{"six ranges", gang(many(6, `{"targetNodes":"%d","container":{}}`)), `nodeProperties.nodeRangeProperties: given 6 entries; allowed is 1 to 5`},
		{"two instance types", gang(`{"targetNodes":":","instanceTypes":["a","b"],"container":{}}`), `nodeProperties.nodeRangeProperties[0].instanceTypes: given 2 entries`},
		{"two bodies", gang(`{"targetNodes":":","container":{},"ecsProperties":{}}`), `nodeProperties.nodeRangeProperties[0]: given more than one of`},
	})
}

func TestEcsAndEksRules(t *testing.T) {
	ecs := func(containers, more string) string {
		return `{"jobDefinitionName":"d","type":"container","ecsProperties":{"taskProperties":[{"containers":[` + containers + `]` + more + `}]}}`
	}
	serverless := func(containers, more string) string {
		return strings.Replace(ecs(containers, `,"executionRoleArn":"r"`+more), `"type":"container"`, `"type":"container","platformCapabilities":["FARGATE"]`, 1)
	}
	const at = `ecsProperties.taskProperties[0].`
	eks := func(pod, more string) string {
		return `{"jobDefinitionName":"d","type":"container"` + more + `,"eksProperties":{"podProperties":{` + pod + `}}}`
	}
	run(t, func() validator { return &wire.RegisterJobDefinitionRequest{} }, []rule{
		{"two", ecs(`{"image":"a","name":"a"},{"image":"b","name":"b","essential":false,"dependsOn":[{"containerName":"a","condition":"START"}]}`, `,"ipcMode":"task","pidMode":"host"`), ""},
		{"none", ecs(``, ``), at + `containers: given 0 entries; allowed is 1 to 10 entries`},
		{"eleven", ecs(many(11, `{"image":"a%d"}`), ``), at + `containers: given 11 entries`},
		{"no image", ecs(`{"name":"a"}`, ``), at + `containers[0].image: given nothing`},
		{"same name", ecs(`{"image":"a","name":"a"},{"image":"b","name":"a"}`, ``), at + `containers[1].name: given "a" again`},
		{"none essential", ecs(`{"image":"a","essential":false}`, ``), at + `containers: given none that is essential`},
		{"unknown dependency", ecs(`{"image":"a","dependsOn":[{"containerName":"b","condition":"START"}]}`, ``), at + `containers[0].dependsOn[0].containerName: given "b"`},
		{"end of an essential one", ecs(`{"image":"a","name":"a"},{"image":"b","dependsOn":[{"containerName":"a","condition":"SUCCESS"}]}`, ``), at + `containers[1].dependsOn[0].condition: given "SUCCESS"; allowed is START`},
		{"ipc", ecs(`{"image":"a"}`, `,"ipcMode":"all"`), at + `ipcMode: given "all"`},
		{"stop", ecs(`{"image":"a","stopTimeout":1}`, ``), at + `containers[0].stopTimeout: given 1; allowed is 2 to`},
		{"firelens", ecs(`{"image":"a","firelensConfiguration":{"type":"paper"}}`, ``), at + `containers[0].firelensConfiguration.type: given "paper"`},
		{"platform of EC2", ecs(`{"image":"a"}`, `,"platformVersion":"LATEST"`), at + `platformVersion: given a value; allowed is nothing without platformCapabilities FARGATE`},
		{"network of EC2", ecs(`{"image":"a"}`, `,"networkConfiguration":{"assignPublicIp":"ENABLED"}`), at + `networkConfiguration: given a value; allowed is nothing without platformCapabilities FARGATE`},
		{"fargate", serverless(`{"image":"a"}`, `,"platformVersion":"1.4.0","ephemeralStorage":{"sizeInGiB":21}`), ""},
		{"fargate ulimits", serverless(`{"image":"a","ulimits":[{"name":"core","softLimit":1,"hardLimit":1}]}`, ``), at + `containers[0].ulimits: given a value`},
		{"fargate GPU", serverless(`{"image":"a","resourceRequirements":[{"type":"GPU","value":"1"}]}`, ``), at + `containers[0].resourceRequirements: given a value; allowed is nothing of type GPU`},
		{"fargate host volume", serverless(`{"image":"a"}`, `,"volumes":[{"name":"v","host":{"sourcePath":"/a"}}]`), at + `volumes[0].host: given a value`},
		{"fargate windows", serverless(`{"image":"a","user":"u"}`, `,"runtimePlatform":{"operatingSystemFamily":"WINDOWS_SERVER_2022_FULL"}`), at + `containers[0].user: given a value; allowed is nothing for Windows`},
		{"long wait", serverless(`{"image":"a","stopTimeout":121}`, ``), at + `containers[0].stopTimeout: given 121; allowed is 2 to 120`},
		{"volumes of a pod", eks(`"containers":[{"image":"a"}],"volumes":[{"name":"a","emptyDir":{"medium":"Memory","sizeLimit":"1Gi"}},{"name":"b","emptyDir":{"medium":""}},{"name":"c","secret":{"secretName":"s"}},{"name":"d","persistentVolumeClaim":{"claimName":"c"}}]`, ``), ""},
		{"medium", eks(`"containers":[{"image":"a"}],"volumes":[{"name":"a","emptyDir":{"medium":"Paper"}}]`, ``), `eksProperties.podProperties.volumes[0].emptyDir.medium: given "Paper"`},
		{"size limit", eks(`"containers":[{"image":"a"}],"volumes":[{"name":"a","emptyDir":{"sizeLimit":""}}]`, ``), `eksProperties.podProperties.volumes[0].emptyDir.sizeLimit: given 0 bytes`},
		{"secret of a pod", eks(`"containers":[{"image":"a"}],"volumes":[{"name":"a","secret":{}}]`, ``), `eksProperties.podProperties.volumes[0].secret.secretName: given nothing`},
		{"claim of a pod", eks(`"containers":[{"image":"a"}],"volumes":[{"name":"a","persistentVolumeClaim":{}}]`, ``), `eksProperties.podProperties.volumes[0].persistentVolumeClaim.claimName: given nothing`},
		{"reserved variable of a pod", eks(`"containers":[{"image":"a","env":[{"name":"AWS_BATCH_X"}]}]`, ``), `eksProperties.podProperties.containers[0].env[0].name: given "AWS_BATCH_X"`},
		{"pod", eks(`"containers":[{"image":"a","resources":{"limits":{"cpu":"1"}}}]`, ``), ""},
		{"no pod", `{"jobDefinitionName":"d","type":"container","eksProperties":{}}`, `eksProperties.podProperties: given nothing`},
		{"empty pod", eks(``, ``), `eksProperties.podProperties.containers: given 0 entries`},
		{"pull policy", eks(`"containers":[{"image":"a","imagePullPolicy":"Sometimes"}]`, ``), `eksProperties.podProperties.containers[0].imagePullPolicy`},
		{"pod for EC2", eks(`"containers":[{"image":"a"}]`, `,"platformCapabilities":["EC2"]`), `platformCapabilities: given a value; allowed is nothing with eksProperties`},
	})
}

func TestUpdatesOfEnvironments(t *testing.T) {
	kinds := map[string]string{
		"unmanaged": `{"type":"UNMANAGED","serviceRole":"r"}`,
		"cluster":   `{"type":"UNMANAGED","serviceRole":"r","computeResources":{"batchd":{"ecsCluster":"mine"}}}`,
		"local":     `{"type":"MANAGED","computeResources":{"type":"LOCAL","maxvCpus":4}}`,
		"fargate":   `{"type":"MANAGED","computeResources":{"type":"FARGATE","maxvCpus":4,"subnets":["s"],"securityGroupIds":["g"]}}`,
		"ec2":       `{"type":"MANAGED","computeResources":{"type":"EC2","maxvCpus":8,"minvCpus":2,"desiredvCpus":4,"subnets":["s"],"allocationStrategy":"BEST_FIT_PROGRESSIVE"}}`,
		"spot":      `{"type":"MANAGED","computeResources":{"type":"SPOT","maxvCpus":8,"subnets":["s"],"allocationStrategy":"SPOT_CAPACITY_OPTIMIZED"}}`,
		"templates": `{"type":"MANAGED","computeResources":{"type":"EC2","maxvCpus":8,"subnets":["s"],"allocationStrategy":"BEST_FIT_PROGRESSIVE","instanceTypes":["c5"],
			"launchTemplate":{"launchTemplateId":"a","overrides":[{"launchTemplateId":"b","targetInstanceTypes":["c5.large"]}]}}}`,
		"best fit": `{"type":"MANAGED","computeResources":{"type":"EC2","maxvCpus":8,"subnets":["s"]}}`,
	}
	for _, each := range []struct{ of, update, want string }{
		{"unmanaged", `"unmanagedvCpus":4`, ""},
		{"unmanaged", `"computeResources":{"maxvCpus":4}`, `computeResources: given a value; allowed is nothing for type UNMANAGED`},
		{"local", `"unmanagedvCpus":4`, `unmanagedvCpus: given a value; allowed is nothing for type MANAGED`},
		{"local", `"computeResources":{"maxvCpus":2,"batchd":{"memoryMiB":8}}`, ""},
		{"local", `"computeResources":{"imageId":"ami-1"}`, `computeResources.imageId: given a value; allowed is nothing for type LOCAL`},
		{"local", `"serviceRole":"r"`, ""},
		{"fargate", `"computeResources":{"subnets":[],"securityGroupIds":[]}`, ""},
		{"fargate", `"computeResources":{"minvCpus":0}`, `computeResources.minvCpus: given a value; allowed is nothing for type FARGATE`},
		{"fargate", `"computeResources":{"securityGroupIds":["a","b","c","d","e","f"]}`, `computeResources.securityGroupIds: given 6 entries`},
		{"ec2", `"computeResources":{"desiredvCpus":5}`, ""},
		{"ec2", `"computeResources":{"desiredvCpus":3}`, `computeResources.desiredvCpus: given 3; allowed is 4 to 8`},
		{"ec2", `"computeResources":{"desiredvCpus":9}`, `computeResources.desiredvCpus: given 9; allowed is 4 to 8`},
		{"ec2", `"computeResources":{"maxvCpus":1}`, `computeResources.minvCpus: given 2; allowed is 0 to 1`},
		{"ec2", `"computeResources":{"instanceTypes":["c5"],"launchTemplate":{"launchTemplateId":""}}`, ""},
		{"ec2", `"computeResources":{"batchd":{"memoryMiB":8}}`, `computeResources.batchd.memoryMiB: given a value; allowed is nothing for type EC2`},
		{"ec2", `"computeResources":{"batchd":{"neverOver":true,"defaultImage":""}}`, ""},
		{"ec2", `"computeResources":{"batchd":{"region":"eu-west-1"}}`, `computeResources.batchd.region: given "eu-west-1"; allowed is "", which it was created with: create another compute environment`},
		{"cluster", `"computeResources":{"batchd":{"ecsCluster":"mine","helperImage":"busybox"}}`, ""},
		{"cluster", `"computeResources":{"batchd":{"ecsCluster":"other"}}`, `computeResources.batchd.ecsCluster: given "other"; allowed is "mine"`},
		{"unmanaged", `"computeResources":{"batchd":{"ecsCluster":"mine"}}`, `computeResources.batchd.ecsCluster: given "mine"; allowed is ""`},
		{"ec2", `"computeResources":{"allocationStrategy":"SPOT_CAPACITY_OPTIMIZED"}`, `computeResources.allocationStrategy: given "SPOT_CAPACITY_OPTIMIZED"; allowed is a strategy for type EC2`},
		{"ec2", `"computeResources":{"type":"SPOT","allocationStrategy":"SPOT_CAPACITY_OPTIMIZED"}`, ""},
		{"spot", `"computeResources":{"type":"EC2"}`, `computeResources.allocationStrategy: given "SPOT_CAPACITY_OPTIMIZED"; allowed is a strategy for type EC2`},
		{"spot", `"computeResources":{"type":"EC2","allocationStrategy":"BEST_FIT_PROGRESSIVE"}`, ""},
		{"ec2", `"computeResources":{"updateToLatestImageVersion":true}`, ""},
		{"ec2", `"computeResources":{"launchTemplate":{"version":"2"}}`, `computeResources.launchTemplate: given neither an id nor a name`},
		{"templates", `"computeResources":{"maxvCpus":9}`, ""},
		{"templates", `"computeResources":{"instanceTypes":["m5"]}`, `computeResources.launchTemplate.overrides[0].targetInstanceTypes[0]: given "c5.large"; allowed is one of instanceTypes`},
		{"templates", `"computeResources":{"launchTemplate":{"launchTemplateId":"a","overrides":[{"launchTemplateId":"b","targetInstanceTypes":["m5"]}]}}`, `computeResources.launchTemplate.overrides[0].targetInstanceTypes[0]: given "m5"`},
		{"templates", `"computeResources":{"instanceTypes":["m5"],"launchTemplate":{"launchTemplateId":"a"}}`, ""},
		{"best fit", `"computeResources":{"updateToLatestImageVersion":true}`, `computeResources.updateToLatestImageVersion: given a change; allowed is the value that it has`},
		{"best fit", `"computeResources":{"updateToLatestImageVersion":false}`, ""},
		{"best fit", `"computeResources":{"maxvCpus":9,"subnets":["s"]}`, ""},
		{"best fit", `"computeResources":{"instanceTypes":["c5"]}`, `computeResources.instanceTypes: given a change; allowed is the value that it has while allocationStrategy is BEST_FIT`},
		{"best fit", `"computeResources":{"allocationStrategy":"BEST_FIT_PROGRESSIVE","instanceTypes":["c5"]}`, ""},
	} {
		t.Run(each.of+" "+each.update, func(t *testing.T) {
			var current wire.ComputeEnvironmentDetail
			request := wire.UpdateComputeEnvironmentRequest{}
			decode := func(text string, into any) {
				if err := wire.Decode(strings.NewReader(text), wire.MaxBody, into); err != nil {
					t.Fatal(err)
				}
			}
			decode(kinds[each.of], &current)
			decode(`{"computeEnvironment":"a",`+each.update+`}`, &request)
			err := errors.Join(request.Validate(), request.ValidateFor(&current))
			if each.want == "" && err != nil || each.want != "" && (err == nil || !strings.HasPrefix(err.Error(), each.want)) {
				t.Errorf("\n got %v\nwant %s", err, each.want)
			}
		})
	}
	run(t, func() validator { return &wire.UpdateComputeEnvironmentRequest{} }, []rule{
		{"best fit", `{"computeEnvironment":"a","computeResources":{"allocationStrategy":"BEST_FIT"}}`, `computeResources.allocationStrategy: given "BEST_FIT"`},
		{"templates", `{"computeEnvironment":"a","computeResources":{"launchTemplate":{"launchTemplateId":"a","launchTemplateName":"b"}}}`, `computeResources.launchTemplate: given both`},
		{"image", `{"computeEnvironment":"a","computeResources":{"ec2Configuration":[{"imageType":"ECS_AL2023","imageIdOverride":""}]}}`, `computeResources.ec2Configuration[0].imageIdOverride: given 0 bytes`},
		{"override", `{"computeEnvironment":"a","computeResources":{"instanceTypes":["c5"],"launchTemplate":{"launchTemplateId":"a","overrides":[{"launchTemplateId":"b","targetInstanceTypes":["c5.large"]}]}}}`, ""},
		{"another override", `{"computeEnvironment":"a","computeResources":{"instanceTypes":["c5"],"launchTemplate":{"launchTemplateId":"a","overrides":[{"launchTemplateId":"b","targetInstanceTypes":["m5"]}]}}}`, `computeResources.launchTemplate.overrides[0].targetInstanceTypes[0]: given "m5"`},
		{"user data", `{"computeEnvironment":"a","computeResources":{"launchTemplate":{"launchTemplateId":"a","userdataType":"PAPER"}}}`, `computeResources.launchTemplate.userdataType: given "PAPER"`},
	})
}

func TestQuotaShareRules(t *testing.T) {
	with := func(more string) string {
		return `{"quotaShareName":"a","jobQueue":"q","capacityLimits":[{"maxCapacity":1,"capacityUnit":"VCPU"}],"preemptionConfiguration":{"inSharePreemption":"ENABLED"}` + more + `}`
	}
	sharing := func(text string) string { return with(`,"resourceSharingConfiguration":{` + text + `}`) }
	run(t, func() validator { return &wire.CreateQuotaShareRequest{} }, []rule{
		{"share", sharing(`"strategy":"LEND_AND_BORROW","borrowLimit":50`), ""},
		{"no sharing", with(``), `resourceSharingConfiguration: given nothing`},
		{"strategy", sharing(`"strategy":"KEEP"`), `resourceSharingConfiguration.strategy: given "KEEP"`},
		{"borrowing", sharing(`"strategy":"LEND","borrowLimit":5`), `resourceSharingConfiguration.borrowLimit: given 5; allowed is nothing for strategy LEND`},
		{"limit", sharing(`"strategy":"LEND_AND_BORROW","borrowLimit":-2`), `resourceSharingConfiguration.borrowLimit: given -2`},
		{"no limits", `{"quotaShareName":"a","jobQueue":"q"}`, `capacityLimits: given 0 entries; allowed is 1 to 5 entries`},
		{"no preemption", `{"quotaShareName":"a","jobQueue":"q","capacityLimits":[{"maxCapacity":1,"capacityUnit":"VCPU"}],"resourceSharingConfiguration":{"strategy":"LEND"}}`, `preemptionConfiguration: given nothing`},
		{"six limits", `{"quotaShareName":"a","jobQueue":"q","capacityLimits":[` + many(6, `{"maxCapacity":1,"capacityUnit":"u%d"}`) + `]}`, `capacityLimits: given 6 entries`},
		{"same unit", `{"quotaShareName":"a","jobQueue":"q","capacityLimits":[{"maxCapacity":1,"capacityUnit":"u"},{"maxCapacity":1,"capacityUnit":"u"}]}`, `capacityLimits[1].capacityUnit: given "u" again`},
	})
	run(t, func() validator { return &wire.UpdateQuotaShareRequest{} }, []rule{
		{"state", `{"quotaShareArn":"a","state":"DISABLED"}`, ""},
		{"no limits", `{"quotaShareArn":"a","capacityLimits":[]}`, `capacityLimits: given 0 entries`},
	})
	run(t, func() validator { return &wire.TerminateJobsRequest{} }, []rule{
		{"51", `{"jobs":[` + many(51, `"a%d"`) + `],"reason":"r"}`, `jobs: given 51 entries; allowed is 1 to 50 entries`},
		{"reason", `{"jobs":["a"]}`, `reason: given nothing`},
	})
}
