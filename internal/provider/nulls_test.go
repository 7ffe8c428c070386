package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/batchd/terraform-provider-batch/internal/long"
)

// refusesNull are the collections in which a null would stand for something: a validator refuses it, and so does
// TestInvalidConfigurations.
var refusesNull = []string{
	"batch_job.matrix", "batch_job.include", "batch_job.exclude", "batch_job.depends_on_jobs", "batch_job_queue.compute_environments",
}

// TestANullElementIsLeftOutAndKept applies configurations with a null in every collection that may have one. The state
// keeps it, no request has it, and nothing is left to do afterwards.
func TestANullElementIsLeftOutAndKept(t *testing.T) {
	long.Only(t, "applies many configurations")
	for _, some := range []string{"true", "false"} {
		t.Run("others "+some, func(t *testing.T) {
			r := newRuntime(t)
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				Steps: []resource.TestStep{{
					Config:            r.config(t, "testdata/nulls.tf", "SOME", some),
					ConfigStateChecks: []statecheck.StateCheck{hasNulls{schemasOf(t)}},
				}},
			})
		})
	}
}

// TestEmptyBlocks writes blocks with nothing in them. Steps want an empty plan afterwards.
func TestEmptyBlocks(t *testing.T) {
	r := newRuntime(t)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps:                    []resource.TestStep{{Config: r.config(t, "testdata/base.tf") + r.text(t, "testdata/empty_blocks.tf")}},
	})
}

// hasNulls wants each collection that a configuration may set to have a null element in some resource of the state.
type hasNulls struct {
	schemas *tfprotov6.GetProviderSchemaResponse
}

// CheckState looks at all resources of the root module.
func (c hasNulls) CheckState(_ context.Context, req statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
	seen := map[string]bool{}
	for _, r := range req.State.Values.RootModule.Resources {
		nullsIn(r.Type, c.schemas.ResourceSchemas[r.Type].Block, r.AttributeValues, seen)
	}
	for _, name := range refusesNull {
		delete(seen, name)
	}
	var missing []string
	for _, name := range slices.Sorted(maps.Keys(seen)) {
		if !seen[name] {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		resp.Error = fmt.Errorf("no null is in the state of %s", strings.Join(missing, ", "))
	}
}

// nullsIn notes every collection of a block, and whether a value of it has a null element.
func nullsIn(at string, b *tfprotov6.SchemaBlock, values map[string]any, seen map[string]bool) {
	for _, a := range b.Attributes {
		if (a.Optional || a.Required) && isCollection(a.Type) {
			seen[at+"."+a.Name] = seen[at+"."+a.Name] || hasNull(values[a.Name])
		}
	}
	for _, inner := range b.BlockTypes {
		below, _ := values[inner.TypeName].(map[string]any)
		if list, ok := values[inner.TypeName].([]any); ok && len(list) > 0 {
			below, _ = list[0].(map[string]any)
		}
		nullsIn(at+"."+inner.TypeName, inner.Block, below, seen)
	}
}

func isCollection(t tftypes.Type) bool {
	return t != nil && (t.Is(tftypes.Map{}) || t.Is(tftypes.List{}) || t.Is(tftypes.Set{}))
}

func hasNull(value any) bool {
	switch value := value.(type) {
	case []any:
		return slices.Contains(value, nil)
	case map[string]any:
		for _, element := range value {
			if element == nil {
				return true
			}
		}
	}
	return false
}
