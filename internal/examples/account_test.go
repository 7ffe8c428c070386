package examples

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// instanceProfile is what the instances of the account have.
const instanceProfile = "ecsInstanceRole"

// inAccount are the variables of an example in the account: its network, and the image that needs no registry.
var inAccount = []string{
	`subnets=["subnet-0aaaaaaaaaaaaaaaa"]`, `security_group_ids=["sg-0123456789abcdef0"]`, "instance_role=" + instanceProfile,
	"image=" + image, "paths=500", "max_vcpus=32",
}

// account is the double of an AWS account, served by a process of its own. Its instances boot in seconds, some are taken back while
// they work, and its tasks are containers on this machine.
type account struct {
	t           *testing.T
	endpoint    string
	environment []string // with which the SDK uses it, one NAME=value each
}

// openAccount builds and starts an account, which ends with the test.
func openAccount(t *testing.T) account {
	t.Helper()
	program := build(t, filepath.Join(t.TempDir(), "awsfake"), "./runtime/cmd/awsfake")
	command := exec.Command(program, "-boot=1s", "-spot-loss=0.3", "-spot-life=10s")
	command.Stderr = os.Stderr
	printed, err := command.StdoutPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	a := account{t: t, environment: []string{"AWS_PROFILE=", "AWS_SESSION_TOKEN=", "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null"}}
	lines := bufio.NewScanner(printed)
	for lines.Scan() {
		a.environment = append(a.environment, lines.Text())
		if endpoint, is := strings.CutPrefix(lines.Text(), "AWS_ENDPOINT_URL="); is {
			a.endpoint = endpoint
		}
		if strings.HasPrefix(lines.Text(), "AWS_SECRET_ACCESS_KEY=") { // the last line
			break
		}
	}
	t.Cleanup(func() {
		if err := command.Process.Signal(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
		if err := command.Wait(); err != nil {
			t.Errorf("awsfake: %v", err)
		}
	})
	if a.endpoint == "" {
		t.Fatalf("awsfake printed %q and no endpoint", a.environment)
	}
	a.makeProfile()
	return a
}

// makeProfile makes the instance profile, as the launch wizard of AWS does.
func (a account) makeProfile() {
	a.t.Helper()
	client := iam.New(iam.Options{Region: "us-east-1", BaseEndpoint: &a.endpoint, Credentials: credentials.NewStaticCredentialsProvider("AKIAIOSFODNN7EXAMPLE", "example", "")})
	if _, err := client.CreateInstanceProfile(a.t.Context(), &iam.CreateInstanceProfileInput{InstanceProfileName: aws.String(instanceProfile)}); err != nil {
		a.t.Fatal(err)
	}
}

// mustBeEmpty wants nothing in the account but what was there before, and the output of jobs.
func (a account) mustBeEmpty() {
	a.t.Helper()
	left := slices.DeleteFunc(strings.Split(strings.TrimSpace(a.get("/awsfake/leftovers")), "\n"), func(line string) bool {
		return line == "iam instance profile "+instanceProfile || line == "log group /aws/batch/job"
	})
	if len(left) > 0 {
		a.t.Errorf("left in the account:\n%s", strings.Join(left, "\n"))
	}
}

func (a account) get(path string) string {
	a.t.Helper()
	request, err := http.NewRequestWithContext(context.WithoutCancel(a.t.Context()), http.MethodGet, a.endpoint+path, nil)
	if err != nil {
		a.t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		a.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		a.t.Fatalf("%s: %s, %v", path, response.Status, err)
	}
	return string(text)
}

// checkAccount wants a price for each of the 200 points, however many instances were lost under them.
func checkAccount(tf *terraform) {
	const points = 200
	var prices []any
	if err := json.Unmarshal([]byte(tf.must("output", "-json", "prices")), &prices); err != nil || len(prices) != points {
		tf.t.Errorf("%d prices (%v), want %d", len(prices), err, points)
	}
	tf.t.Logf("%s of %d points ran again, for want of their instances", tf.must("output", "-raw", "ran_again"), points)
}
