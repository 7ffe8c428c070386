package document_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/document"
)

// environment is the row of the document that text is.
func environment(t *testing.T, text string) batch.Environment {
	t.Helper()
	var d wire.ComputeEnvironmentDetail
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatal(err)
	}
	return made(t, d)
}

func made(t *testing.T, d wire.ComputeEnvironmentDetail) batch.Environment {
	t.Helper()
	e, err := document.Environment(d)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestEnvironment(t *testing.T) {
	for name, c := range map[string]struct {
		document string
		want     batch.Environment
	}{
		"LOCAL": {
			`{"computeEnvironmentName":"here","type":"MANAGED","computeResources":{"type":"LOCAL","maxvCpus":4,"batchd":{"memoryMiB":512}}}`,
			batch.Environment{Name: "here", State: batch.Enabled, Kind: batch.Local, Max: batch.Shape{MilliCPU: 4000, MemoryMiB: 512}},
		},
		"EC2 with what is required": {
			`{"computeEnvironmentName":"cloud","type":"MANAGED","state":"DISABLED","computeResources":{"type":"EC2","maxvCpus":16,"subnets":["subnet-1"],"instanceRole":"r"}}`,
			batch.Environment{Name: "cloud", State: batch.Disabled, Kind: batch.EC2, Max: batch.Shape{MilliCPU: 16_000}, Resources: &batch.Resources{
				Strategy: batch.BestFit, Subnets: []string{"subnet-1"}, InstanceRole: "r", BidPercent: 100, UpdatePolicy: batch.UpdatePolicy{JobTimeout: 30 * time.Minute},
			}},
		},
		"SPOT with everything": {
			`{"computeEnvironmentName":"cloud","type":"MANAGED","serviceRole":"s","updatePolicy":{"terminateJobsOnUpdate":true,"jobExecutionTimeoutMinutes":5},
			"computeResources":{"type":"SPOT","minvCpus":2,"maxvCpus":16,"desiredvCpus":4,"allocationStrategy":"SPOT_CAPACITY_OPTIMIZED","instanceTypes":["c7i"],
			"subnets":["subnet-1"],"securityGroupIds":["sg-1"],"instanceRole":"r","imageId":"ami-1","bidPercentage":60,"spotIamFleetRole":"f","ec2KeyPair":"k","placementGroup":"p",
			"ec2Configuration":[{"imageType":"ECS_AL2023","imageIdOverride":"ami-2"}],"tags":{"Name":"n"},"scalingPolicy":{"minScaleDownDelayMinutes":20},
			"launchTemplate":{"launchTemplateId":"lt-1","version":"3","overrides":[{"launchTemplateName":"other","targetInstanceTypes":["c7i.large"]}]},
			"batchd":{"neverOver":true,"profile":"work","region":"eu-central-1","helperImage":"busybox","defaultImage":"debian","createRoles":true}}}`,
			batch.Environment{Name: "cloud", State: batch.Enabled, Kind: batch.Spot, Max: batch.Shape{MilliCPU: 16_000}, MinMilliCPU: 2000, Resources: &batch.Resources{
				Strategy: batch.SpotCapacityOptimized, InstanceTypes: []string{"c7i"}, Subnets: []string{"subnet-1"}, SecurityGroups: []string{"sg-1"}, InstanceRole: "r",
				Images: []batch.Image{{Type: "ECS_AL2023", ID: "ami-2"}}, ImageID: "ami-1", BidPercent: 60, SpotFleetRole: "f", KeyPair: "k", PlacementGroup: "p",
				LaunchTemplate: &batch.LaunchTemplate{TemplateRef: batch.TemplateRef{ID: "lt-1", Version: "3"}, Overrides: []batch.TemplateOverride{
					{TemplateRef: batch.TemplateRef{Name: "other"}, InstanceTypes: []string{"c7i.large"}},
				}},
				Tags: map[string]string{"Name": "n"}, ScaleDownDelay: 20 * time.Minute, DesiredMilliCPU: 4000, ServiceRole: "s",
				UpdatePolicy: batch.UpdatePolicy{TerminateJobs: true, JobTimeout: 5 * time.Minute},
				NeverOver:    true, Profile: "work", Region: "eu-central-1", HelperImage: "busybox", DefaultImage: "debian", CreateRoles: true,
			}},
		},
		"FARGATE": {
			`{"computeEnvironmentName":"f","type":"MANAGED","computeResources":{"type":"FARGATE","maxvCpus":8,"subnets":["subnet-1"],"securityGroupIds":["sg-1"]}}`,
			batch.Environment{Name: "f", State: batch.Enabled, Kind: batch.Fargate, Max: batch.Shape{MilliCPU: 8000}, Resources: &batch.Resources{
				Subnets: []string{"subnet-1"}, SecurityGroups: []string{"sg-1"},
			}},
		},
		"UNMANAGED": {
			`{"computeEnvironmentName":"u","type":"UNMANAGED","serviceRole":"s","unmanagedvCpus":3,"computeResources":{"batchd":{"ecsCluster":"mine"}}}`,
			batch.Environment{Name: "u", State: batch.Enabled, Kind: batch.Unmanaged, Resources: &batch.Resources{
				ServiceRole: "s", UnmanagedMilliCPU: 3000, ECSCluster: "mine",
			}},
		},
	} {
		got := environment(t, c.document)
		if len(got.Body) == 0 {
			t.Errorf("%s: it has no document", name)
		}
		if got.Body = nil; !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\ngot  %+v %+v\nwant %+v %+v", name, got, got.Resources, c.want, c.want.Resources)
		}
	}
}

// TestEveryMemberOfAnEnvironmentHasAValue: see everyMemberHasAValue.
func TestEveryMemberOfAnEnvironmentHasAValue(t *testing.T) {
	everyMemberHasAValue(t, func(member string, fill func(any)) any {
		d := wire.ComputeEnvironmentDetail{Type: wire.Managed, ComputeResources: &wire.ComputeResource{Type: wire.TypeSpot}}
		if member == "computeResources.batchd.memoryMiB" {
			d.ComputeResources.Type = wire.TypeLocal
		}
		fill(&d)
		row := made(t, d)
		row.Body = nil
		return row
	}, leaves(reflect.TypeFor[wire.ComputeEnvironmentDetail](), ""), map[string]string{
		"computeEnvironmentArn": "the service names it", "uuid": "the service names it", "status": "the service decides it", "statusReason": "the service decides it",
		"ecsClusterArn": "the service names it", "containerOrchestrationType": "the service decides it", "tags": "tags have rows of their own",
		"type": "the type of computeResources says it, too", "context": "AWS reserves it",
		"eksConfiguration.eksClusterArn": "EKS is refused", "eksConfiguration.kubernetesNamespace": "EKS is refused",
		"computeResources.ec2Configuration.batchImageStatus": "it is only described",
	})
}
