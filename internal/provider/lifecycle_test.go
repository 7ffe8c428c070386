package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/batchd/terraform-provider-batch/internal/long"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// planned wants an action for a resource in the plan of a step.
func planned(address string, action plancheck.ResourceActionType, more ...plancheck.PlanCheck) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{
		PreApply: append([]plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}, more...),
	}
}

func is(address, attribute string, value knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute), value)
}

func TestEnvironmentLifecycle(t *testing.T) {
	r := newRuntime(t)
	const address = "batch_compute_environment.x"
	with := func(name, state, resources, tags string) string {
		return r.config(t, "testdata/environment.tf", "NAME", name, "STATE", state, "RESOURCES", resources, "TAGS", tags)
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{
				Config: with("first", "ENABLED", "max_vcpus = 2\n memory = 512", `{ team = "a" }`),
				ConfigStateChecks: []statecheck.StateCheck{
					is(address, "status", knownvalue.StringExact(wire.Valid)), is(address, "type", knownvalue.StringExact(wire.Managed)),
				},
			},
			{ImportState: true, ImportStateId: "first", ResourceName: address, ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "name"},
			{
				Config:           with("first", "DISABLED", "max_vcpus = 3", `{ team = "b", also = "" }`),
				ConfigPlanChecks: planned(address, plancheck.ResourceActionUpdate),
			},
			{
				Config:           with("second", "ENABLED", "max_vcpus = 3", "null"),
				ConfigPlanChecks: planned(address, plancheck.ResourceActionDestroyBeforeCreate),
			},
			{
				// What was changed elsewhere is seen, and put right.
				PreConfig: func() {
					off := wire.Disabled
					if _, err := r.client.UpdateComputeEnvironment(t.Context(), &wire.UpdateComputeEnvironmentRequest{ComputeEnvironment: "second", State: &off}); err != nil {
						t.Fatal(err)
					}
				},
				Config:           with("second", "ENABLED", "max_vcpus = 3", "null"),
				ConfigPlanChecks: planned(address, plancheck.ResourceActionUpdate),
			},
		},
	})
}

// TestEnvironmentOfAnAccount has an environment with what batchd adds to those of AWS. Some of it is changed in place; another region is another
// environment.
func TestEnvironmentOfAnAccount(t *testing.T) {
	r := newRuntime(t)
	const address = "batch_compute_environment.x"
	with := func(region, more string) string {
		return r.config(t, "testdata/environment.tf", "NAME", "account", "STATE", "ENABLED", "TAGS", "null", "RESOURCES", strings.Join([]string{
			`type = "SPOT"`, `max_vcpus = 16`, `subnets = ["subnet-1"]`, `security_group_ids = ["sg-1"]`, `allocation_strategy = "SPOT_PRICE_CAPACITY_OPTIMIZED"`,
			`region = "` + region + `"`, `profile = "work"`, `create_roles = true`, `instance_types = ["c7i", "m7i"]`,
			`launch_template {`, `launch_template_id = "lt-1"`, `overrides {`, `launch_template_name = "large"`, `target_instance_types = ["m7i.large"]`, `}`, `}`,
			`scaling_policy {`, `min_scale_down_delay_minutes = 20`, `}`, more,
		}, "\n"))
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{Config: with("eu-central-1", "never_over = true\n helper_image = \"busybox\"")},
			{ImportState: true, ImportStateId: "account", ResourceName: address, ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "name"},
			{
				Config:           with("eu-central-1", "never_over = false\n helper_image = \"debian\"\n default_image = \"alpine\""),
				ConfigPlanChecks: planned(address, plancheck.ResourceActionUpdate),
			},
			{
				Config: strings.Replace(with("us-east-1", "never_over = true"), "SPOT", "FARGATE", 1), PlanOnly: true,
				ExpectError: spaced("compute_resources.never_over: given a value; allowed is nothing for type FARGATE"),
			},
			{
				Config:           with("us-east-1", "never_over = false\n helper_image = \"debian\"\n default_image = \"alpine\""),
				ConfigPlanChecks: planned(address, plancheck.ResourceActionDestroyBeforeCreate),
			},
		},
	})
}

func TestQueueLifecycle(t *testing.T) {
	r := newRuntime(t)
	const address = "batch_job_queue.x"
	with := func(priority, environments, team string) string {
		return r.config(t, "testdata/queue.tf", "PRIORITY", priority, "ENVIRONMENTS", environments, "TEAM", team)
	}
	const names = "batch_compute_environment.first.name, batch_compute_environment.second.name"
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{
				Config:            with("1", names, "a"),
				ConfigStateChecks: []statecheck.StateCheck{is(address, "status", knownvalue.StringExact(wire.Valid))},
			},
			{
				// The names became ARNs: the same environments, so nothing changes.
				Config:           with("1", "batch_compute_environment.first.arn, batch_compute_environment.second.arn", "a"),
				ConfigPlanChecks: planned(address, plancheck.ResourceActionNoop),
			},
			{
				Config:           with("7", "batch_compute_environment.second.name", "b"),
				ConfigPlanChecks: planned(address, plancheck.ResourceActionUpdate),
			},
			{
				ImportState: true, ImportStateId: "x", ResourceName: address, ImportStateVerify: true,
				ImportStateVerifyIdentifierAttribute: "name", ImportStateVerifyIgnore: []string{"compute_environments"},
			},
		},
	})
}

