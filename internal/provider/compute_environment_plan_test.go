package provider

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/batchd/terraform-provider-batch/internal/long"
)

// TestChangesThatReplaceInstancesAreKnownInThePlan changes one setting after another of an EC2 environment, under a strategy
// that allows none of them and under one that allows all.
func TestChangesThatReplaceInstancesAreKnownInThePlan(t *testing.T) {
	long.Only(t, "applies many configurations")
	r := newRuntime(t)
	const address = "batch_compute_environment.x"
	replaces := map[string]string{
		"subnets": `["s-2"]`, "security_group_ids": `["sg-2"]`, "instance_types": `["c6i"]`, "instance_role": `"r2"`, "image_id": `"ami-2"`,
		"ec2_key_pair": `"k2"`, "placement_group": `"p2"`, "bid_percentage": "50", "tags": `{ a = "2" }`,
		"launch_template": "{\n launch_template_id = \"lt-2\"\n}", "ec2_configuration": "{\n image_type = \"ECS_AL2023\"\n}",
		"allocation_strategy": "", "type": "", // changed below, and always
	}
	if have, want := slices.Sorted(maps.Keys(replaces)), replacingAttributes(); !slices.Equal(have, want) {
		t.Fatalf("the test changes %v, the table has %v", have, want)
	}
	base := map[string]string{
		"max_vcpus": "1", "subnets": `["s-1"]`, "security_group_ids": `["sg-1"]`, "instance_types": `["c5"]`, "instance_role": `"r"`, "image_id": `"ami-1"`,
		"ec2_key_pair": `"k1"`, "placement_group": `"p1"`, "tags": `{ a = "1" }`,
	}
	with := func(strategy string, changed ...string) string {
		settings := maps.Clone(base)
		for _, name := range changed {
			settings[name] = replaces[name]
		}
		settings["allocation_strategy"] = strategy
		var lines []string
		for _, name := range slices.Sorted(maps.Keys(settings)) {
			assign := " = "
			if strings.HasPrefix(settings[name], "{\n") {
				assign = " "
			}
			lines = append(lines, name+assign+settings[name])
		}
		return r.config(t, "testdata/ec2.tf", "SETTINGS", strings.Join(lines, "\n"))
	}
	step := func(action plancheck.ResourceActionType, config string) resource.TestStep {
		return resource.TestStep{Config: config, PlanOnly: true, ExpectNonEmptyPlan: true, ConfigPlanChecks: resource.ConfigPlanChecks{
			PostApplyPreRefresh: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)},
		}}
	}
	steps := []resource.TestStep{{Config: with("null")}}
	var all []string
	for _, name := range slices.Sorted(maps.Keys(replaces)) {
		if replaces[name] != "" && name != "bid_percentage" { // Spot only
			steps = append(steps, step(plancheck.ResourceActionCreateBeforeDestroy, with("null", name)))
			all = append(all, name)
		}
	}
	steps = append(steps,
		resource.TestStep{Config: with(`"BEST_FIT_PROGRESSIVE"`, all...), ConfigPlanChecks: planned(address, plancheck.ResourceActionUpdate)},
		step(plancheck.ResourceActionUpdate, with(`"BEST_FIT_PROGRESSIVE"`, slices.DeleteFunc(slices.Clone(all), func(name string) bool { return name == "tags" })...)),
		step(plancheck.ResourceActionCreateBeforeDestroy, with(`"BEST_FIT"`, all...)),
	)
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: factories, Steps: steps})
}
