package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// TestTheAccountIsUsedOnlyWhenAsked takes runtime.aws where it is written, and BATCHD_AWS where it is not.
func TestTheAccountIsUsedOnlyWhenAsked(t *testing.T) {
	members := map[string]attr.Type{"state_dir": types.StringType, "idle_timeout": types.StringType, "auto_start": types.BoolType, "aws": types.BoolType}
	block := func(aws types.Bool) types.Object {
		return types.ObjectValueMust(members, map[string]attr.Value{
			"state_dir": types.StringNull(), "idle_timeout": types.StringNull(), "auto_start": types.BoolNull(), "aws": aws,
		})
	}
	for name, test := range map[string]struct {
		block    types.Object
		variable string
		want     bool
	}{
		"no block":                 {types.ObjectNull(members), "", false},
		"no block, variable":       {types.ObjectNull(members), "1", true},
		"not written":              {block(types.BoolNull()), "", false},
		"not written, variable":    {block(types.BoolNull()), "1", true},
		"written":                  {block(types.BoolValue(true)), "", true},
		"written against variable": {block(types.BoolValue(false)), "1", false},
		"variable that is not a 1": {block(types.BoolNull()), "yes", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(envAWS, test.variable)
			var problems diag.Diagnostics
			config, err := (&providerModel{Runtime: test.block}).config(t.Context(), "dev", &problems)
			if err != nil || problems.HasError() || config.AWS != test.want {
				t.Errorf("aws %t, want %t (%v, %v)", config.AWS, test.want, err, problems)
			}
		})
	}
}
