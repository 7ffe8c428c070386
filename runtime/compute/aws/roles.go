package aws

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/governor"
)

const (
	// instanceTrust lets EC2 give a role to instances.
	instanceTrust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	// agentPolicy is what the agent of ECS needs, as AWS defines it.
	agentPolicy = "policy/service-role/AmazonEC2ContainerServiceforEC2Role"
	// leasePolicy is the name of the policy that lets instances read the lease.
	leasePolicy = "batchd-lease"
	// alreadyExists is the error for a name that is taken.
	alreadyExists = "EntityAlreadyExists"
)

// instanceProfile checks that the instance profile exists, and makes it if batchd.createRoles says so. Without the permission to look it is taken to exist.
func (b *builder) instanceProfile(ctx context.Context, _ *site) error {
	name := b.profileName()
	if name == "" {
		return fmt.Errorf("computeResources.instanceRole is empty; give the instance profile of the instances, for example ecsInstanceRole")
	}
	found, err := b.account.iam.GetInstanceProfile(ctx, &iam.GetInstanceProfileInput{InstanceProfileName: aws.String(name)})
	switch {
	case err == nil && (len(found.InstanceProfile.Roles) > 0 || !b.mine(found.InstanceProfile.Tags)):
		return nil
	case isCode(err, "AccessDenied", "UnauthorizedOperation"):
		b.log.Info("it is not checked whether the instance profile exists", "environment", b.row.Name, "profile", name, "error", err)
		return nil
	case b.resources.CreateRoles && (err == nil || isCode(err, "NoSuchEntity")):
		return b.createProfile(ctx, name)
	case err == nil:
		return nil
	}
	return whileDoing("looking for the instance profile "+name, err)
}

// profileName is the name of the instance profile, which may be given by its ARN.
func (b *builder) profileName() string {
	role := b.resources.InstanceRole
	return role[strings.LastIndex(role, "/")+1:]
}

// mine reports whether this installation has made something with these tags.
func (d *Driver) mine(tags []iamtypes.Tag) bool {
	for _, t := range tags {
		if aws.ToString(t.Key) == tagInstallation && aws.ToString(t.Value) == d.options.Installation {
			return true
		}
	}
	return false
}

// createProfile makes an instance profile and a role of the same name. A step that was done before is done again, which changes nothing. A role of that name
// that somebody else has made is used as it is.
func (b *builder) createProfile(ctx context.Context, name string) error {
	tags := []iamtypes.Tag{{Key: aws.String(tagInstallation), Value: aws.String(b.options.Installation)}}
	doing := "creating the instance profile " + name + " (batchd.createRoles)"
	client := b.account.iam
	_, err := client.CreateRole(ctx, &iam.CreateRoleInput{
		RoleName: aws.String(name), AssumeRolePolicyDocument: aws.String(instanceTrust), Tags: tags, Description: aws.String("Instances of batchd"),
	})
	if err != nil && !isCode(err, alreadyExists) {
		return whileDoing(doing, err)
	}
	role, err := client.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String(name)})
	if err != nil {
		return whileDoing(doing, err)
	}
	if b.mine(role.Role.Tags) {
		if err := b.permit(ctx, name); err != nil {
			return whileDoing(doing, err)
		}
	}
	_, err = client.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: aws.String(name), Tags: tags})
	if err != nil && !isCode(err, alreadyExists) {
		return whileDoing(doing, err)
	}
	_, err = client.AddRoleToInstanceProfile(ctx, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: aws.String(name), RoleName: aws.String(name)})
	if err != nil && !isCode(err, "LimitExceeded") { // it has its one role
		return whileDoing(doing, err)
	}
	if !pause(ctx, profileVisibleAfter) {
		return ctx.Err()
	}
	return nil
}

// permit gives a role what instances need: the policy of AWS for the agent, and the lease.
func (b *builder) permit(ctx context.Context, role string) error {
	_, err := b.account.iam.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: aws.String(role), PolicyArn: aws.String(b.agentPolicyARN())})
	if err != nil {
		return err
	}
	lease := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ssm:GetParameter","Resource":"arn:%s:ssm:*:%s:parameter%s"}]}`,
		b.account.partition, b.account.number, b.leaseParameter())
	_, err = b.account.iam.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: aws.String(role), PolicyName: aws.String(leasePolicy), PolicyDocument: aws.String(lease)})
	return err
}

func (b *builder) agentPolicyARN() string {
	return "arn:" + b.account.partition + ":iam::aws:" + agentPolicy
}

// removeProfile removes the instance profile and the role that createProfile has made, unless another environment uses them. It reports whether there were
// any.
func (b *builder) removeProfile(ctx context.Context) (bool, error) {
	name := b.profileName()
	if name == "" || !b.resources.CreateRoles || b.sharesProfile(name) {
		return false, nil
	}
	ctx = governor.In(ctx, governor.Stop)
	client, left := b.account.iam, false
	profile, err := client.GetInstanceProfile(ctx, &iam.GetInstanceProfileInput{InstanceProfileName: aws.String(name)})
	if err == nil && b.mine(profile.InstanceProfile.Tags) {
		left = true
		for _, r := range profile.InstanceProfile.Roles {
			_, err := client.RemoveRoleFromInstanceProfile(ctx, &iam.RemoveRoleFromInstanceProfileInput{InstanceProfileName: aws.String(name), RoleName: r.RoleName})
			if err := unlessGone(err); err != nil {
				return true, err
			}
		}
		_, err = client.DeleteInstanceProfile(ctx, &iam.DeleteInstanceProfileInput{InstanceProfileName: aws.String(name)})
	}
	if err := unlessGone(err); err != nil {
		return true, fmt.Errorf("removing its instance profile: %w", err)
	}
	role, err := client.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String(name)})
	if err != nil || !b.mine(role.Role.Tags) {
		return left, unlessGone(err)
	}
	return true, b.removeRole(ctx, name)
}

// removeRole removes a role that permit has given policies.
func (b *builder) removeRole(ctx context.Context, name string) error {
	client := b.account.iam
	_, err := client.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: aws.String(name), PolicyArn: aws.String(b.agentPolicyARN())})
	if unlessGone(err) == nil {
		_, err = client.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: aws.String(name), PolicyName: aws.String(leasePolicy)})
	}
	if unlessGone(err) == nil {
		_, err = client.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: aws.String(name)})
	}
	if err := unlessGone(err); err != nil {
		return fmt.Errorf("removing its role: %w", err)
	}
	return nil
}

// unlessGone is err, or nil if that says that something does not exist.
func unlessGone(err error) error {
	if isCode(err, "NoSuchEntity") {
		return nil
	}
	return err
}

// sharesProfile reports whether another environment launches instances with the profile.
func (b *builder) sharesProfile(name string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.environments {
		other := builder{row: &e.row, resources: resourcesOf(&e.row)}
		if e.uuid != b.row.UUID && !e.retired && e.launches() && other.profileName() == name {
			return true
		}
	}
	return false
}
