package provider

import (
	"errors"
	"reflect"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/batchd/terraform-provider-batch/internal/long"
)

// TestAnImportedJobIsWhatWasSubmitted imports jobs with points of every kind and with every setting: what they were submitted
// with is in the state, and the configuration that submitted them plans nothing.
func TestAnImportedJobIsWhatWasSubmitted(t *testing.T) {
	long.Only(t, "applies many configurations")
	const address = "batch_job.x"
	for name, points := range map[string]string{
		"matrix":  `matrix = { word = ["b", "a"], size = [1, 2] }`,
		"include": `include = [{ word = "a" }, { size = "2" }]`,
		"array":   "array_size = 3\n  parameters = { word = \"hi\" }",
		"single":  `parameters = { word = "hi", more = "x" }`,
	} {
		t.Run(name, func(t *testing.T) {
			r := newRuntime(t)
			with := func(points string) string {
				return r.config(t, "testdata/base.tf") + r.text(t, "testdata/imported.tf", "POINTS", points, "CODE", "0")
			}
			id := func(s *terraform.State) (string, error) {
				return s.RootModule().Resources[address].Primary.Attributes["job_id"], nil
			}
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				Steps: []resource.TestStep{
					{Config: with(points)},
					{
						ImportState: true, ImportStateIdFunc: id, ResourceName: address, ImportStateVerify: true,
						ImportStateVerifyIdentifierAttribute: "job_id", ImportStateVerifyIgnore: []string{"claim"},
					},
					{Config: with(points), ImportState: true, ImportStateIdFunc: id, ResourceName: address, ImportStateKind: resource.ImportBlockWithID},
				},
			})
		})
	}
}

// TestThePlanOfAnImportedJobSaysWhetherItIsSubmittedAgain imports a job that the CLI or another client has submitted.
func TestThePlanOfAnImportedJobSaysWhetherItIsSubmittedAgain(t *testing.T) {
	long.Only(t, "applies many configurations")
	const address = "batch_job.x"
	for name, c := range map[string]struct {
		code, also string
		again      bool
	}{
		"the same":  {"0", "", false},
		"different": {"0", "matrix = { a = [1, 2] }", true},
		"failed":    {"3", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRuntime(t)
			r.prepare(t, "#!/bin/sh\nexit "+c.code+"\n")
			config := r.block + `
resource "batch_job" "x" {
  name           = "x"
  job_queue      = "work"
  job_definition = "` + r.definition(t, "script:1") + `"
  ` + c.also + `
}
`
			plan := resource.TestStep{Config: config, PlanOnly: true, ExpectNonEmptyPlan: c.again}
			if c.again {
				plan.ConfigPlanChecks = resource.ConfigPlanChecks{PostApplyPreRefresh: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
					plancheck.ExpectUnknownValue(address, tfjsonpath.New("job_id")),
				}}
			}
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				Steps: []resource.TestStep{
					{
						Config: config, ImportState: true, ImportStateId: r.run(t, "x"), ResourceName: address, ImportStatePersist: true,
						ImportStateCheck: func(states []*terraform.InstanceState) error {
							if len(states) != 1 || states[0].Attributes["claim"] == "" {
								return errors.New("the resource has no claim with which it could hold the job")
							}
							return nil
						},
					},
					plan,
				},
			})
		})
	}
}

func TestMatrixOfPoints(t *testing.T) {
	for _, c := range []struct {
		points []map[string]string
		want   map[string][]string
	}{
		{[]map[string]string{{"a": "1", "b": "x"}, {"a": "1", "b": "y"}, {"a": "2", "b": "x"}, {"a": "2", "b": "y"}}, map[string][]string{"a": {"1", "2"}, "b": {"x", "y"}}},
		{[]map[string]string{{"a": "2"}, {"a": "1"}}, map[string][]string{"a": {"2", "1"}}},
		{[]map[string]string{{"a": "1", "b": "x"}, {"a": "2", "b": "y"}}, nil},
		{[]map[string]string{{"a": "1"}, {"b": "1"}}, nil},
		{[]map[string]string{{"a": "1"}, {"a": "1"}}, nil},
	} {
		if have := matrixOf(c.points); !reflect.DeepEqual(have, c.want) {
			t.Errorf("%v: have %v, want %v", c.points, have, c.want)
		}
	}
}
