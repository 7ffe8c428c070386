package userdata

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"
)

var settings = Settings{
	Cluster: "batchd-nightly-0a1b2c3d", Attributes: map[string]string{"batchd.spec": "f00", "batchd.environment": "nightly"},
	Lease: Lease{Parameter: "/batchd/i-1/lease", Region: "eu-central-1", Limit: time.Hour, Tasks: 6 * time.Hour},
}

// users is user data as a person writes it for AWS Batch.
const users = `MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="==MYBOUNDARY=="

--==MYBOUNDARY==
Content-Type: text/cloud-config; charset="us-ascii"

packages:
- jq

--==MYBOUNDARY==
Content-Type: text/x-shellscript; charset="us-ascii"

#!/bin/bash
mount /dev/nvme1n1 /scratch

--==MYBOUNDARY==--
`

func encoded(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

// parts makes user data and takes it apart again, as cloud-init does.
func parts(t *testing.T, users string) []part {
	t.Helper()
	made, err := Make(users, &settings)
	if err != nil {
		t.Fatal(err)
	}
	all, err := split(made)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestTheUsersPartsComeFirstAndStayAsTheyAre(t *testing.T) {
	all := parts(t, encoded(users))
	if len(all) != 3 {
		t.Fatalf("there are %d parts, want the user's two and ours", len(all))
	}
	if !strings.Contains(string(all[0].body), "packages:\n- jq\n") || !strings.HasPrefix(all[0].header.Get("Content-Type"), "text/cloud-config") {
		t.Errorf("the first part is %v %q", all[0].header, all[0].body)
	}
	if !strings.HasPrefix(string(all[1].body), "#!/bin/bash\nmount /dev/nvme1n1 /scratch\n") {
		t.Errorf("the second part is %q", all[1].body)
	}
}

func TestOurPartConfiguresTheAgent(t *testing.T) {
	all := parts(t, "")
	if len(all) != 1 {
		t.Fatalf("there are %d parts, want one", len(all))
	}
	script := string(all[0].body)
	for _, line := range []string{
		"ECS_CLUSTER=batchd-nightly-0a1b2c3d", "ECS_RESERVED_MEMORY=32", "ECS_ENABLE_SPOT_INSTANCE_DRAINING=true", "ECS_ENABLE_TASK_IAM_ROLE=true",
		`ECS_INSTANCE_ATTRIBUTES={"batchd.environment":"nightly","batchd.spec":"f00"}`, `ECS_AVAILABLE_LOGGING_DRIVERS=["json-file","awslogs","none"]`,
		"parameter='/batchd/i-1/lease'", "region='eu-central-1'", "limit=3600", "tasks=21600", "poll=300",
	} {
		if !strings.Contains(script, "\n"+line+"\n") {
			t.Errorf("the script has no line %s:\n%s", line, script)
		}
	}
}

func TestTheSameSettingsGiveTheSameUserData(t *testing.T) {
	first, err := Make(encoded(users), &settings)
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if again, err := Make(encoded(users), &settings); again != first || err != nil {
			t.Fatalf("the second time it is %q, %v", again, err)
		}
	}
}

func TestWithoutALeaseNothingIsInstalled(t *testing.T) {
	made, err := Make("", &Settings{Cluster: "c"})
	if err != nil {
		t.Fatal(err)
	}
	if all, _ := split(made); strings.Contains(string(all[0].body), "batchd-lease") {
		t.Errorf("the script is %s", all[0].body)
	}
}

func TestUserDataThatCannotBeMergedIsRefused(t *testing.T) {
	for _, c := range []struct{ name, users, want string }{
		{"a script alone", encoded("#!/bin/bash\necho hello\n"), "MIME multi-part message"},
		{"another kind of message", encoded("Content-Type: text/plain\n\nhello\n"), "MIME multi-part message"},
		{"not base64", "#!/bin/bash", "base64"},
		{"a message that ends too early", encoded(users[:150]), "part"},
		{"more than EC2 takes", encoded(strings.Replace(users, "- jq", strings.Repeat("- jq\n", 4000), 1)), "16384"},
	} {
		if _, err := Make(c.users, &settings); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one that says %s", c.name, err, c.want)
		}
	}
}

func TestOurPartIsSmall(t *testing.T) {
	made, err := Make("", &settings)
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := base64.StdEncoding.DecodeString(made)
	if len(raw) > MaxBytes/2 {
		t.Errorf("our part has %d bytes, and more than half is to be left to users", len(raw))
	}
}
