package awsfake

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// A role is made, used by an instance profile, and goes only when nothing holds it.
func TestARoleGoesWhenNothingHoldsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := New(Options{})
		defer w.Close()
		client, name := iam.NewFromConfig(w.Config()), aws.String("hosts")
		_, err := client.GetRole(t.Context(), &iam.GetRoleInput{RoleName: name})
		var missing *iamtypes.NoSuchEntityException
		if !errors.As(err, &missing) {
			t.Errorf("got %v, want that there is no such role", err)
		}
		created, err := client.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: name, AssumeRolePolicyDocument: aws.String(`{"a": 1}`), Tags: []iamtypes.Tag{{Key: aws.String(installationTag), Value: aws.String("x")}}})
		if err != nil || *created.Role.Arn != "arn:aws:iam::123456789012:role/hosts" || *created.Role.AssumeRolePolicyDocument != "%7B%22a%22%3A%201%7D" {
			t.Fatalf("got %v, %v", created, err)
		}
		do := func(err error) {
			t.Helper()
			if err != nil {
				t.Error(err)
			}
		}
		policy := aws.String("arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role")
		_, err = client.AttachRolePolicy(t.Context(), &iam.AttachRolePolicyInput{RoleName: name, PolicyArn: policy})
		do(err)
		_, err = client.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: name, PolicyName: aws.String("lease"), PolicyDocument: aws.String("{}")})
		do(err)
		_, err = client.CreateInstanceProfile(t.Context(), &iam.CreateInstanceProfileInput{InstanceProfileName: name})
		do(err)
		_, err = client.AddRoleToInstanceProfile(t.Context(), &iam.AddRoleToInstanceProfileInput{InstanceProfileName: name, RoleName: name})
		do(err)
		wantList(t, w.Leftovers("x"), "iam role hosts")
		for _, release := range []func() error{
			func() error {
				_, err := client.DetachRolePolicy(t.Context(), &iam.DetachRolePolicyInput{RoleName: name, PolicyArn: policy})
				return err
			},
			func() error {
				_, err := client.DeleteRolePolicy(t.Context(), &iam.DeleteRolePolicyInput{RoleName: name, PolicyName: aws.String("lease")})
				return err
			},
			func() error {
				_, err := client.RemoveRoleFromInstanceProfile(t.Context(), &iam.RemoveRoleFromInstanceProfileInput{InstanceProfileName: name, RoleName: name})
				return err
			},
		} {
			_, err = client.DeleteRole(t.Context(), &iam.DeleteRoleInput{RoleName: name})
			wantCode(t, err, "DeleteConflict")
			do(release())
		}
		_, err = client.DeleteRole(t.Context(), &iam.DeleteRoleInput{RoleName: name})
		do(err)
	})
}

// What an instance is launched with must be there, and whoever launches must be allowed to pass the role.
func TestARoleIsPassedByThoseWhoMay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, Options{})
		in := onDemand(1, "m6i.large")
		in.LaunchTemplateConfigs[0].Overrides[0].IamInstanceProfile = &types.FleetIamInstanceProfileSpecificationRequest{Name: aws.String("hosts")}
		_, errs := c.fleet(in)
		wantList(t, errs, "InvalidParameterValue: m6i.large 0a")

		client, name := iam.NewFromConfig(c.Config()), aws.String("hosts")
		must[*iam.CreateRoleOutput](t)(client.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: name, AssumeRolePolicyDocument: aws.String("{}")}))
		must[*iam.CreateInstanceProfileOutput](t)(client.CreateInstanceProfile(t.Context(), &iam.CreateInstanceProfileInput{InstanceProfileName: name}))
		must[*iam.AddRoleToInstanceProfileOutput](t)(client.AddRoleToInstanceProfile(t.Context(), &iam.AddRoleToInstanceProfileInput{InstanceProfileName: name, RoleName: name}))
		for role, code := range map[string]string{"others-*": "UnauthorizedOperation", "host*": ""} {
			if err := c.Allow(`{"Statement": [{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}, {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::123456789012:role/` + role + `"}]}`); err != nil {
				t.Fatal(err)
			}
			in.ClientToken = nil
			_, err := c.CreateFleet(t.Context(), in)
			if code == "" && err != nil {
				t.Error(err)
			} else if code != "" {
				wantCode(t, err, code)
			}
		}
	})
}

func TestPoliciesAreSimulated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := New(Options{})
		defer w.Close()
		if err := w.Allow(`{"Statement": {"Effect": "Allow", "NotAction": "ec2:Terminate*", "Resource": "*"}}`); err != nil {
			t.Fatal(err)
		}
		out, err := iam.NewFromConfig(w.Config()).SimulatePrincipalPolicy(t.Context(), &iam.SimulatePrincipalPolicyInput{
			PolicySourceArn: aws.String("arn:aws:iam::123456789012:user/owner"), ActionNames: []string{"ec2:TerminateInstances", "EC2:createfleet"},
		})
		if err != nil || out.EvaluationResults[0].EvalDecision != "implicitDeny" || out.EvaluationResults[1].EvalDecision != "allowed" {
			t.Errorf("got %v, %v", out, err)
		}
	})
}

// A policy of which this world would ignore a part is refused.
func TestAPolicyThatIsNotUnderstoodIsRefused(t *testing.T) {
	w := New(Options{})
	for _, document := range []string{
		`{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}}`, `{"Statement": 1}`, `x`,
	} {
		if err := w.Allow(document); err == nil {
			t.Errorf("%s was taken", document)
		}
	}
}

func TestARoleIsAssumed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := New(Options{})
		defer w.Close()
		out, err := sts.NewFromConfig(w.Config()).AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::1:role/r"), RoleSessionName: aws.String("s")})
		if err != nil || out.Credentials.SessionToken == nil {
			t.Errorf("got %v, %v", out, err)
		}
	})
}
