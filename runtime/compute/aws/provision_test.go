package aws

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/awsfake"
)

// inBubble runs a test with a bed, whose time is virtual.
func inBubble(t *testing.T, options awsfake.Options, test func(t *testing.T, b *bed)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, options)
		defer b.close()
		test(t, b)
	})
}

// templates reads the launch templates of the account with their newest versions, by name.
func (b *bed) templates() map[string]ec2types.ResponseLaunchTemplateData {
	b.t.Helper()
	client := ec2.NewFromConfig(b.world.Config())
	all, err := client.DescribeLaunchTemplates(b.t.Context(), &ec2.DescribeLaunchTemplatesInput{})
	if err != nil {
		b.t.Fatal(err)
	}
	found := map[string]ec2types.ResponseLaunchTemplateData{}
	for _, t := range all.LaunchTemplates {
		versions, err := client.DescribeLaunchTemplateVersions(b.t.Context(), &ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: t.LaunchTemplateId, Versions: []string{"$Latest"}})
		if err != nil {
			b.t.Fatal(err)
		}
		found[aws.ToString(t.LaunchTemplateName)] = *versions.LaunchTemplateVersions[0].LaunchTemplateData
	}
	return found
}

func TestAnEnvironmentIsProvisioned(t *testing.T) {
	inBubble(t, awsfake.Realistic(1), func(t *testing.T, b *bed) {
		row := b.ready(b.environment(batch.EC2))
		if !strings.HasSuffix(row.Cluster, ":cluster/batchd-nightly-0a1b2c3d") {
			t.Errorf("the cluster is %s", row.Cluster)
		}
		if len(row.Offers) != 3 || row.Offers[0].Type != "c7i.large" || row.Offers[0].Zone != "us-east-1a" || row.Offers[0].MicroUSDPerHour != 89_250 {
			t.Errorf("the offers are %+v", row.Offers)
		}
		templates := b.templates()
		data, made := templates["batchd-0a1b2c3d-"+row.Spec+"-0"]
		if !made || len(templates) != 1 {
			t.Fatalf("the launch templates are %v", templates)
		}
		script, err := base64.StdEncoding.DecodeString(aws.ToString(data.UserData))
		if err != nil || !strings.Contains(string(script), "ECS_CLUSTER=batchd-nightly-0a1b2c3d\n") || !strings.Contains(string(script), "parameter='/batchd/installation-1/lease'") {
			t.Errorf("the user data is %s, %v", script, err)
		}
		if data.InstanceInitiatedShutdownBehavior != ec2types.ShutdownBehaviorTerminate || aws.ToString(data.IamInstanceProfile.Name) != profileName || !strings.HasPrefix(aws.ToString(data.ImageId), "ami-") {
			t.Errorf("the launch template is %+v", data)
		}
	})
}

func TestProvisioningTwiceMakesOneOfEach(t *testing.T) {
	inBubble(t, awsfake.Realistic(2), func(t *testing.T, b *bed) {
		uuid := b.environment(batch.EC2)
		first := b.ready(uuid)
		left := b.world.Leftovers(installation)
		b.stop()
		b.open() // a restart
		b.await("second report", func() bool { return len(b.readies) == 2 })
		if second := b.ready(uuid); second.Spec != first.Spec || second.Cluster != first.Cluster || !slices.Equal(second.Offers, first.Offers) {
			t.Errorf("after a restart the environment is %+v, before %+v", second, first)
		}
		if again := b.world.Leftovers(installation); !slices.Equal(left, again) {
			t.Errorf("after a restart there is %q, before %q", again, left)
		}
		b.retire(uuid)
		b.empty()
	})
}

