package awsfake

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/internal/long"
)

const (
	// othersInstalled is where make compat installs what others wrote, from this folder.
	othersInstalled = "../../../../build/compat/python/bin"
	// othersRequired is the variable that makes a program that is not installed a failure.
	othersRequired = "COMPAT"
)

// unmodelled are what moto answers and this world does not, by the path of the member or the path that it is below, and why that is right.
var unmodelled = map[string]string{
	"ec2.DescribeFleets Fleets[].LaunchTemplateConfigs":                                                "batchd knows what it asked for",
	"ec2.DescribeFleets Fleets[].TargetCapacitySpecification":                                          "batchd knows what it asked for",
	"ec2.DescribeFleets Fleets[].ExcessCapacityTerminationPolicy":                                      "it is for fleets of type maintain",
	"ec2.DescribeFleets Fleets[].TerminateInstancesWithExpiration":                                     "it is for fleets that request",
	"ec2.DescribeFleets Fleets[].ValidFrom":                                                            "it is for fleets that request",
	"ec2.DescribeImages Images[]":                                                                      "an image is an id, a name and an architecture",
	"ec2.DescribeInstanceStatus InstanceStatuses[].InstanceStatus.Details":                             "the summary says it",
	"ec2.DescribeInstanceStatus InstanceStatuses[].SystemStatus.Details":                               "the summary says it",
	"ec2.DescribeInstanceTypes InstanceTypes[]":                                                        "a type is vCPUs, memory, an architecture and GPUs",
	"ec2.DescribeInstances Reservations[].Instances[].BlockDeviceMappings":                             "there are no volumes",
	"ec2.DescribeInstances Reservations[].Instances[].NetworkInterfaces":                               "there are no network interfaces",
	"ec2.DescribeInstances Reservations[].Instances[].MetadataOptions":                                 "agents read the metadata of their instance from the world",
	"ec2.DescribeInstances Reservations[].Instances[].Placement.GroupName":                             "it is not in a group, which moto writes as an empty name",
	"ec2.DescribeInstances Reservations[].Instances[].Platform":                                        "Linux has none",
	"ec2.DescribeInstances Reservations[].Instances[].PrivateDnsName":                                  "nothing is resolved",
	"ec2.DescribeInstances Reservations[].Instances[].SourceDestCheck":                                 "nothing is routed",
	"ec2.DescribeInstances Reservations[].Instances[].SriovNetSupport":                                 "nothing is routed",
	"ec2.DescribeInstances Reservations[].Instances[].StateReason":                                     "an instance that runs has no reason, which moto writes as an empty one",
	"ec2.DescribeLaunchTemplateVersions LaunchTemplateVersions[].LaunchTemplateData.TagSpecifications": "moto adds the tags of the template to those of instances",
	"ec2.DescribeSecurityGroups SecurityGroups[].IpPermissionsEgress":                                  "nothing is routed",
	"ec2.DescribeSubnets Subnets[].PrivateDnsNameOptionsOnLaunch":                                      "nothing is resolved",
	"ec2.DescribeVpcs Vpcs[]":                                                                          "a VPC is an id",
	"ec2.RunInstances Instances[]":                                                                     "as in DescribeInstances",
	"ecs.CreateCluster cluster":                                                                        "the SDK for Go writes no zeros; settings are not kept",
	"ecs.DeleteCluster cluster":                                                                        "the SDK for Go writes no zeros; settings are not kept",
	"ecs.DescribeClusters clusters[]":                                                                  "the SDK for Go writes no zeros; settings are not kept",
	"ecs.RegisterTaskDefinition taskDefinition.networkMode":                                            "it is shown if it was given",
	"ecs.DescribeTaskDefinition taskDefinition.networkMode":                                            "it is shown if it was given",
	"ecs.DeregisterTaskDefinition taskDefinition.networkMode":                                          "it is shown if it was given",
	"events.PutTargets FailedEntryCount":                                                               "the SDK for Go writes no zeros",
	"events.RemoveTargets FailedEntryCount":                                                            "the SDK for Go writes no zeros",
	"sts.AssumeRole PackedPolicySize":                                                                  "AWS replaced it by SessionTokenUtilization",
	"logs.DescribeLogStreams logStreams[].storedBytes":                                                 "AWS shows it as zero since 2019",
	"logs.DescribeLogStreams logStreams[].uploadSequenceToken":                                         "AWS ignores it since 2023",
}

// AWS's SDK for Python reads our answers by its own model of each service, and moto's server answers the same calls: what that answers, this
// world answers too, except for what is not modelled.
func TestAnswersHaveTheMembersThatMotosHave(t *testing.T) {
	long.Only(t, "starts moto's server and calls it with the SDK for Python")
	python, moto := other(t, "python"), other(t, "moto_server")
	w := New(Options{})
	defer w.Close()
	ours := httptest.NewServer(w.Handler())
	defer ours.Close()
	theirs, used := shapes(t, python, serveMoto(t, moto)), map[string]bool{}
	for operation, answered := range shapes(t, python, ours.URL) {
		for _, path := range theirs[operation] {
			if !slices.Contains(answered, path) && !excused(operation+" "+path, used) {
				t.Errorf("moto answers %s with %s; this world does not", operation, path)
			}
		}
		delete(theirs, operation)
	}
	for operation := range theirs {
		t.Errorf("%s was called on moto only", operation)
	}
	for prefix := range unmodelled {
		if !used[prefix] {
			t.Errorf("moto does not answer with %s, or this world does too: take it off the list", prefix)
		}
	}
}

// excused reports whether a member is not modelled, and notes which line says so.
func excused(path string, used map[string]bool) bool {
	for prefix := range unmodelled {
		if strings.HasPrefix(path, prefix) {
			used[prefix] = true
			return true
		}
	}
	return false
}

// shapes makes the calls of testdata/shapes.py against an endpoint.
func shapes(t *testing.T, python, endpoint string) (found map[string][]string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), python, "-B", "testdata/shapes.py", endpoint)
	var problems bytes.Buffer
	command.Stderr, command.Env = &problems, append(os.Environ(), "AWS_CONFIG_FILE=/dev/null", "AWS_EC2_METADATA_DISABLED=true")
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", endpoint, err, &problems)
	}
	if err := json.Unmarshal(out, &found); err != nil {
		t.Fatal(err)
	}
	return found
}

// serveMoto starts moto's server and returns the endpoint that it prints.
func serveMoto(t *testing.T, moto string) string {
	t.Helper()
	command := exec.Command(moto, "-H", "127.0.0.1", "-p", "0")
	said, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill() // it keeps nothing
		_ = command.Wait()
	})
	lines := bufio.NewScanner(said)
	for lines.Scan() {
		if _, endpoint, found := strings.Cut(lines.Text(), "Running on "); found {
			go func() { _, _ = io.Copy(io.Discard, said) }() // it writes a line for each call, until it is killed
			return strings.TrimSpace(endpoint)
		}
	}
	t.Fatalf("moto's server ended before it served: %v", lines.Err())
	return ""
}

// other returns a program that others wrote, or skips the test if it is not installed.
func other(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(othersInstalled, name))
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil && os.Getenv(othersRequired) != "" {
		t.Fatalf("%s is not installed: %v", name, err)
	} else if err != nil {
		t.Skipf("%s is not installed; make compat installs it", name)
	}
	return path
}
