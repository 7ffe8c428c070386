package app_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/batch"
	"github.com/aws/aws-sdk-go-v2/service/batch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/awsfake"
)

// The policies that the guide "From one machine to an account" shows: what is always needed, and what is needed besides with batchd.createRoles.
const (
	policyFile      = "../compute/aws/policy.json"
	rolesPolicyFile = "../compute/aws/policy_create_roles.json"
)

// seldomNeeded are the actions of the policy that the test does not meet.
var seldomNeeded = []string{
	"ecs:DeregisterContainerInstance", // of an instance that has ended and is still registered
}

// setUp are the actions that the test itself needs, to make the instance profile.
var setUp = []string{"iam:AddRoleToInstanceProfile", "iam:CreateInstanceProfile", "iam:CreateRole"}

// The policy allows every call of a sweep from nothing to nothing, and no action that is not needed.
func TestThePolicyAllowsWhatASweepNeeds(t *testing.T) {
	policy := readPolicy(t, policyFile)
	needed := map[string]bool{}
	for _, action := range seldomNeeded {
		needed[action] = true
	}
	for _, kind := range []types.CRType{types.CRTypeEc2, types.CRTypeSpot, types.CRTypeFargate} {
		t.Run(string(kind), func(t *testing.T) {
			inAccount(t, greeting(), func(a *account) {
				a.instanceRole()
				resources := a.resources(kind)
				if kind == types.CRTypeSpot {
					resources.LaunchTemplate = &types.LaunchTemplateSpecification{LaunchTemplateName: a.launchTemplate()}
				}
				a.sweepUnder(policy, resources)
				for _, action := range a.world.Needed() {
					if !slices.Contains(setUp, action) {
						needed[action] = true
					}
				}
			})
		})
	}
	wantActions(t, policy, slices.Sorted(maps.Keys(needed)))
}

// With batchd.createRoles a sweep needs what the second policy allows besides, and all of it.
func TestThePolicyAllowsToCreateRoles(t *testing.T) {
	policy, roles := readPolicy(t, policyFile), readPolicy(t, rolesPolicyFile)
	inAccount(t, greeting(), func(a *account) {
		resources := a.resources(types.CRTypeEc2)
		resources.InstanceRole = aws.String("batchd-hosts")
		a.tags = map[string]string{"batchd:create-roles": "true"}
		a.sweepUnder(iamPolicy{slices.Concat(policy.Statement, roles.Statement)}, resources)
		besides := slices.DeleteFunc(a.world.Needed(), func(action string) bool { return slices.Contains(policy.actions(), action) })
		wantActions(t, roles, besides)
	})
}

// greeting are the options of a world in which jobs print a line, and those with the command "wait" do not end by themselves.
func greeting() awsfake.Options {
	o := awsfake.Realistic(1)
	o.ECS.Script = func(c awsfake.Container) awsfake.Play {
		runs := 90 * time.Second
		if slices.Contains(c.Command, "wait") {
			runs = awsfake.Forever
		}
		return awsfake.Play{Runs: runs, Lines: []awsfake.Line{{Text: "hello"}}}
	}
	return o
}

// sweepUnder makes an environment, runs a sweep there, reads output, terminates a job and deletes the environment, all under a policy.
func (a *account) sweepUnder(policy iamPolicy, resources *types.ComputeResource) {
	a.Helper()
	document, err := json.Marshal(policy)
	if err != nil {
		a.Fatal(err)
	}
	if err := a.world.Allow(string(document)); err != nil {
		a.Fatal(err)
	}
	a.environment("far", resources)
	ended := a.run("far", 4)
	if ended.Status != types.JobStatusSucceeded {
		a.Errorf("the sweep is %s: %s", ended.Status, aws.ToString(ended.StatusReason))
	}
	a.readOutput(*ended.JobId + ":0")
	a.runAndTerminate("far")
	a.delete("far")
	for code, times := range a.world.Meter().Errors {
		if strings.Contains(code, "Denied") || strings.Contains(code, "Unauthorized") || strings.Contains(code, "NotPermitted") {
			a.Errorf("%d calls were refused with %s", times, code)
		}
	}
}

// iamPolicy is a policy document, as far as this test reads it.
type iamPolicy struct{ Statement []map[string]any }

func readPolicy(t *testing.T, file string) (policy iamPolicy) {
	t.Helper()
	document, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(document, &policy)
	}
	if err != nil {
		t.Fatal(err)
	}
	return policy
}

// actions lists what p allows.
func (p iamPolicy) actions() (actions []string) {
	for _, s := range p.Statement {
		switch action := s["Action"].(type) {
		case string:
			actions = append(actions, action)
		case []any:
			for _, one := range action {
				actions = append(actions, fmt.Sprint(one))
			}
		}
	}
	slices.Sort(actions)
	return actions
}