// Only what replaces instances changes the spec, and with it the launch template; see "infrastructure updates" of AWS Batch.
func TestAnUpdateChangesTheSpecOnlyIfInstancesAreReplaced(t *testing.T) {
	inBubble(t, awsfake.Options{}, func(t *testing.T, b *bed) {
		uuid := b.environment(batch.EC2)
		first := b.ready(uuid)
		b.change(uuid, func(r *batch.Resources) { r.ScaleDownDelay, r.DesiredMilliCPU = time.Hour, 4000 })
		if second := b.ready(uuid); second.Spec != first.Spec {
			t.Error("a scaling update changes the spec")
		}
		b.change(uuid, func(r *batch.Resources) { r.Tags = map[string]string{"team": "risk"} })
		third := b.ready(uuid)
		if third.Spec == first.Spec {
			t.Error("an infrastructure update does not change the spec")
		}
		var images []string
		for _, data := range b.templates() {
			images = append(images, aws.ToString(data.ImageId))
		}
		if len(images) != 2 || images[0] != images[1] {
			t.Errorf("the images are %q, want the same one twice", images)
		}
		b.pass(2 * offersEvery)
		if templates := b.templates(); len(templates) != 1 {
			t.Errorf("the launch templates are %v, want that of the last spec alone", templates)
		}
		b.retire(uuid)
		b.empty()
	})
}

func TestWhatCannotBeProvisionedSaysWhy(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*batch.Resources)
		fault  awsfake.Fault
		want   string
	}{
		"no subnets":         {change: func(r *batch.Resources) { r.Subnets = nil }, want: "computeResources.subnets is empty"},
		"an unknown subnet":  {change: func(r *batch.Resources) { r.Subnets = []string{"subnet-1"} }, want: "a subnet of computeResources.subnets is not in this account and region"},
		"an unknown profile": {change: func(r *batch.Resources) { r.InstanceRole = "nobody" }, want: "looking for the instance profile nobody: a role or an instance profile of the environment does not exist"},
		"no profile":         {change: func(r *batch.Resources) { r.InstanceRole = "" }, want: "computeResources.instanceRole is empty"},
		"an unknown type":    {change: func(r *batch.Resources) { r.InstanceTypes = []string{"c9.large"} }, want: `"c9.large" is not an instance type`},
		"two architectures":  {change: func(r *batch.Resources) { r.InstanceTypes = []string{"c7i.large", "c7g.large"} }, want: "an environment has one architecture"},
		"an unknown template": {change: func(r *batch.Resources) {
			r.LaunchTemplate = &batch.LaunchTemplate{TemplateRef: batch.TemplateRef{Name: "mine"}}
		}, want: "reading version $Default of the launch template mine: the launch template of computeResources.launchTemplate is not in this account"},
		"another kind of image": {change: func(r *batch.Resources) { r.Images = []batch.Image{{Type: "WINDOWS_CORE_2022"}} }, want: `the image type "WINDOWS_CORE_2022" is not one that runs`},
		"a wrong key": {
			fault: awsfake.Fault{Service: "sts", Kind: awsfake.Answered, Error: &awsfake.Error{Status: 403, Code: "InvalidClientTokenId", Message: "The security token included in the request is invalid"}},
			want:  "opening the AWS account: AWS does not know the access key",
		},
		"a permission is missing": {
			fault: awsfake.Fault{Service: "ec2", Operation: "CreateLaunchTemplate", Kind: awsfake.Answered, Error: &awsfake.Error{Status: 403, Code: "UnauthorizedOperation", Message: "You are not authorized to perform this operation."}},
			want:  "the credentials of the environment may not do this",
		},
		"too many templates": {
			fault: awsfake.Fault{Service: "ec2", Operation: "CreateLaunchTemplate", Kind: awsfake.Answered, Error: &awsfake.Error{Status: 400, Code: "LaunchTemplateLimitExceeded", Message: "limit"}},
			want:  "quota of launch templates",
		},
		"AWS fails": {fault: awsfake.Fault{Service: "ecs", Operation: "CreateCluster", Kind: awsfake.ServerError}, want: "making the ECS cluster batchd-nightly-0a1b2c3d: AWS has failed, and is tried again"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, awsfake.Options{}, func(t *testing.T, b *bed) {
				if c.fault.Kind != "" {
					b.world.Inject(c.fault)
				}
				uuid := b.environment(batch.EC2, func(r *batch.Resources) {
					if c.change != nil {
						c.change(r)
					}
				})
				if reason := b.failed(uuid); !strings.Contains(reason, c.want) {
					t.Errorf("the reason is %q, want one with %q", reason, c.want)
				}
				b.mu.Lock()
				defer b.mu.Unlock()
				if f := b.failures[0]; f.Until <= batch.At(time.Now()) || f.Revision != 1 {
					t.Errorf("failure %+v", f)
				}
			})
		})
	}
}

