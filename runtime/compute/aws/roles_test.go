package aws

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/awsfake"
)

func creating(name string) func(*batch.Resources) {
	return func(r *batch.Resources) { r.InstanceRole, r.CreateRoles = name, true }
}

func TestRolesThatAreMissingAreCreatedAndRemoved(t *testing.T) {
	inBubble(t, awsfake.Realistic(41), func(t *testing.T, b *bed) {
		uuid := b.environment(batch.EC2, creating("hosts"))
		host := b.launch(uuid, 1)[0]
		b.becomes(batch.Serving, host)
		client := iam.NewFromConfig(b.world.Config())
		policy, err := client.GetRolePolicy(t.Context(), &iam.GetRolePolicyInput{RoleName: aws.String("hosts"), PolicyName: aws.String(leasePolicy)})
		if err != nil || !strings.Contains(aws.ToString(policy.PolicyDocument), "parameter%2Fbatchd%2Finstallation-1%2Flease") {
			t.Errorf("the lease may be read by %v, %v", policy, err)
		}
		b.pass(3 * time.Hour) // the lease can be read: otherwise the instance ends after one
		if stage := b.host(host).Launch.Stage; stage != batch.Serving {
			t.Errorf("after three hours the host is %s", stage)
		}
		b.retire(uuid)
		b.pass(3 * time.Minute)
		b.empty()
	})
}

func TestRolesOfOthersAreUsedAndNotTouched(t *testing.T) {
	inBubble(t, awsfake.Options{}, func(t *testing.T, b *bed) {
		client := iam.NewFromConfig(b.world.Config())
		if _, err := client.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("hosts"), AssumeRolePolicyDocument: aws.String(instanceTrust)}); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{profileName, "hosts"} {
			uuid := b.environment(batch.EC2, creating(name))
			b.ready(uuid)
			b.retire(uuid)
		}
		b.empty()
		if _, err := client.GetInstanceProfile(t.Context(), &iam.GetInstanceProfileInput{InstanceProfileName: aws.String(profileName)}); err != nil {
			t.Errorf("a profile of the user's own: %v", err)
		}
		policies, err := client.ListAttachedRolePolicies(t.Context(), &iam.ListAttachedRolePoliciesInput{RoleName: aws.String("hosts")})
		if err != nil || len(policies.AttachedPolicies) != 0 {
			t.Errorf("a role of the user's own has the policies %v, %v", policies, err)
		}
	})
}

func TestWithoutBeingAskedNoRoleIsCreated(t *testing.T) {
	inBubble(t, awsfake.Options{}, func(t *testing.T, b *bed) {
		why := b.failed(b.environment(batch.EC2, func(r *batch.Resources) { r.InstanceRole = "hosts" }))
		if !strings.HasPrefix(why, "looking for the instance profile hosts: ") {
			t.Errorf("the reason is %q", why)
		}
	})
}