func TestDefinitionRevisions(t *testing.T) {
	r := newRuntime(t)
	const address = "batch_job_definition.x"
	with := func(keep, team, greeting string) string {
		return r.config(t, "testdata/definition.tf", "KEEP", keep, "TEAM", team, "GREETING", greeting)
	}
	revision := func(n int64) []statecheck.StateCheck {
		return []statecheck.StateCheck{is(address, "revision", knownvalue.Int64Exact(n))}
	}
	unknown := plancheck.ExpectUnknownValue(address, tfjsonpath.New("arn"))
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{Config: with("null", "a", "hi"), ConfigStateChecks: revision(1)},
			{ImportState: true, ImportStateId: "x:1", ResourceName: address, ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "name"},
			{Config: with("null", "a", "hello"), ConfigPlanChecks: planned(address, plancheck.ResourceActionUpdate, unknown), ConfigStateChecks: revision(2)},
			{
				Config: with("null", "b", "hello"),
				ConfigPlanChecks: planned(address, plancheck.ResourceActionUpdate,
					plancheck.ExpectKnownValue(address, tfjsonpath.New("revision"), knownvalue.Int64Exact(2))),
				ConfigStateChecks: revision(2),
				Check:             func(*terraform.State) error { return r.active(t, "x", 1, 2) },
			},
			{
				PreConfig: func() { r.register(t, "x") }, // revision 3 is somebody else's
				Config:    with("1", "b", "good day"), ConfigStateChecks: revision(4),
				Check: func(*terraform.State) error { return r.active(t, "x", 3, 4) },
			},
		},
		CheckDestroy: func(*terraform.State) error { return r.active(t, "x", 3) },
	})
}

// TestExamples applies every documented example: its second plan is empty and its destroy is clean.
func TestExamples(t *testing.T) {
	long.Only(t, "applies many configurations")
	for _, name := range []string{"batch_compute_environment", "batch_job_queue", "batch_job_definition", "batch_job"} {
		t.Run(name, func(t *testing.T) {
			r := newRuntime(t)
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				Steps: []resource.TestStep{{
					Config:           r.config(t, "../../examples/resources/"+name+"/resource.tf"),
					ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
				}},
			})
		})
	}
}

// TestWhatExistsIsToBeImported declares an environment and a queue whose names are taken.
func TestWhatExistsIsToBeImported(t *testing.T) {
	r := newRuntime(t)
	r.prepare(t, "#!/bin/sh\n") // the environment "local" and the queue "work"
	queue := `
resource "batch_job_queue" "mine" {
  name                 = "work"
  compute_environments = ["local"]
}
`
	environment := `
resource "batch_compute_environment" "mine" {
  name = "local"
  compute_resources { max_vcpus = 1 }
}
`
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{Config: r.block + environment, ExpectError: spaced(`terraform import batch_compute_environment.<name of the resource> local.*name_prefix`)},
			{Config: r.block + queue, ExpectError: spaced(`terraform import batch_job_queue.<name of the resource> work`)},
		},
	})
}

// TestDynamicBlocks writes blocks from variables, as the documentation shows, and ignores a change deep in one.
func TestDynamicBlocks(t *testing.T) {
	long.Only(t, "applies many configurations")
	r := newRuntime(t)
	const address = "batch_job_definition.nightly"
	example := r.config(t, "../../examples/dynamic-blocks/main.tf")
	ignoring := strings.Replace(example, "  # var.timeout", "  lifecycle {\n    ignore_changes = [container_properties.command]\n  }\n\n  # var.timeout", 1)
	other := strings.Replace(ignoring, "good night", "good morning", 1)
	retry := config.ObjectVariable(map[string]config.Variable{
		"attempts": config.IntegerVariable(2),
		"rules": config.ListVariable(config.ObjectVariable(map[string]config.Variable{
			"action": config.StringVariable("EXIT"), "exit_code": config.StringVariable("3"),
		})),
	})
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{
				Config:            example,
				ConfigStateChecks: []statecheck.StateCheck{is(address, "timeout", knownvalue.Null()), is(address, "retry_strategy", knownvalue.Null())},
			},
			{
				Config:          example,
				ConfigVariables: config.Variables{"timeout_seconds": config.IntegerVariable(90), "retry": retry},
				ConfigStateChecks: []statecheck.StateCheck{
					is(address, "revision", knownvalue.Int64Exact(2)),
					statecheck.ExpectKnownValue(address, tfjsonpath.New("timeout").AtMapKey("attempt_duration_seconds"), knownvalue.Int64Exact(90)),
					statecheck.ExpectKnownValue(address, tfjsonpath.New("retry_strategy").AtMapKey("evaluate_on_exit").AtSliceIndex(0).AtMapKey("on_exit_code"),
						knownvalue.StringExact("3")),
				},
			},
			{Config: example, ConfigPlanChecks: planned(address, plancheck.ResourceActionUpdate)},
			{Config: ignoring, ConfigPlanChecks: planned(address, plancheck.ResourceActionNoop)},
			{Config: other, ConfigPlanChecks: planned(address, plancheck.ResourceActionNoop)},
		},
	})
}
