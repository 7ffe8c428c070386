package awsfake

import (
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
)

// What a policy has to allow is more than the calls that are made, and no more than they need.
func TestCallsNeedActions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, Options{})
		client, name := iam.NewFromConfig(c.Config()), aws.String("hosts")
		must[*iam.CreateRoleOutput](t)(client.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: name, AssumeRolePolicyDocument: aws.String("{}"), Tags: []iamtypes.Tag{{Key: aws.String("k"), Value: aws.String("v")}}}))
		must[*iam.CreateInstanceProfileOutput](t)(client.CreateInstanceProfile(t.Context(), &iam.CreateInstanceProfileInput{InstanceProfileName: name}))
		must[*iam.AddRoleToInstanceProfileOutput](t)(client.AddRoleToInstanceProfile(t.Context(), &iam.AddRoleToInstanceProfileInput{InstanceProfileName: name, RoleName: name}))
		in := spot(1, "m6i.large")
		in.LaunchTemplateConfigs[0].Overrides[0].IamInstanceProfile = &types.FleetIamInstanceProfileSpecificationRequest{Name: name}
		c.fleet(in)
		wantList(t, c.Needed(), "ec2:CreateFleet", "ec2:CreateLaunchTemplate", "ec2:CreateTags", "ec2:RunInstances",
			"iam:AddRoleToInstanceProfile", "iam:CreateInstanceProfile", "iam:CreateRole", "iam:CreateServiceLinkedRole", "iam:PassRole", "iam:TagRole")
	})
}

// A policy may allow only what is tagged as belonging to an installation.
func TestAPolicyBindsCallsToTags(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, Options{})
		foreign, _ := c.fleet(onDemand(1, "m6i.large"))
		err := c.Allow(`{"Statement": [
			{"Effect": "Allow", "Action": ["ec2:CreateFleet", "ec2:Describe*"], "Resource": "*"},
			{"Effect": "Allow", "Action": "ec2:RunInstances", "Resource": "*", "Condition": {"StringEquals": {"aws:RequestTag/batchd:installation": "x"}}},
			{"Effect": "Allow", "Action": "ec2:CreateTags", "Resource": "*", "Condition": {"StringEquals": {"ec2:CreateAction": ["CreateFleet", "CreateLaunchTemplate"]}}},
			{"Effect": "Allow", "Action": "ec2:TerminateInstances", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/batchd:installation": "x"}}}]}`)
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.CreateFleet(t.Context(), onDemand(1, "m6i.large"))
		wantCode(t, err, "UnauthorizedOperation")
		in := onDemand(1, "m6i.large")
		in.TagSpecifications[0].Tags = []types.Tag{{Key: aws.String(installationTag), Value: aws.String("x")}}
		own, _ := c.fleet(in)
		_, err = c.TerminateInstances(t.Context(), &ec2.TerminateInstancesInput{InstanceIds: foreign})
		wantCode(t, err, "UnauthorizedOperation")
		_, err = c.CreateTags(t.Context(), &ec2.CreateTagsInput{Resources: foreign, Tags: in.TagSpecifications[0].Tags})
		wantCode(t, err, "UnauthorizedOperation")
		c.terminate(own...)
	})
}

func TestAPolicyBindsCallsToResources(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, client := ssmWorld(Options{})
		defer w.Close()
		err := w.Allow(`{"Statement": {"Effect": "Allow", "Action": "ssm:*", "Resource": ["arn:aws:ssm:*:123456789012:parameter/batchd/*", "arn:aws:ssm:*::parameter/aws/service/ecs/*"]}}`)
		if err != nil {
			t.Fatal(err)
		}
		put(t, client, "/batchd/lease", "1")
		value(t, client, "/batchd/lease")
		value(t, client, "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended")
		_, err = client.PutParameter(t.Context(), parameterInput("/other", "1"))
		wantCode(t, err, "AccessDeniedException")
		_, err = client.GetParameter(t.Context(), &ssm.GetParameterInput{Name: aws.String("/other")})
		wantCode(t, err, "AccessDeniedException")
	})
}

// Whoever hands roles to tasks must be allowed to.
func TestATaskDefinitionPassesRoles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := New(Options{})
		defer w.Close()
		err := w.Allow(`{"Statement": [{"Effect": "Allow", "Action": "ecs:*", "Resource": "*"},
			{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::123456789012:role/batchd-*", "Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}}]}`)
		if err != nil {
			t.Fatal(err)
		}
		client := ecs.NewFromConfig(w.Config())
		for role, code := range map[string]string{"batchd-jobs": "", "admin": "AccessDeniedException"} {
			_, err := client.RegisterTaskDefinition(t.Context(), &ecs.RegisterTaskDefinitionInput{
				Family: aws.String("f"), TaskRoleArn: aws.String("arn:aws:iam::123456789012:role/" + role),
				ContainerDefinitions: []ecstypes.ContainerDefinition{{Name: aws.String("default"), Image: aws.String("busybox"), Memory: aws.Int32(128)}},
			})
			if code == "" && err != nil {
				t.Error(err)
			} else if code != "" {
				wantCode(t, err, code)
			}
		}
	})
}

func TestConditionsAreComparedAsIAMDoes(t *testing.T) {
	for _, test := range []struct {
		operator       string
		values, wanted []string
		want           bool
	}{
		{"StringEquals", []string{"a"}, []string{"b", "a"}, true},
		{"StringEquals", []string{"a"}, []string{"A"}, false},
		{"StringEquals", nil, []string{"a"}, false},
		{"StringEqualsIfExists", nil, []string{"a"}, true},
		{"StringNotEquals", []string{"a"}, []string{"a", "b"}, false},
		{"StringNotEquals", nil, []string{"a"}, true},
		{"StringLike", []string{"batchd-x/y"}, []string{"batchd-*"}, true},
		{"StringNotLike", []string{"batchd-x"}, []string{"batchd-*"}, false},
		{"ArnLike", []string{"arn:aws:ecs:us-east-1:1:cluster/c"}, []string{"arn:aws:ecs:*:*:cluster/*"}, true},
		{"ForAllValues:StringEquals", []string{"a", "b"}, []string{"a", "b", "c"}, true},
		{"ForAllValues:StringEquals", []string{"a", "d"}, []string{"a", "b", "c"}, false},
		{"ForAnyValue:StringEquals", []string{"a", "d"}, []string{"d"}, true},
		{"Null", nil, []string{"true"}, true},
		{"Null", []string{"a"}, []string{"true"}, false},
	} {
		if got := holds(test.operator, test.values, test.wanted); got != test.want {
			t.Errorf("%s %q of %q is %v", test.operator, test.wanted, test.values, got)
		}
	}
}