// users is user data of a launch template as a person writes it for AWS Batch.
const users = `MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="==MINE=="

--==MINE==
Content-Type: text/x-shellscript; charset="us-ascii"

#!/bin/sh
mount /dev/nvme1n1 /scratch

--==MINE==--
`

func TestAUsersLaunchTemplateIsMerged(t *testing.T) {
	inBubble(t, awsfake.Options{}, func(t *testing.T, b *bed) {
		_, err := ec2.NewFromConfig(b.world.Config()).CreateLaunchTemplate(t.Context(), &ec2.CreateLaunchTemplateInput{
			LaunchTemplateName: aws.String("mine"), LaunchTemplateData: &ec2types.RequestLaunchTemplateData{
				UserData: aws.String(base64.StdEncoding.EncodeToString([]byte(users))), InstanceType: "m5.large", KeyName: aws.String("alice"),
				BlockDeviceMappings:   []ec2types.LaunchTemplateBlockDeviceMappingRequest{{DeviceName: aws.String("/dev/xvda"), Ebs: &ec2types.LaunchTemplateEbsBlockDeviceRequest{VolumeSize: aws.Int32(200)}}},
				IamInstanceProfile:    &ec2types.LaunchTemplateIamInstanceProfileSpecificationRequest{Name: aws.String("other")},
				DisableApiTermination: aws.Bool(true),
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		uuid := b.environment(batch.EC2, func(r *batch.Resources) {
			r.LaunchTemplate = &batch.LaunchTemplate{TemplateRef: batch.TemplateRef{Name: "mine"}}
		})
		spec := b.ready(uuid).Spec
		data := b.templates()["batchd-0a1b2c3d-"+spec+"-0"]
		script, _ := base64.StdEncoding.DecodeString(aws.ToString(data.UserData))
		if !strings.Contains(string(script), "mount /dev/nvme1n1 /scratch") || !strings.Contains(string(script), "ECS_CLUSTER=") {
			t.Errorf("the user data is %s", script)
		}
		if len(data.BlockDeviceMappings) != 1 || aws.ToInt32(data.BlockDeviceMappings[0].Ebs.VolumeSize) != 200 || aws.ToString(data.KeyName) != "alice" {
			t.Errorf("what the template says of volumes and keys is lost: %+v", data)
		}
		if data.InstanceType != "" || aws.ToString(data.IamInstanceProfile.Name) != profileName || aws.ToBool(data.DisableApiTermination) {
			t.Errorf("what the environment decides is taken from the template: %+v", data)
		}
		b.retire(uuid)
		if _, kept := b.templates()["mine"]; !kept {
			t.Error("the user's launch template is removed")
		}
	})
}

func TestTypesWithGPUsHaveAnImageOfTheirOwn(t *testing.T) {
	inBubble(t, awsfake.Options{}, func(t *testing.T, b *bed) {
		row := b.ready(b.environment(batch.EC2, func(r *batch.Resources) { r.InstanceTypes = []string{"g5", "c7i.large"} }))
		templates := b.templates()
		plain, gpu := templates["batchd-0a1b2c3d-"+row.Spec+"-0"], templates["batchd-0a1b2c3d-"+row.Spec+"-0g"]
		if len(templates) != 2 || aws.ToString(plain.ImageId) == aws.ToString(gpu.ImageId) || aws.ToString(gpu.ImageId) == "" {
			t.Errorf("the launch templates are %v", templates)
		}
	})
}

func TestFargateIsOneHost(t *testing.T) {
	inBubble(t, awsfake.Options{}, func(t *testing.T, b *bed) {
		uuid := b.environment(batch.Fargate)
		row := b.ready(uuid)
		if len(row.Offers) != 0 {
			t.Errorf("the offers are %+v", row.Offers)
		}
		b.await("host", func() bool { return b.hosts[uuid] != nil })
		if h := b.host(uuid); h.Capacity.MilliCPU != 256_000 || h.Kind != batch.Fargate || !slices.Equal(h.Environments, []string{"nightly"}) || h.Launch != nil {
			t.Errorf("the host is %+v", h)
		}
		b.retire(uuid)
		b.empty()
	})
}
