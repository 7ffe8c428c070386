package api_test

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/batchd/terraform-provider-batch/internal/long"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// awsCLI returns the AWS CLI of the checkout's build directory, or that of the machine.
func awsCLI(t *testing.T) string {
	t.Helper()
	if path, err := filepath.Abs("../../build/compat/python/bin/aws"); err == nil {
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	path, err := exec.LookPath("aws")
	if err != nil {
		t.Skip("the AWS CLI is not here; .ci/awscli-up makes it")
	}
	return path
}

// TestAWSCLI submits, lists, describes and reads back a job with the AWS CLI, in the environment that
// `batchd env` makes.
func TestAWSCLI(t *testing.T) {
	long.Only(t, "starts the AWS CLI many times")
	cli := awsCLI(t)
	a := newAmazon(t)
	endpoint := *a.config.BaseEndpoint
	environment := []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "AWS_PAGER=", "AWS_DEFAULT_OUTPUT=json", "AWS_REGION=" + region, "AWS_DEFAULT_REGION=" + region,
		"AWS_ENDPOINT_URL_BATCH=" + endpoint, "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS=" + endpoint, "AWS_ENDPOINT_URL_STS=" + endpoint,
		"AWS_ACCESS_KEY_ID=" + keyID, "AWS_SECRET_ACCESS_KEY=" + secret,
	}
	run := func(into any, arguments ...string) {
		t.Helper()
		command := exec.CommandContext(t.Context(), cli, arguments...)
		command.Env = environment
		out, err := command.Output()
		if err != nil {
			var exit *exec.ExitError
			if errors.As(err, &exit) {
				t.Logf("%s", exit.Stderr)
			}
			t.Fatalf("aws %v: %v", arguments, err)
		}
		if err := json.Unmarshal(out, into); err != nil {
			t.Fatalf("aws %v: %v\n%s", arguments, err, out)
		}
	}
	var submitted struct{ JobID string }
	run(&submitted, "batch", "submit-job", "--job-name", "cli", "--job-queue", "work", "--job-definition", "talk")
	a.awaitStatus(batch.JobID(submitted.JobID), batch.Succeeded)

	var listed struct{ JobSummaryList []struct{ JobID string } }
	run(&listed, "batch", "list-jobs", "--job-queue", "work", "--job-status", "SUCCEEDED")
	if len(listed.JobSummaryList) != 1 || listed.JobSummaryList[0].JobID != submitted.JobID {
		t.Errorf("listed %+v", listed)
	}
	var described struct {
		Jobs []struct {
			Status    string
			Container struct{ LogStreamName string }
		}
	}
	run(&described, "batch", "describe-jobs", "--jobs", submitted.JobID)
	if len(described.Jobs) != 1 || described.Jobs[0].Status != "SUCCEEDED" {
		t.Fatalf("described %+v", described)
	}
	var read struct{ Events []struct{ Message string } }
	run(&read, "logs", "get-log-events", "--log-group-name", group, "--log-stream-name", described.Jobs[0].Container.LogStreamName)
	if len(read.Events) != 3 || read.Events[2].Message != "three" {
		t.Errorf("read %+v", read)
	}
	var tailed struct{ Events []struct{ Message string } }
	run(&tailed, "logs", "filter-log-events", "--log-group-name", group, "--interleaved", "--page-size", "2")
	if len(tailed.Events) != 3 || tailed.Events[0].Message != "one" || tailed.Events[2].Message != "three" {
		t.Errorf("filtered %+v", tailed)
	}
	var streams struct {
		LogStreams []struct{ LogStreamName string }
	}
	run(&streams, "logs", "describe-log-streams", "--log-group-name", group, "--order-by", "LogStreamName", "--descending")
	if len(streams.LogStreams) != 1 || streams.LogStreams[0].LogStreamName != described.Jobs[0].Container.LogStreamName {
		t.Errorf("streams %+v", streams)
	}
	var identity struct{ Account string }
	run(&identity, "sts", "get-caller-identity")
	if identity.Account != "123456789012" {
		t.Errorf("identity %+v", identity)
	}
}
