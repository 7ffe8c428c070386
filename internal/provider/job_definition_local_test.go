package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// TestWhatLocalDoesNotGiveIsSaid looks at a definition that asks for everything, declared for AWS and not.
func TestWhatLocalDoesNotGiveIsSaid(t *testing.T) {
	var m jobDefinitionModel
	filledModel(t, newJobDefinitionResource(), &m)
	for _, c := range []struct {
		capabilities     types.Set
		errors, warnings int
	}{
		{m.PlatformCapabilities, 0, 0},
		{types.SetNull(types.StringType), 3, 1}, // secrets, EFS and devices; the role
	} {
		var diags diag.Diagnostics
		m.PlatformCapabilities = c.capabilities
		m.validateLocal(&diags)
		if diags.ErrorsCount() != c.errors || diags.WarningsCount() != c.warnings {
			t.Errorf("for %s: %v", c.capabilities, diags)
		}
	}
}
