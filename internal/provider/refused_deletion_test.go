package provider

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// TestARefusedDeletionLeavesTheEnvironmentAsItWas replaces and destroys an environment that a queue orders.
func TestARefusedDeletionLeavesTheEnvironmentAsItWas(t *testing.T) {
	r := newRuntime(t)
	unmanaged := `
resource "batch_compute_environment" "local" {
  name         = "local"
  type         = "UNMANAGED"
  service_role = "arn:aws:iam::000000000000:role/r"
}
`
	one := int32(1)
	still := func(*testing.T) {
		found, err := findEnvironment(context.WithoutCancel(t.Context()), r.client, "local")
		if err != nil || found == nil || found.state != wire.Enabled || found.status != wire.Valid {
			t.Errorf("after the refusal the environment is %+v (%v)", found, err)
		}
	}
	environment := r.block + `
resource "batch_compute_environment" "local" {
  name = "local"
  compute_resources { max_vcpus = 4 }
}
`
	refusal := spaced("job queue elsewhere: it still refers to the environment.*create_before_destroy")
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{Config: environment},
			{
				PreConfig: func() {
					_, err := r.client.CreateJobQueue(t.Context(), &wire.CreateJobQueueRequest{
						JobQueueName: "elsewhere", Priority: &one, ComputeEnvironmentOrder: []wire.ComputeEnvironmentOrder{{Order: &one, ComputeEnvironment: "local"}},
					})
					if err != nil {
						t.Fatal(err)
					}
				},
				Config: r.block + unmanaged, ExpectError: refusal,
			},
			{PreConfig: func() { still(t) }, Config: environment, Destroy: true, ExpectError: refusal},
			{
				PreConfig: func() {
					still(t)
					if err := deleteAndWait(t.Context(), r.client, "elsewhere", findQueue, queueDeletion); err != nil {
						t.Fatal(err)
					}
				},
				Config: environment,
			},
		},
	})
}

func TestWhatIsRefusedIsEnabledAgain(t *testing.T) {
	refusal := errors.New("refused")
	for _, c := range []struct {
		was    string
		remove error
		want   []string
	}{
		{wire.Enabled, refusal, []string{wire.Disabled, wire.Enabled}},
		{wire.Disabled, refusal, []string{wire.Disabled}},
		{wire.Enabled, nil, []string{wire.Disabled}},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		var states []string
		d := deletion{
			setState: func(ctx context.Context, _ *client.Client, _, state string) error {
				states = append(states, state)
				return ctx.Err()
			},
			remove: func(context.Context, *client.Client, string) error {
				cancel() // an interrupt does not keep it disabled
				return c.remove
			},
		}
		err := d.disableAndRemove(ctx, nil, "", c.was)
		cancel()
		if !errors.Is(err, c.remove) || !slices.Equal(states, c.want) {
			t.Errorf("%s, deletion %v: the states are %v, want %v (%v)", c.was, c.remove, states, c.want, err)
		}
	}
}
