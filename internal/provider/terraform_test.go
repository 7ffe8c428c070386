package provider

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/batchd/terraform-provider-batch/internal/long"
)

// envServe makes this test binary the provider.
const envServe = "TEST_SERVES_PROVIDER"

const (
	providerAddress = "batchd/batch"
	providerBlock   = "terraform {\n  required_providers {\n    batch = { source = \"" + providerAddress + "\" }\n  }\n}\n"
)

// serveProvider is what terraform starts as the provider.
func serveProvider() error {
	go ExitWithTerraform()
	return providerserver.Serve(context.Background(), New("test"), providerserver.ServeOpts{Address: "registry.terraform.io/" + providerAddress})
}

// workspace is a directory in which terraform runs and starts the provider as a process of its own, as it does for a
// user. The test framework does neither: it cannot be killed, and it knows no -replace.
type workspace struct {
	t   *testing.T
	dir string
}

func newWorkspace(t *testing.T) *workspace {
	t.Helper()
	long.Only(t, "terraform starts the provider as a process, again for each command")
	self, err := os.Executable()
	w := &workspace{t: t, dir: t.TempDir()}
	if err == nil {
		err = os.Symlink(self, filepath.Join(w.dir, "terraform-provider-batch"))
	}
	if err == nil {
		settings := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    %q = %q\n  }\n  direct {}\n}\n", providerAddress, w.dir)
		err = os.WriteFile(filepath.Join(w.dir, "settings"), []byte(settings), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// configure replaces the configuration.
func (w *workspace) configure(config string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, "main.tf"), []byte(providerBlock+config), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// command is a command of terraform whose output goes to the buffer.
func (w *workspace) command(args ...string) (*exec.Cmd, *bytes.Buffer) {
	var out bytes.Buffer
	cmd := exec.Command(os.Getenv("TF_ACC_TERRAFORM_PATH"), args...)
	if cmd.Path == "" {
		cmd = exec.Command("terraform", args...)
	}
	cmd.Dir, cmd.Stdout, cmd.Stderr = w.dir, &out, &out
	cmd.Env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+filepath.Join(w.dir, "settings"), "TF_CLI_ARGS=-no-color", envServe+"=1", "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1")
	return cmd, &out
}

// try runs terraform, and returns what it wrote, unwrapped.
func (w *workspace) try(args ...string) (string, error) {
	cmd, out := w.command(args...)
	err := cmd.Run()
	return unwrapped(out.String()), err
}

// run is try for what must succeed.
func (w *workspace) run(args ...string) string {
	w.t.Helper()
	out, err := w.try(args...)
	if err != nil {
		w.t.Fatalf("terraform %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

// apply applies the configuration.
func (w *workspace) apply(args ...string) string {
	w.t.Helper()
	return w.run(append([]string{"apply", "-auto-approve"}, args...)...)
}

// refused is apply for what must fail, with these words.
func (w *workspace) refused(words ...string) string {
	w.t.Helper()
	out, err := w.try("apply", "-auto-approve")
	if err == nil {
		w.t.Fatalf("the apply succeeded:\n%s", out)
	}
	w.says(out, words...)
	return out
}

// says wants these words in what terraform wrote.
func (w *workspace) says(out string, words ...string) {
	w.t.Helper()
	for _, word := range words {
		if !strings.Contains(out, word) {
			w.t.Fatalf("terraform does not say %q:\n%s", word, out)
		}
	}
}

// resources returns the attributes of the jobs in the state, by address.
func (w *workspace) jobs() map[string]map[string]any {
	w.t.Helper()
	cmd, out := w.command("show", "-json")
	if err := cmd.Run(); err != nil {
		w.t.Fatalf("terraform show: %v\n%s", err, out)
	}
	var state struct {
		Values struct {
			RootModule struct {
				Resources []struct {
					Address, Type string
					Values        map[string]any
				}
			} `json:"root_module"`
		}
	}
	if err := json.Unmarshal(out.Bytes(), &state); err != nil {
		w.t.Fatal(err)
	}
	jobs := map[string]map[string]any{}
	for _, r := range state.Values.RootModule.Resources {
		if r.Type == "batch_job" {
			jobs[r.Address] = r.Values
		}
	}
	return jobs
}

// job returns an attribute of the one job.
func (w *workspace) job(attribute string) any {
	w.t.Helper()
	return w.jobs()["batch_job.counted"][attribute]
}