func wantActions(t *testing.T, policy iamPolicy, needed []string) {
	t.Helper()
	if allowed := policy.actions(); !slices.Equal(allowed, needed) {
		t.Errorf("the policy allows\n%s\nneeded is\n%s", strings.Join(allowed, "\n"), strings.Join(needed, "\n"))
	}
}

// instanceRole gives the instance profile of the account a role, which whoever launches instances has to hand to them.
func (a *account) instanceRole() {
	a.Helper()
	client, name := iam.NewFromConfig(a.world.Config()), aws.String("ecsInstanceRole")
	if _, err := client.CreateRole(a.Context(), &iam.CreateRoleInput{RoleName: name, AssumeRolePolicyDocument: aws.String("{}")}); err != nil {
		a.Fatal(err)
	}
	if _, err := client.AddRoleToInstanceProfile(a.Context(), &iam.AddRoleToInstanceProfileInput{InstanceProfileName: name, RoleName: name}); err != nil {
		a.Fatal(err)
	}
}

// launchTemplate makes a launch template of the user's, and returns its name.
func (a *account) launchTemplate() *string {
	a.Helper()
	name := aws.String("users")
	_, err := ec2.NewFromConfig(a.world.Config()).CreateLaunchTemplate(a.Context(), &ec2.CreateLaunchTemplateInput{
		LaunchTemplateName: name, LaunchTemplateData: &ec2types.RequestLaunchTemplateData{EbsOptimized: aws.Bool(true)},
	})
	if err != nil {
		a.Fatal(err)
	}
	a.stays = append(a.stays, "ec2 launch template "+*name)
	return name
}

// readOutput reads the output of a job as the AWS CLI does.
func (a *account) readOutput(job string) {
	a.Helper()
	out, err := a.batch.DescribeJobs(a.Context(), &sdk.DescribeJobsInput{Jobs: []string{job}})
	if err != nil {
		a.Fatal(err)
	}
	client := cloudwatchlogs.New(cloudwatchlogs.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(a.app.Endpoint()), HTTPClient: &http.Client{Transport: a.http},
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
	})
	events, err := client.GetLogEvents(a.Context(), &cloudwatchlogs.GetLogEventsInput{
		LogGroupName: aws.String("/aws/batch/job"), LogStreamName: out.Jobs[0].Container.LogStreamName, StartFromHead: aws.Bool(true),
	})
	if err != nil {
		a.Fatal(err)
	}
	if len(events.Events) != 1 || aws.ToString(events.Events[0].Message) != "hello" {
		a.Errorf("the output of %s is %v", job, events.Events)
	}
}

// runAndTerminate runs a job that asks for results and does not end by itself, and terminates it.
func (a *account) runAndTerminate(queue string) {
	a.Helper()
	ctx := a.Context()
	_, err := a.batch.RegisterJobDefinition(ctx, &sdk.RegisterJobDefinitionInput{
		JobDefinitionName: aws.String("waits"), Type: types.JobDefinitionTypeContainer, Tags: map[string]string{"batchd:results": "true"},
		PlatformCapabilities: []types.PlatformCapability{types.PlatformCapabilityEc2, types.PlatformCapabilityFargate},
		ContainerProperties: &types.ContainerProperties{
			Image: aws.String("busybox"), Command: []string{"wait"}, ExecutionRoleArn: aws.String("arn:aws:iam::123456789012:role/execution"),
			ResourceRequirements: []types.ResourceRequirement{
				{Type: types.ResourceTypeVcpu, Value: aws.String("1")}, {Type: types.ResourceTypeMemory, Value: aws.String("2048")},
			},
		},
	})
	if err != nil {
		a.Fatal(err)
	}
	job, err := a.batch.SubmitJob(ctx, &sdk.SubmitJobInput{JobName: aws.String("waits"), JobQueue: &queue, JobDefinition: aws.String("waits")})
	if err != nil {
		a.Fatal(err)
	}
	a.awaitStatus(*job.JobId, types.JobStatusRunning)
	if _, err := a.batch.TerminateJob(ctx, &sdk.TerminateJobInput{JobId: job.JobId, Reason: aws.String("enough")}); err != nil {
		a.Fatal(err)
	}
	a.awaitStatus(*job.JobId, types.JobStatusFailed)
}

func (a *account) awaitStatus(job string, status types.JobStatus) {
	a.Helper()
	a.await("job "+job+" to be "+string(status), func() string {
		out, err := a.batch.DescribeJobs(a.Context(), &sdk.DescribeJobsInput{Jobs: []string{job}})
		if err != nil {
			a.Fatal(err)
		}
		if out.Jobs[0].Status == status {
			return ""
		}
		return string(out.Jobs[0].Status)
	})
}
