package aws

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/userdata"
)

// usersTemplate reads a launch template of the user's. What EC2 answers has the members of what it takes, under the same names.
func (b *builder) usersTemplate(ctx context.Context, ref *batch.TemplateRef) (*ec2types.RequestLaunchTemplateData, error) {
	if ref == nil {
		return &ec2types.RequestLaunchTemplateData{}, nil
	}
	version := cmp.Or(ref.Version, "$Default")
	input := &ec2.DescribeLaunchTemplateVersionsInput{Versions: []string{version}, MaxResults: aws.Int32(200)}
	if ref.ID != "" {
		input.LaunchTemplateId = aws.String(ref.ID)
	} else {
		input.LaunchTemplateName = aws.String(ref.Name)
	}
	what := "reading version " + version + " of the launch template " + cmp.Or(ref.ID, ref.Name)
	found, err := b.account.ec2.DescribeLaunchTemplateVersions(ctx, input)
	if err != nil {
		return nil, whileDoing(what, err)
	}
	if len(found.LaunchTemplateVersions) == 0 || found.LaunchTemplateVersions[0].LaunchTemplateData == nil {
		return nil, fmt.Errorf("%s: there is none", what)
	}
	content, err := json.Marshal(found.LaunchTemplateVersions[0].LaunchTemplateData)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	data := &ec2types.RequestLaunchTemplateData{}
	if err := json.Unmarshal(content, data); err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return data, nil
}

// templateData merges what the environment asks for into the user's launch template, as AWS Batch does: values of the environment
// win, and what decides where and how instances are launched is not taken from the template.
func (b *builder) templateData(s *site, users *ec2types.RequestLaunchTemplateData, chosen image) (*ec2types.RequestLaunchTemplateData, error) {
	merged, err := userdata.Make(aws.ToString(users.UserData), &userdata.Settings{
		Cluster:    s.clusterName,
		Attributes: map[string]string{"batchd.environment": b.row.Name, "batchd.spec": s.spec},
		Lease: userdata.Lease{
			Parameter: b.leaseParameter(), Region: b.account.region, Limit: b.leaseFor(), Tasks: tasksAfterLease,
		},
	})
	if err != nil {
		return nil, err
	}
	data := *users
	data.UserData = aws.String(merged)
	data.ImageId = aws.String(chosen.id)
	data.InstanceType, data.InstanceRequirements, data.InstanceMarketOptions = "", nil, nil
	data.DisableApiTermination, data.DisableApiStop = nil, nil
	data.InstanceInitiatedShutdownBehavior = ec2types.ShutdownBehaviorTerminate
	data.IamInstanceProfile = profileOf(b.resources.InstanceRole)
	if b.resources.KeyPair != "" {
		data.KeyName = aws.String(b.resources.KeyPair)
	}
	b.network(&data)
	if b.resources.PlacementGroup != "" {
		data.Placement = &ec2types.LaunchTemplatePlacementRequest{GroupName: aws.String(b.resources.PlacementGroup)}
	}
	data.TagSpecifications = templateTags(users.TagSpecifications)
	return &data, nil
}

// network sets the security groups. A template with network interfaces has them there; their subnets are those of the environment.
func (b *builder) network(data *ec2types.RequestLaunchTemplateData) {
	if len(data.NetworkInterfaces) == 0 {
		if len(b.resources.SecurityGroups) > 0 {
			data.SecurityGroupIds, data.SecurityGroups = b.resources.SecurityGroups, nil
		}
		return
	}
	for i := range data.NetworkInterfaces {
		data.NetworkInterfaces[i].SubnetId = nil
		if len(b.resources.SecurityGroups) > 0 {
			data.NetworkInterfaces[i].Groups = b.resources.SecurityGroups
		}
	}
}

// templateTags are the tags that a user's template gives to instances and volumes. Those of batchd are set by the call that launches.
func templateTags(users []ec2types.LaunchTemplateTagSpecificationRequest) (kept []ec2types.LaunchTemplateTagSpecificationRequest) {
	for _, specification := range users {
		if len(specification.Tags) > 0 {
			kept = append(kept, specification)
		}
	}
	return kept
}

// profileOf names an instance profile, which may be given by its ARN or by its name.
func profileOf(role string) *ec2types.LaunchTemplateIamInstanceProfileSpecificationRequest {
	if strings.HasPrefix(role, "arn:") {
		return &ec2types.LaunchTemplateIamInstanceProfileSpecificationRequest{Arn: aws.String(role)}
	}
	return &ec2types.LaunchTemplateIamInstanceProfileSpecificationRequest{Name: aws.String(role)}
}
