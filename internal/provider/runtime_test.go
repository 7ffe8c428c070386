package provider

import (
	"context"
	"fmt"
	"log"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/batchd/terraform-provider-batch/internal/bundled"
	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/app"
	"github.com/batchd/terraform-provider-batch/runtime/cli"
	"github.com/batchd/terraform-provider-batch/runtime/rendezvous"
)

// TestMain is the bundled runtime, its holder or the provider when this test binary is started as one.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case bundled.Argument:
			os.Exit(cli.Main(os.Args[2:], bundled.Argument))
		case "holder": // of a runtime of this process
			os.Exit(cli.Main(os.Args[1:]))
		}
	}
	if os.Getenv(envServe) != "" {
		if err := serveProvider(); err != nil {
			log.Fatal(err)
		}
		return
	}
	os.Exit(m.Run())
}

// needTerraform skips where tests may not run terraform: the test framework would download one.
func needTerraform(t *testing.T) {
	t.Helper()
	if os.Getenv(resource.EnvTfAcc) == "" {
		t.Skip("runs terraform; set " + resource.EnvTfAcc + "=1")
	}
}

// stopTimeout bounds the end of a test's runtime.
const stopTimeout = 30 * time.Second

// testRuntime is a runtime of this process, with a state directory of its own.
type testRuntime struct {
	client               *client.Client
	accessKey, secretKey string
	block                string // provider block that reaches it
}

// newRuntime starts a runtime that ends with the test.
func newRuntime(t *testing.T) *testRuntime {
	t.Helper()
	return newRuntimeWith(t, app.Options{})
}

// newRuntimeWith is newRuntime with options; the state directory is chosen here.
func newRuntimeWith(t *testing.T, o app.Options) *testRuntime {
	t.Helper()
	needTerraform(t)
	dir, err := os.MkdirTemp("", "batch") //nolint:usetesting // the path of t.TempDir may be too long for a socket in it
	if err != nil {
		t.Fatal(err)
	}
	o.StateDir = dir
	a, err := app.New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
		defer cancel()
		if err := a.Stop(ctx); err != nil {
			t.Log(err) // a connection that its client opened and did not use keeps the server waiting
		}
		removeState(t, dir)
	})
	target, err := rendezvous.Find("", dir, os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.Open(t.Context(), target, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	k := target.Credentials
	block := fmt.Sprintf("provider \"batch\" {\n  endpoint   = %q\n  access_key = %q\n  secret_key = %q\n}\n",
		target.Endpoint, k.AccessKeyID, k.SecretAccessKey)
	return &testRuntime{client: c, accessKey: k.AccessKeyID, secretKey: k.SecretAccessKey, block: block}
}

// removeState removes the directory of a runtime that has ended. Its holder outlives it and may make its socket or a line of its
// journal meanwhile; it ends once it finds the directory gone.
func removeState(t *testing.T, dir string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	var last error
	err := until(ctx, func(context.Context) (bool, error) {
		last = os.RemoveAll(dir)
		return last == nil, nil
	})
	if err != nil {
		t.Errorf("%v: %v", err, last)
	}
}

// config is the provider block and the text of a file, see [testRuntime.text].
func (r *testRuntime) config(t *testing.T, file string, replaced ...string) string {
	t.Helper()
	return r.block + r.text(t, file, replaced...)
}

// text is that of a file, in which @NAME@ is replaced for each pair of a name and a value.
func (r *testRuntime) text(t *testing.T, file string, replaced ...string) string {
	t.Helper()
	text := textOf(t, file)
	for pair := range slices.Chunk(replaced, 2) {
		text = strings.ReplaceAll(text, "@"+pair[0]+"@", pair[1])
	}
	return text
}

// active wants exactly these revisions of a definition to be active.
func (r *testRuntime) active(t *testing.T, name string, want ...int32) error {
	t.Helper()
	all, err := r.client.AllJobDefinitions(context.WithoutCancel(t.Context()), wire.DescribeJobDefinitionsRequest{JobDefinitionName: name, Status: wire.Active})
	if err != nil {
		return err
	}
	var have []int32
	for _, d := range all {
		have = append(have, d.Revision)
	}
	slices.Sort(have)
	if !slices.Equal(have, want) {
		return fmt.Errorf("revisions %v of %s are active, want %v", have, name, want)
	}
	return nil
}

// submitted returns the ids of all jobs of the queue "work".
func (r *testRuntime) submitted(t *testing.T) []string {
	t.Helper()
	var ids []string
	for _, status := range wire.JobStatuses() {
		jobs, err := r.client.AllJobs(context.WithoutCancel(t.Context()), wire.ListJobsRequest{JobQueue: "work", JobStatus: status})
		if err != nil {
			t.Fatal(err)
		}
		for _, j := range jobs {
			ids = append(ids, j.JobID)
		}
	}
	return ids
}

// register makes a revision that no resource knows of.
func (r *testRuntime) register(t *testing.T, name string) {
	t.Helper()
	_, err := r.client.RegisterJobDefinition(t.Context(), &wire.RegisterJobDefinitionRequest{
		JobDefinitionName: name, Type: wire.TypeContainer,
		ContainerProperties: &wire.ContainerProperties{
			Command: []string{"true"}, ResourceRequirements: []wire.ResourceRequirement{{Type: wire.ResourceVCPU, Value: "1"}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
}
